"""The second baseline: gradient boosting on each factor's value, and its mean and deviation nearby.

It sees what a few pixels around tell, and nothing of shapes: what a network scores above it is what
convolutions bring. Same training tiles as the network, fitted at the natural prevalence.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import ndimage

from core.display import bins
from core.jobs.report import Report
from core.learning.scores import metrics
from core.learning.split import Split, tile_table
from core.scene.files.guard import CACHE_BYTES
from core.scene.store import Scene

WINDOWS = (3, 9)
MARGIN = max(WINDOWS) // 2
FIGURES = 1 + 2 * len(WINDOWS)  # of every column of values


BACKGROUND = 1 / 20  # of the pixels without landslide that are trained on, weighted back
MOST_LANDSLIDE, MOST_BACKGROUND = 60_000, 240_000
# A scene and its split.
Ground = tuple[Scene, Split]
SETTINGS = {
    "max_iter": 70,
    "max_leaf_nodes": 24,
    "min_samples_leaf": 120,
    "l2_regularization": 5.0,
    "max_bins": 127,
    "early_stopping": False,
    "random_state": 0,
}


def count(
    learned: Sequence[Ground], tested: Ground, factors: Sequence[str], report: Report
) -> np.ndarray:
    """Fit on the training part of the (scene, split) pairs `learned`; return counts uint32 (tiles,
    200, 2) of the test part of `tested`.

    The other tiles' counts are 0: how well it knows what it was fitted on is no baseline. Read
    tile by tile, so memory does not grow with the scene.
    """
    scene, split = tested
    counts = np.zeros((len(split.part), bins.BINS, 2), np.uint32)
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
        report("Fitting the second baseline (gradient boosting)", 0.0)
        booster = _fit(*_sample(learned, factors))
        tests = split.tiles(metrics.TEST).tolist()
        with _tiles(scene, split, factors) as tile:
            for done, number in enumerate(tests):
                report("Measuring the second baseline", 0.5 + 0.5 * done / len(tests))
                x, y = tile(number)
                if len(x):
                    counts[number] = metrics.count(bins.to_display(_probability(booster, x)), y)
    return counts


@contextmanager
def _tiles(scene: Scene, split: Split, factors: Sequence[str]) -> Iterator:
    """What gives a tile's (x (pixels, n), y bool (pixels,)) by its number."""
    with scene.reading() as read, scene.reading_mask() as read_mask:

        def tile(number: int) -> tuple[np.ndarray, np.ndarray]:
            x, seen = read_around(scene, split, number, factors, read)
            return x[seen], read_mask(split.tiling.window(number))[seen] == 1

        yield tile


def _sample(
    learned: Sequence[Ground], factors: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, y, weight): landslide pixels and a share of the others, weighted back to their number."""
    landslide = background = 0
    for scene, split in learned:
        table, tiles = tile_table(scene, split.tiling), split.tiles(metrics.TRAIN)
        landslide += int(table.landslide[tiles].sum())
        background += int((table.valid - table.landslide)[tiles].sum())
    shares = {
        True: min(1.0, MOST_LANDSLIDE / max(landslide, 1)),
        False: min(BACKGROUND, MOST_BACKGROUND / max(background, 1)),
    }
    xs, ys = [], []
    for scene, split in learned:
        with _tiles(scene, split, factors) as tile:
            for number in split.tiles(metrics.TRAIN).tolist():
                x, y = tile(number)
                # By tile, so that a tile's pixels are drawn alike whatever the others hold.
                draw = np.random.default_rng([5, number]).random(len(y))
                kept = draw < np.where(y, *shares.values())
                xs.append(x[kept].astype(np.float32))
                ys.append(y[kept])
    y = np.concatenate(ys)
    return np.concatenate(xs), y, np.where(y, 1 / shares[True], 1 / shares[False])


def _fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Any:
    """The booster; the share of landslides where there is only one class to learn."""
    # Here: loading it takes seconds, and a network's training comes first.
    from sklearn.ensemble import HistGradientBoostingClassifier

    if y.all() or not y.any():
        return float(y.mean()) if len(y) else 0.0
    return HistGradientBoostingClassifier(**SETTINGS).fit(x, y, sample_weight=weight)


def _probability(booster: Any, x: np.ndarray) -> np.ndarray:
    if isinstance(booster, float):
        return np.full(len(x), booster)
    return booster.predict_proba(x)[:, 1]


def read_around(scene: Scene, split: Split, number: int, factors: Sequence[str], reader) -> tuple:
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
