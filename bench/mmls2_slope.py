"""The rule to beat: slope, smoothed within a tile, at or above one threshold."""

from __future__ import annotations

import numpy as np
from mmls2_data import TEST, TILE, TRAIN
from scipy.ndimage import gaussian_filter

from core.learning.scores import metrics
from core.scene import store as scenes

NAME = "smoothed slope, one threshold"
SIGMAS = (2, 4, 6, 8, 12)
THRESHOLDS = np.arange(4.0, 40.0, 0.5)


def score() -> dict:
    """Choose width and threshold on the training tiles, score the others."""
    slope, mask = read(TRAIN)
    tried = {s: curve(smooth(slope, s), mask) for s in SIGMAS}
    sigma = max(tried, key=lambda s: tried[s].max())
    threshold = float(THRESHOLDS[tried[sigma].argmax()])
    slope, mask = read(TEST)
    return {
        "miou": round(miou(smooth(slope, sigma) >= threshold, mask), 4),
        "miou_on_training_tiles": round(float(tried[sigma].max()), 4),
        "sigma_px": sigma,
        "threshold_degrees": threshold,
    }


def read(name: str) -> tuple[np.ndarray, np.ndarray]:
    """(slope in degrees, landslide) of every tile, (tiles, 128, 128)."""
    scene = scenes.load(name)
    shape = (-1, TILE, TILE)
    return scene.read(("slope",))[..., 0].reshape(shape), scene.read_mask().reshape(shape) == 1


def smooth(tiles: np.ndarray, sigma: float) -> np.ndarray:
    return gaussian_filter(tiles, (0, sigma, sigma))


def curve(tiles: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """mIoU at every threshold."""
    return np.array([miou(tiles >= t, mask) for t in THRESHOLDS])


def miou(found: np.ndarray, mask: np.ndarray) -> float:
    tp, fp, fn = (int(v.sum()) for v in (found & mask, found & ~mask, ~found & mask))
    return metrics.confusion_scores(tp, fp, fn, mask.size - tp - fp - fn)["miou"]
