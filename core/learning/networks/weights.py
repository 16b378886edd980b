"""Weights files (HDF5): checked before Keras reads one, halved before one is shipped.

A file from anywhere may point at other files or claim endless sizes. Only plain numbers that lie
in the file itself are accepted: hard links, no external or virtual data, no filter beyond zip.
"""

import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from core.errors import SlideScopeError

MOST_BYTES = 2**30
MOST_OBJECTS, DEEPEST = 50_000, 64
FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}

Shapes = dict[str, tuple[int, ...]]


def shapes(path: Path) -> Shapes:
    """Return the shape of every array in the file by its name; refuse what is not plain."""
    if not h5py.is_hdf5(path):
        raise SlideScopeError(
            f"'{path.name}' is no HDF5 file: weights are kept as Keras writes them "
            "(.weights.h5); give such a file."
        )
    try:
        with h5py.File(path, "r") as file:
            return {name: data.shape for name, data in _arrays(file, path.name)}
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise _refused(path.name, f"it cannot be read ({type(error).__name__})") from error


def _arrays(file: h5py.File, label: str) -> Iterator[tuple[str, h5py.Dataset]]:
    """Walk the file without following anything that leads out of it."""
    waiting, seen, total = [("", file)], 0, 0
    while waiting:
        prefix, group = waiting.pop()
        for name in group:
            where = f"{prefix}{name}"
            seen += 1
            if seen > MOST_OBJECTS or where.count("/") > DEEPEST:
                raise _refused(label, "it has no end of groups within groups")
            # Before it is opened: opening follows the link.
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise _refused(label, f"'{where}' is a link to somewhere else")
            item = group[name]
            if isinstance(item, h5py.Group):
                waiting.append((f"{where}/", item))
                continue
            problem = _not_plain(item)
            if problem:
                raise _refused(label, f"'{where}' {problem}")
            total += math.prod(item.shape) * item.dtype.itemsize
            if total > MOST_BYTES:
                raise _refused(label, f"it claims more than {MOST_BYTES / 1e9:.1f} GB")
            yield where, item


def _not_plain(item: Any) -> str | None:
    if not isinstance(item, h5py.Dataset) or item.shape is None or item.dtype.kind not in "fiu":
        return "is no array of numbers"
    if item.is_virtual or item.external:
        return "lies in another file (virtual or external data)"
    made = item.id.get_create_plist()
    if any(made.get_filter(n)[0] not in FILTERS for n in range(made.get_nfilters())):
        return "needs a filter that is not part of HDF5"
    return None


def _refused(label: str, why: str) -> SlideScopeError:
    return SlideScopeError(
        f"'{label}' is refused: {why}; weights must be plain arrays inside one file, as "
        "`python -m core pack` writes them."
    )


def save(network: Any, path: Path) -> None:
    """Write the layers' weights alone: Keras would add a compiled model's optimizer, twice the
    size of the network."""
    import keras

    keras.Model(network.inputs, network.outputs).save_weights(path)


def load(network: Any, path: Path, title: str) -> None:
    """Put the weights of a file from anywhere into `network` (called `title` in sentences)."""
    found = shapes(path)
    with tempfile.TemporaryDirectory() as scratch:
        own = Path(scratch) / "own.weights.h5"
        save(network, own)
        needed = shapes(own)
    problem = mismatch(found, needed)
    if problem:
        raise SlideScopeError(
            f"The weights do not fit {title}: {problem}; give weights and model.json of one "
            "network."
        )
    try:
        network.load_weights(path)
    except (ValueError, KeyError, OSError, RuntimeError, TypeError) as error:
        raise _refused(path.name, f"Keras cannot load it ({type(error).__name__})") from error
    if not all(np.isfinite(np.asarray(w)).all() for w in network.weights):
        raise _refused(path.name, "some of its numbers are infinite or none at all")


def mismatch(found: Shapes, needed: Shapes) -> str | None:
    """What does not fit, in words that finish a sentence.

    >>> mismatch({"conv/0": (3, 3, 9, 16)}, {"conv/0": (3, 3, 10, 16)})
    "'conv/0' has shape 3 x 3 x 9 x 16, 3 x 3 x 10 x 16 is needed"
    >>> mismatch({}, {"conv/0": (16,), "conv/1": (16,)})
    "'conv/0' is missing, as is 1 more of 2 arrays"
    """
    missing = [name for name in needed if name not in found]
    if missing:
        more = len(missing) - 1
        others = f", as {'is' if more == 1 else 'are'} {more} more of {len(needed)} arrays"
        return f"'{missing[0]}' is missing" + (others if more else "")
    for name, shape in needed.items():
        if found[name] != shape:
            return f"'{name}' has shape {_by(found[name])}, {_by(shape)} is needed"
    extra = [name for name in found if name not in needed]
    return f"'{extra[0]}' belongs to no layer" if extra else None


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(str(n) for n in shape) or "()"


def halve(source: Path, target: Path) -> None:
    """Copy a weights file with its kernels in half precision, compressed.

    Kernels are what is large. Vectors stay as they are: elevation's mean and deviation do not
    survive half precision and small variances would become 0. Keras casts back on loading.
    """
    # The newest file layout: the oldest takes more room for the groups than for small networks.
    with h5py.File(source, "r") as old, h5py.File(target, "w", libver="latest") as new:

        def copy(name: str, item: Any) -> None:
            if isinstance(item, h5py.Group):
                made = new.require_group(name)
            elif item.ndim >= 2 and item.dtype == np.float32:
                with np.errstate(over="ignore"):
                    half = item[()].astype(np.float16)
                if not np.isfinite(half).all():
                    raise ValueError(f"'{name}' holds numbers beyond half precision")
                made = new.create_dataset(name, data=half, compression="gzip", shuffle=True)
            else:
                made = new.create_dataset(name, data=item[()])
            made.attrs.update(item.attrs)

        old.visititems(copy)
        new.attrs.update(old.attrs)
