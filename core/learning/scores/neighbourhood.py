"""What surrounds a pixel, in plain figures: value, mean and standard deviation in square windows.

A window reads nothing of another part of the split, nothing of a buffer and, in a tile scene,
nothing over the tile's border: what it may not read counts as missing, like no-data.
"""

from collections.abc import Sequence

import numpy as np
from rasterio.windows import Window
from scipy import ndimage

from core.learning.split import Split
from core.scene.store import Scene

WINDOWS = (3, 9)
MARGIN = max(WINDOWS) // 2
FIGURES = 1 + 2 * len(WINDOWS)  # of every column of values


def read(scene: Scene, split: Split, number: int, factors: Sequence[str], reader) -> tuple:
    """Return (features float32 (rows, columns, n), seen bool (rows, columns)) of a tile.

    `reader` is what `scene.reading()` gives; `seen` are the tile's pixels that count: with data,
    outside every buffer. Features are NaN where nothing is known (a gap of the deformation rate).
    """
    inner = split.tiling.window(number)
    window, inside = _widened(scene, split, inner)
    values = reader(window)
    valid = scene.valid(np.moveaxis(values, 0, -1), scene.factor_names)
    seen = valid & _readable(scene, split, number, window)
    which = [scene.factor_names.index(name) for name in factors]
    chosen = np.where(seen, values[which], np.nan)
    circular = [scene.factor(name).kind == "circular" for name in factors]
    return features(_unwound(chosen, circular))[inside], seen[inside]


def features(values: np.ndarray) -> np.ndarray:
    """float32 (rows, columns, n x FIGURES) of values (n, rows, columns): of each the value, then
    mean and deviation in every window, over what is known there.

    >>> found = features(np.array([[[1.0, 2.0, np.nan]]]))
    >>> found.shape, found[0, 0, :3].tolist()
    ((1, 3, 5), [1.0, 1.5, 0.5])
    """
    known = np.isfinite(values)
    # Squares of raw elevations would cost digits.
    pixels = known.sum(axis=(1, 2), keepdims=True)
    filled = np.where(known, values, 0).astype(np.float64)
    shift = filled.sum(axis=(1, 2), keepdims=True) / np.maximum(pixels, 1)
    centred = np.where(known, filled - shift, 0)
    found = [np.where(known, values, np.nan)]
    for width in WINDOWS:
        share, total, squares = (_mean(a, width) for a in (known, centred, centred**2))
        there = share > 0.5 / width**2
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(there, total / share, np.nan)
            deviation = np.sqrt(np.maximum(squares / share - mean**2, 0))
        found += [mean + shift, deviation]
    stacked = np.stack(found, axis=1).reshape(-1, *values.shape[1:])
    return stacked.transpose(1, 2, 0).astype(np.float32)


def _mean(values: np.ndarray, width: int) -> np.ndarray:
    """Means over windows of `width`; beyond the edge there is 0, which counts for nothing."""
    size = (0, width, width)
    return ndimage.uniform_filter(values.astype(np.float64), size, mode="constant")


def _widened(scene: Scene, split: Split, inner: Window) -> tuple[Window, tuple[slice, slice]]:
    """The tile's window with a margin (none in a tile scene), and where the tile lies in it."""
    margin = 0 if scene.kind == "tiles" else MARGIN
    top, left = max(0, inner.row_off - margin), max(0, inner.col_off - margin)
    bottom = min(split.tiling.height, inner.row_off + inner.height + margin)
    right = min(split.tiling.width, inner.col_off + inner.width + margin)
    rows = slice(inner.row_off - top, inner.row_off - top + inner.height)
    columns = slice(inner.col_off - left, inner.col_off - left + inner.width)
    return Window(left, top, right - left, bottom - top), (rows, columns)


def _readable(scene: Scene, split: Split, number: int, window: Window) -> np.ndarray:
    """bool (rows, columns): pixels of the window in tiles of the same part, outside every buffer;
    in a tile scene of the tile itself."""
    tiling, tile = split.tiling, split.tiling.tile
    found = np.zeros((window.height, window.width), bool)
    for row in range(window.row_off // tile, -(-(window.row_off + window.height) // tile)):
        for column in range(window.col_off // tile, -(-(window.col_off + window.width) // tile)):
            other = row * tiling.shape[1] + column
            if split.part[other] != split.part[number]:
                continue
            top, left = row * tile - window.row_off, column * tile - window.col_off
            rows = slice(max(0, top), min(window.height, top + tile))
            columns = slice(max(0, left), min(window.width, left + tile))
            usable = split.usable(other)
            found[rows, columns] = usable[
                rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
            ]
    return found


def _unwound(values: np.ndarray, circular: Sequence[bool]) -> np.ndarray:
    """Bearings (degrees) as sine and cosine: the mean of 1 and 359 degrees is north."""
    found = []
    for layer, turns in zip(values, circular):
        angle = np.radians(layer)
        found += [np.sin(angle), np.cos(angle)] if turns else [layer]
    return np.stack(found)
