"""The layers of a stack's files on their common grid, and the files that do not fit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import SlideScopeError
from core.scene.files import containers, formats, guard
from core.scene.grid import Grid
from core.scene.interferograms import checks, extent, mintpy, sidecars
from core.scene.interferograms.extent import Header
from core.scene.interferograms.found import Found, Interferogram, LeftOut
from core.scene.interferograms.pixels import ArrayLayer, Handles, Layer, Stored, TiffLayer
from core.scene.interferograms.survey import Pair

# PyRate writes what it has converted in place.
_UNITS, _MILLIMETRES = "DATA_UNITS", "MILLIMETRES"


@dataclass(frozen=True)
class Opened:
    """`pairs` with their layers on `grid`, `base` the file whose pixels the grid has; every
    wavelength (metres) that the files name."""

    found: Found
    grid: Grid
    base: Header
    pairs: list[tuple[Pair, Interferogram]]
    left_out: list[LeftOut]
    wavelengths: list[float]
    handles: Handles
    folders: tuple[Path, ...] | None


def size_bytes(layer: Layer) -> int:
    return layer.shape[0] * layer.shape[1] * np.dtype(layer.dtype).itemsize


def open_layers(
    found: Found,
    kept: Sequence[Interferogram],
    within: tuple[float, ...] | None,
    handles: Handles,
    folders: tuple[Path, ...] | None,
) -> Opened:
    """Bring the files of the pairs onto one grid; nothing is decoded."""
    if found.container is not None:
        return _from_container(found, kept, within, handles, folders)
    heads, pairs, left_out = _headers(kept, folders)
    if not pairs:
        raise SlideScopeError(checks.nothing_left(found, left_out))
    placed = extent.place(heads, within)
    fitting = [
        (h, p, at) for h, p, at in zip(heads, pairs, placed.offsets) if not isinstance(at, str)
    ]
    left_out += [LeftOut(p.name, at) for p, at in zip(pairs, placed.offsets) if isinstance(at, str)]
    base = fitting[0][0]
    opener = _Opener(placed.grid, base, handles, folders)
    layers = [(opener.pair(h, p, at), p) for h, p, at in fitting]
    named = [sidecars.number(h.tag("WAVELENGTH_METRES")) for h, _, _ in fitting]
    known = [w for w in named if w is not None]
    return Opened(found, placed.grid, base, layers, left_out, known, handles, folders)


def _headers(
    kept: Sequence[Interferogram], folders: Sequence[Path] | None
) -> tuple[list[Header], list[Interferogram], list[LeftOut]]:
    heads, pairs, left_out = [], [], []
    for pair in kept:
        if pair.phase is None:
            left_out.append(LeftOut(pair.name, "has no unwrapped phase"))
            continue
        guard.check_file(pair.phase, folders)
        try:
            head = extent.read(pair.phase, folders)
        except SlideScopeError:
            left_out.append(LeftOut(pair.name, f"is damaged ('{pair.phase.name}')"))
            continue
        if head.tag(_UNITS).upper() == _MILLIMETRES:
            left_out.append(LeftOut(pair.name, "is in millimetres (DATA_UNITS), not radians"))
            continue
        heads.append(head)
        pairs.append(pair)
    return heads, pairs, left_out


class _Opener:
    """Makes the layers of pairs on one grid."""

    def __init__(
        self, grid: Grid, base: Header, handles: Handles, folders: tuple[Path, ...] | None
    ):
        self._grid, self._base, self._handles, self._folders = grid, base, handles, folders

    def pair(self, head: Header, pair: Interferogram, at: tuple[int, int]) -> Pair:
        stored = Stored(head.nodata, head.unscale, pair.swapped)
        phase = self.layer(head, at)
        found = self._coherence(pair.coherence) if pair.coherence else None
        if found is None:
            return Pair(phase, stored)
        return Pair(phase, stored, self.layer(*found), Stored(found[0].nodata, found[0].unscale))

    def _coherence(self, path: Path) -> tuple[Header, tuple[int, int]] | None:
        """A coherence that cannot be opened or lies on another grid is none."""
        try:
            head = extent.read(path, self._folders)
        except SlideScopeError:
            return None
        at = extent.offset(self._grid, self._base, head)
        return None if at is None else (head, at)

    def layer(self, head: Header, at: tuple[int, int]) -> TiffLayer:
        return tiff(head, at, self._grid, self._handles, self._folders)


def tiff(
    head: Header,
    at: tuple[int, int],
    grid: Grid,
    handles: Handles,
    folders: tuple[Path, ...] | None,
) -> TiffLayer:
    """A file as a layer of the grid, whose corner lies at (row, column) `at` in it."""
    return TiffLayer(
        path=head.path,
        row=at[0],
        column=at[1],
        shape=grid.shape,
        size=(head.height, head.width),
        dtype=head.dtype,
        block_rows=head.block_rows,
        block_bytes=head.block_bytes,
        handles=handles,
        folders=folders,
    )


def _from_container(
    found: Found,
    kept: Sequence[Interferogram],
    within: tuple[float, ...] | None,
    handles: Handles,
    folders: tuple[Path, ...] | None,
) -> Opened:
    """The layers of a MintPy file; one in radar coordinates is refused."""
    path = guard.check_file(found.container or "", folders)
    place = containers.mintpy_place(path)
    if place is None:
        raise SlideScopeError(
            f"'{path.name}' has no attributes WIDTH, LENGTH and FILE_TYPE: its grid cannot be "
            "read; load the stack again with MintPy's load_data.py."
        )
    with containers.opened(path) as file:
        arrays = {n: file[n] for n in (mintpy.PHASES, mintpy.COHERENCES) if n in file}
        for array in arrays.values():
            _check_array(path, array)
        shape = arrays[mintpy.PHASES].shape
        types = {n: a.dtype.name for n, a in arrays.items() if a.shape == shape}
        chunks = {n: a.chunks[1] if a.chunks else 1 for n, a in arrays.items()}
        metres = sidecars.number(_text(file.attrs.get("WAVELENGTH", "")))
    head = Header(path, place.crs, place.transform, shape[2], shape[1], types[mintpy.PHASES])
    placed = extent.place([head], within)
    at = placed.offsets[0]
    if isinstance(at, str):
        raise SlideScopeError(f"'{path.name}' {at}: geocode the stack north-up with MintPy.")

    def layer(name: str, index: int) -> ArrayLayer:
        place = (index, *at, placed.grid.shape)
        return ArrayLayer(path, name, *place, types[name], chunks[name], handles)

    def layers_of(pair: Interferogram) -> Pair:
        index, has = pair.index or 0, mintpy.COHERENCES in types
        coherence = layer(mintpy.COHERENCES, index) if has else None
        return Pair(layer(mintpy.PHASES, index), Stored(turned=pair.swapped), coherence)

    pairs = [(layers_of(pair), pair) for pair in kept]
    known = [] if metres is None else [metres]
    return Opened(found, placed.grid, head, pairs, [], known, handles, folders)


def _check_array(path: Path, array) -> None:
    """Refuse what is no array of numbers, or too large to be read by parts."""
    chunk = math.prod(array.chunks or (0,)) * array.dtype.itemsize
    if array.dtype.kind not in "fiu" or array.ndim != 3:
        raise SlideScopeError(
            f"'{path.name}' holds phases or coherences of type {array.dtype} in {array.ndim} "
            "dimensions: they are real numbers (pairs, rows, columns); load the stack again with "
            "MintPy's load_data.py."
        )
    if chunk > formats.MAX_BLOCK_BYTES or array.nbytes > formats.MAX_DECLARED_BYTES:
        raise SlideScopeError(
            f"'{path.name}' declares {array.nbytes / 1e9:.0f} GB of phases: over "
            f"{formats.MAX_DECLARED_BYTES / 1e9:.0f} GB, or in pieces over "
            f"{formats.MAX_BLOCK_BYTES / 1e9:.1f} GB, is refused; cut it to the area."
        )


def _text(value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
