"""The second baseline: gradient boosting on each factor's value, and its mean and deviation nearby.

It sees what a few pixels around tell, and nothing of shapes: what a network scores above it is what
convolutions bring. Same training tiles as the network, fitted at the natural prevalence.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import rasterio

from core.display import bins
from core.jobs.report import Report
from core.learning.scores import metrics, neighbourhood
from core.learning.split import Split, tile_table
from core.scene.files.guard import CACHE_BYTES
from core.scene.store import Scene

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
            x, seen = neighbourhood.read(scene, split, number, factors, read)
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
