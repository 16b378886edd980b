"""The validation part after every epoch: from whole-part counts, never batch means."""

from pathlib import Path
from typing import Any

import numpy as np

from core import atomic
from core.learning import bins, metrics
from core.learning.feed import Ground, TileFeed
from core.learning.options import LARGER_IS_BETTER
from core.learning.tiling import cut

FILE = "validation.npz"
EPSILON = 1e-7


def measure(
    built: Any, feed: TileFeed | Ground, tiles: np.ndarray, batch: int, crop: int = 0
) -> tuple[dict[str, float], np.ndarray]:
    """Cross-entropy, F1 and landslide IoU at 0.5, and average precision on `tiles`; and the counts
    (200, 2) behind them.

    `crop`: tiles are cut into squares of that side, what the network was trained on. The loss is
    binary cross-entropy whatever the network was trained with, so that runs compare.
    """
    counts = np.zeros((bins.BINS, 2), np.int64)
    loss = pixels = 0.0
    for x, y, weight in _batches(feed, tiles, batch, crop):
        predicted = np.asarray(built.predict_on_batch(x), np.float64)[..., 0]
        inside = weight > 0
        p, truth = np.clip(predicted[inside], EPSILON, 1 - EPSILON), y[..., 0][inside]
        loss -= float(np.where(truth > 0, np.log(p), np.log1p(-p)).sum())
        pixels += inside.sum()
        counts += metrics.count(bins.to_display(predicted[inside]), truth)
    scored = metrics.scores(counts)
    measured = {
        "val_loss": loss / max(pixels, 1),
        "val_f1": scored["f1"],
        "val_iou": scored["iou_landslide"],
        "val_ap": metrics.average_precision(counts),
    }
    return measured, counts


def _batches(feed: TileFeed | Ground, tiles: np.ndarray, batch: int, crop: int):
    """(x, y, weight) of about `batch` squares, or tiles, at a time."""
    for start in range(0, len(tiles), batch):
        x, y, weight = feed.batch(tiles[start : start + batch])
        if not crop:
            yield x, y, weight
            continue
        found = cut(x, crop, np.nan), cut(y, crop), cut(weight, crop)
        for first in range(0, len(found[0]), batch):
            yield tuple(part[first : first + batch] for part in found)


def keep(run: Path, counts: np.ndarray) -> None:
    """Keep the validation counts (200, 2) of the network that a run kept."""
    with atomic.whole_file(run / FILE) as temporary:
        np.savez_compressed(temporary, counts=counts)


def kept(run: Path) -> np.ndarray | None:
    """The counts that `keep` wrote, None where there are none (runs of earlier versions)."""
    if not (run / FILE).exists():
        return None
    with np.load(run / FILE, allow_pickle=False) as file:
        return file["counts"]


def better(monitor: str, value: float, best: float | None) -> bool:
    """Whether an epoch's `value` beats the best so far; with `last` every epoch does.

    >>> better("val_loss", 0.1, 0.2), better("val_iou", 0.1, 0.2), better("last", 9.0, 0.0)
    (True, False, True)
    """
    if best is None or monitor == "last":
        return True
    return value > best if LARGER_IS_BETTER[monitor] else value < best
