"""MintPy's `ifgramStack.h5`: all pairs of a stack in one HDF5 file (MintPy 1.6: objects/stack)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import SlideScopeError
from core.scene.files import containers, guard
from core.scene.interferograms import products
from core.scene.interferograms.found import Found, Interferogram, LeftOut
from core.scene.interferograms.sidecars import number

PHASES, COHERENCES = "unwrapPhase", "coherence"


def holds(path: Path, folders: Sequence[Path] | None = None) -> bool:
    """Whether an HDF5 file holds unwrapped pairs; a damaged one does not."""
    try:
        guard.check_file(path, folders)
        containers.check_links(path)
        return {PHASES, "date"} <= set(containers.arrays(path))
    except SlideScopeError:
        return False


def find(path: Path, folders: Sequence[Path] | None = None) -> Found | None:
    """The stack in a MintPy file, None where it holds no pairs.

    Raises SlideScopeError where the file reaches into others, or its list of pairs is broken.
    """
    path = guard.check_file(path, folders)
    containers.check_links(path)
    if not {PHASES, "date"} <= set(containers.arrays(path)):
        return None
    with containers.opened(path) as file:
        days = np.asarray(file["date"])
        shape = file[PHASES].shape
        count = shape[0] if len(shape) == 3 else 0
        keep = np.asarray(file["dropIfgram"], bool) if "dropIfgram" in file else np.ones(count)
        metres = np.asarray(file["bperp"], np.float64) if "bperp" in file else np.zeros(count)
        known = "bperp" in file
        about = {k: _text(v) for k, v in file.attrs.items()}
    _check(path, days, count, keep, metres)
    pairs, left_out = [], []
    for index, (one, other) in enumerate(_dates(path, days)):
        baseline = number(str(metres[index])) if known else None
        first, second = min(one, other), max(one, other)
        pair = Interferogram(
            first=first,
            second=second,
            swapped=one > other,
            baseline_m=None if baseline is None else -baseline if one > other else baseline,
            index=index,
        )
        # True means that MintPy keeps the pair, whatever the name says.
        if keep[index]:
            pairs.append(pair)
        else:
            left_out.append(LeftOut(pair.name, "is dropped in the file (dropIfgram)"))
    return Found(
        label=path.name,
        product=products.MINTPY,
        pairs=tuple(sorted(pairs, key=lambda p: (p.first, p.second))),
        left_out=tuple(left_out),
        heading=number(about.get("HEADING")),
        container=path,
    )


def _check(path: Path, days, count: int, keep, metres) -> None:
    shapes = days.shape == (count, 2), keep.shape == (count,), metres.shape == (count,)
    if not count or not all(shapes):
        raise SlideScopeError(
            f"'{path.name}' has {count} arrays of phase and a list of {len(days)} pairs: both "
            "belong together; load the stack again with MintPy's load_data.py."
        )


def _dates(path: Path, days):
    for row in days:
        found = [products.dates_in(_text(v)) for v in row]
        if not all(found):
            raise SlideScopeError(
                f"'{path.name}' has a pair without two dates ({_text(row[0])}, {_text(row[1])}): "
                "they are written as 20210109; load the stack again with MintPy's load_data.py."
            )
        yield found[0][0][0], found[1][0][0]


def _text(value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
