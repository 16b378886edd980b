"""The validation part after every epoch: from whole-part counts, never batch means."""

from typing import Any

import numpy as np

from core.learning import bins, metrics
from core.learning.feed import TileFeed

EPSILON = 1e-7
# Is a larger value of the monitored metric the better one?
LARGER_IS_BETTER = {"val_loss": False, "val_iou": True, "val_ap": True}


def measure(built: Any, feed: TileFeed, tiles: np.ndarray, batch: int) -> dict[str, float]:
    """Cross-entropy, F1 and landslide IoU at 0.5, and average precision on `tiles`.

    The loss is binary cross-entropy whatever the network was trained with, so that runs compare.
    """
    counts = np.zeros((bins.BINS, 2), np.int64)
    loss = pixels = 0.0
    for start in range(0, len(tiles), batch):
        x, y, weight = feed.batch(tiles[start : start + batch])
        predicted = np.asarray(built.predict_on_batch(x), np.float64)[..., 0]
        inside = weight > 0
        p, truth = np.clip(predicted[inside], EPSILON, 1 - EPSILON), y[..., 0][inside]
        loss -= float(np.where(truth > 0, np.log(p), np.log1p(-p)).sum())
        pixels += inside.sum()
        counts += metrics.count(bins.to_display(predicted[inside]), truth)
    scored = metrics.scores(counts)
    return {
        "val_loss": loss / max(pixels, 1),
        "val_f1": scored["f1"],
        "val_iou": scored["iou_landslide"],
        "val_ap": metrics.average_precision(counts),
    }


def better(monitor: str, value: float, best: float | None) -> bool:
    """Whether an epoch's `value` beats the best so far; with `last` every epoch does.

    >>> better("val_loss", 0.1, 0.2), better("val_iou", 0.1, 0.2), better("last", 9.0, 0.0)
    (True, False, True)
    """
    if best is None or monitor == "last":
        return True
    return value > best if LARGER_IS_BETTER[monitor] else value < best
