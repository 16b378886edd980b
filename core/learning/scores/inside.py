"""Scores inside and outside the area of applicability of a run's map, from stored counts."""

from typing import Any

import numpy as np

from core.learning.prediction import products
from core.learning.scores import evaluation, metrics, operating_point
from core.runs import applicability
from core.runs.store import Run


def scores(
    run: Run,
    scene: str | None = None,
    area: metrics.Area | None = None,
    threshold: float | None = None,
) -> dict[str, Any] | None:
    """Return {area, area_words, threshold, index_threshold, inside_share, inside, outside} on an
    area (default: the usual one) at a threshold (default: the one kept with the run); None where
    the applicability was not measured, or another map has been counted since.

    `inside` and `outside` are the scores of `metrics.scores` with average_precision, pixels and
    `share`, of the area's pixels.
    """
    about = applicability.load(run, scene)
    if about is None:
        return None
    folder = run.prediction(scene)
    area = area or evaluation.usual_area(run, folder.name)
    threshold = operating_point.kept_threshold(run) if threshold is None else threshold
    counts, part = products.load_counts(folder)
    within = applicability.load_counts(run, scene).astype(np.int64)
    if within.shape != counts.shape or (within > counts).any():
        return None
    total = metrics.area_counts(counts, part, area)
    near = metrics.area_counts(within, part, area)
    return {
        "area": area,
        "area_words": evaluation.area_words(run, folder.name, area),
        "threshold": threshold,
        "index_threshold": about["threshold"],
        "inside_share": about["inside_share"],
        "inside": _side(near, total, threshold),
        "outside": _side(total - near, total, threshold),
    }


def _side(counts: np.ndarray, total: np.ndarray, threshold: float) -> dict[str, float]:
    pixels = int(counts.sum())
    return {
        **metrics.scores(counts, threshold),
        "average_precision": metrics.average_precision(counts),
        "pixels": pixels,
        "share": pixels / max(int(total.sum()), 1),
    }
