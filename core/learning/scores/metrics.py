"""Metrics from whole-area counts: the one place they are computed (paper, equations 4-10).

Counts are stored per tile x 200 probability bins x reference class, so that the score of any
area at any threshold is a sum. `counts[..., 0]` is not landslide, `counts[..., 1]` landslide.
"""

from typing import Literal

import numpy as np

from core.display.bins import BINS, NO_DATA, first_bin
from core.errors import SlideScopeError

TRAIN, VALIDATION, TEST = 0, 1, 2
Area = Literal["test", "validation", "train", "all"]
AREAS: dict[str, int] = {"train": TRAIN, "validation": VALIDATION, "test": TEST}
AREA_WORDS: dict[Area, str] = {
    "test": "held-out tiles",
    "validation": "validation tiles (they chose the best epoch)",
    "train": "training tiles (seen in training)",
    "all": "whole scene, training tiles included",
}


def count(display: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return counts uint32 (200, 2) of one area; pixels without data are left out.

    `display` uint8 display values, `reference` uint8 1 = landslide, of one shape.
    """
    seen = display != NO_DATA
    code = (display[seen].astype(np.int64) - 1) * 2 + (reference[seen] > 0)
    return np.bincount(code, minlength=2 * BINS).reshape(BINS, 2).astype(np.uint32)


def area_counts(counts: np.ndarray, part: np.ndarray, area: Area) -> np.ndarray:
    """Sum counts (tiles, 200, 2) over the tiles of an area; returns int64 (200, 2)."""
    return counts[in_area(part, area)].sum(axis=0, dtype=np.int64)


def in_area(part: np.ndarray, area: Area) -> np.ndarray:
    """bool (tiles,): the tiles of an area, from the part of every tile."""
    if area == "all":
        return np.ones(len(part), bool)
    return part == AREAS[area_named(area)]


def area_named(text: str) -> Area:
    """The area that a text names, or a SlideScopeError."""
    for area in AREA_WORDS:
        if area == text:
            return area
    raise SlideScopeError(
        f"Unknown area '{text}': it must be one of {', '.join(AREA_WORDS)}; choose one."
    )


def scores(counts: np.ndarray, threshold: float = 0.5) -> dict[str, float]:
    """Return the five metrics of the paper, landslide IoU and the confusion counts.

    A ratio with an empty denominator is 0 (no predicted pixel: precision 0).

    >>> table = np.zeros((200, 2), int); table[150] = 10, 30; table[10] = 50, 10
    >>> s = scores(table)
    >>> s["precision"], s["recall"], s["iou_landslide"]
    (0.75, 0.75, 0.6)
    """
    tp, fp, fn, tn = (int(v) for v in confusion(counts, threshold))
    return confusion_scores(tp, fp, fn, tn)


def confusion(counts: np.ndarray, threshold: float) -> tuple[np.ndarray, ...]:
    """Return (tp, fp, fn, tn) of counts (..., 200, 2) at a threshold, each of shape (...)."""
    check_threshold(threshold)
    cut = first_bin(threshold)
    above, below = counts[..., cut:, :].sum(axis=-2), counts[..., :cut, :].sum(axis=-2)
    return above[..., 1], above[..., 0], below[..., 1], below[..., 0]


def confusion_scores(tp: int, fp: int, fn: int, tn: int) -> dict[str, float]:
    """Return precision, recall, F1 (4-6), kappa (7-9), MIoU (10), landslide IoU and the counts."""
    found = {name: float(value) for name, value in ratios(tp, fp, fn, tn).items()}
    return {**found, "tp": tp, "fp": fp, "fn": fn, "tn": tn}


def ratios(tp, fp, fn, tn) -> dict[str, np.ndarray]:
    """Return the six ratios of counts, numbers or arrays of one shape.

    >>> found = ratios(np.array([30, 0]), np.array([10, 0]), np.array([10, 5]), np.array([50, 95]))
    >>> found["f1"].tolist(), found["iou_landslide"].tolist()
    ([0.75, 0.0], [0.6, 0.0])
    """
    # Products of whole-scene counts leave 64-bit integers behind.
    tp, fp, fn, tn = (np.asarray(value, np.float64) for value in (tp, fp, fn, tn))
    total = tp + fp + fn + tn
    observed = _ratio(tp + tn, total)
    expected = _ratio((tp + fn) * (tp + fp) + (fp + tn) * (fn + tn), total * total)
    iou, background = _ratio(tp, tp + fp + fn), _ratio(tn, tn + fp + fn)
    return {
        "precision": _ratio(tp, tp + fp),
        "recall": _ratio(tp, tp + fn),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "kappa": _ratio(observed - expected, 1 - expected),
        "miou": (iou + background) / 2,
        "iou_landslide": iou,
    }


def average_precision(counts: np.ndarray) -> float:
    """Area under the precision-recall steps over the 200 thresholds, 0 without landslides.

    >>> perfect = np.zeros((200, 2), int); perfect[0, 0] = 90; perfect[199, 1] = 10
    >>> average_precision(perfect)
    1.0
    """
    return float(average_precisions(counts))


def average_precisions(counts: np.ndarray) -> np.ndarray:
    """`average_precision` of counts (..., 200, 2), shape (...)."""
    falling = counts[..., ::-1, :].astype(np.float64).cumsum(axis=-2)
    fp, tp = falling[..., 0], falling[..., 1]
    steps = np.diff(tp, prepend=0, axis=-1)
    return _ratio((steps * _ratio(tp, tp + fp)).sum(axis=-1), tp[..., -1])


def best_f1(counts: np.ndarray) -> tuple[float, float]:
    """Return (threshold, F1) of the best F1; choose it on validation, never on test."""
    falling = counts[::-1].astype(np.float64).cumsum(axis=0)[::-1]
    fp, tp = falling[:, 0], falling[:, 1]
    f1 = 2 * tp / np.maximum(tp + fp + counts[:, 1].sum(), 1)
    cut = int(f1.argmax())
    return cut / BINS, float(f1[cut])


def at_every_threshold(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Return the six ratios and `fpr`, the false positive rate, at the 201 thresholds 0, .005 .. 1
    of counts (200, 2), each float64 (201,): precision over recall and recall over fpr are the PR
    and the ROC curve.

    >>> counts = np.zeros((200, 2), int); counts[150] = 10, 30; counts[10] = 50, 10
    >>> found = at_every_threshold(counts)
    >>> found["recall"][[0, 100, 200]].tolist(), round(float(found["fpr"][100]), 4)
    ([1.0, 0.75, 0.0], 0.1667)
    """
    falling = counts[::-1].astype(np.float64).cumsum(axis=0)[::-1]
    fp, tp = (np.append(falling[:, i], 0) for i in (0, 1))
    fn, tn = tp[0] - tp, fp[0] - fp
    return {**ratios(tp, fp, fn, tn), "fpr": _ratio(fp, fp + tn)}


def check_threshold(threshold: float) -> None:
    if not 0 <= threshold <= 1:
        raise SlideScopeError(
            f"Invalid threshold {threshold}: a probability lies between 0 and 1; choose such a one."
        )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=np.asarray(whole) != 0)
