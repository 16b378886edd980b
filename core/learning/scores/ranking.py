"""How well a map ranks the ground: rate curves, classes of probability, the Boyce index.

All from counts (200 bins, 2 classes), so at no threshold and without reading the map again.

Sources: Chung and Fabbri (2003), Natural Hazards 30, 451-472 (success and prediction rate); Hirzel
et al. (2006), Ecological Modelling 199, 142-152 (continuous Boyce index), with the moving window
and the removal of repeated ratios of `ecospat.boyce` (Broennimann et al., R package ecospat).
"""

from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from scipy import stats

from core.analysis import classing
from core.analysis.one_pass.histogram import FineHistogram
from core.display.bins import BINS
from core.errors import SlideScopeError
from core.learning.request import CLASSES, MOST_CLASSES

Breaks = Literal["equal", "quantile", "natural"]
# A moving window is this share of the probabilities that occur.
WINDOW = 0.1
LEAST_WINDOWS = 3


def rate_curve(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (share of area, share of landslides), each float64 (201,), both 0 to 1: what the
    most probable share of the area holds of the landslide pixels. On the ground that was trained
    on it is the success-rate curve, on ground that was not seen the prediction-rate curve.

    >>> counts = np.zeros((200, 2), int); counts[199] = 10, 30; counts[0] = 50, 10
    >>> area, landslides = rate_curve(counts)
    >>> area[[0, 1, 200]].tolist(), landslides[[0, 1, 200]].tolist()
    ([0.0, 0.4, 1.0], [0.0, 0.75, 1.0])
    """
    falling = counts[::-1].astype(np.float64).cumsum(axis=0)
    area, found = falling.sum(axis=1), falling[:, 1]
    return (
        np.append(0.0, area / max(area[-1], 1)),
        np.append(0.0, found / max(found[-1], 1)),
    )


def areas_under(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Return {rate_auc, roc_auc} of counts (..., 200, 2), each of shape (...): the areas under the
    rate curve and under the ROC curve, by trapezoids; NaN where a class is missing.

    At a prevalence q they are one figure, rate_auc = roc_auc (1 - q) + q / 2.

    >>> counts = np.zeros((200, 2), int); counts[199] = 10, 30; counts[0] = 50, 10
    >>> {name: round(float(value), 4) for name, value in areas_under(counts).items()}
    {'rate_auc': 0.675, 'roc_auc': 0.7917}
    """
    falling = counts[..., ::-1, :].astype(np.float64).cumsum(axis=-2)
    other, landslide = falling[..., 0], falling[..., 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        fpr, recall = other / other[..., -1:], landslide / landslide[..., -1:]
        steps = np.diff(fpr, prepend=0, axis=-1)
        middle = (recall + np.concatenate([0 * recall[..., :1], recall[..., :-1]], axis=-1)) / 2
        roc = (steps * middle).sum(axis=-1)
        prevalence = landslide[..., -1] / (landslide[..., -1] + other[..., -1])
    return {"rate_auc": roc * (1 - prevalence) + prevalence / 2, "roc_auc": roc}


def classes(counts: np.ndarray, breaks: Breaks = "equal", number: int = CLASSES) -> list[dict]:
    """Return a row a class of probability, the lowest first, of counts (200, 2): {low, high,
    pixels, landslide_pixels, area_share, landslide_share, density, frequency_ratio}.

    `equal`: equal steps from 0 to 1, alike for all maps; `quantile`: about equal area; `natural`:
    Jenks's, both of this map. `density` is the share of the class that is landslide,
    `frequency_ratio` that share beside the one of the whole area.
    """
    edges = _edges(counts, breaks, number)
    total, landslides = int(counts.sum()), int(counts[:, 1].sum())
    rows = []
    for low, high in pairwise(edges):
        inside = counts[low:high].sum(axis=0)
        pixels, found = int(inside.sum()), int(inside[1])
        area, share = pixels / max(total, 1), found / max(landslides, 1)
        rows.append(
            {
                "low": low / BINS,
                "high": high / BINS,
                "pixels": pixels,
                "landslide_pixels": found,
                "area_share": area,
                "landslide_share": share,
                "density": found / pixels if pixels else None,
                "frequency_ratio": share / area if pixels and landslides else None,
            }
        )
    return rows


def _edges(counts: np.ndarray, breaks: Breaks, number: int) -> list[int]:
    """The bins at which classes begin and end."""
    check_number(number)
    if breaks == "equal" or not counts.any():
        return np.linspace(0, BINS, number + 1).round().astype(int).tolist()
    fine = FineHistogram(0.0, 1 / BINS, counts.T)
    inner = classing.breaks(fine, breaks, number)[1:-1].tolist()
    return [0, *inner, BINS]


def breaks_named(text: str) -> Breaks:
    """The breaks that a text names, or a SlideScopeError."""
    for breaks in get_args(Breaks):
        if breaks == text:
            return breaks
    raise SlideScopeError(
        f"Unknown class breaks '{text}': they are {', '.join(get_args(Breaks))}; choose one."
    )


def check_number(number: int) -> None:
    """Raise a SlideScopeError for a number of classes that is no classing."""
    if not 2 <= number <= MOST_CLASSES:
        raise SlideScopeError(
            f"Invalid number of classes {number}: a table of probabilities has 2 to "
            f"{MOST_CLASSES}; choose a number in between."
        )


def boyce(counts: np.ndarray) -> tuple[float | None, list[tuple[float, float]]]:
    """Return the continuous Boyce index of counts (200, 2), and (probability, ratio) of every
    window that it is computed from; None where there are fewer than three.

    A window of a tenth of the probabilities that occur moves up bin by bin; its ratio is the share
    of landslides in it over the share of area in it. The index is Spearman's rank correlation of
    ratio and probability, of neighbouring equal ratios the last alone counted: 1 where more
    probable ground always holds more landslides, 0 where the map says nothing, below where it
    says the contrary.

    >>> counts = np.zeros((200, 2), int); counts[:, 0] = 100; counts[:, 1] = np.arange(200)
    >>> boyce(counts)[0]
    1.0
    """
    middles, ratios = _windows(counts)
    points = list(zip(middles.tolist(), ratios.tolist()))
    counted = np.append(ratios[1:] != ratios[:-1], True) if len(ratios) else np.zeros(0, bool)
    if counted.sum() < LEAST_WINDOWS:
        return None, points
    return float(stats.spearmanr(middles[counted], ratios[counted]).statistic), points


def _windows(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(probability at the middle, ratio) of every window that holds a pixel, rising."""
    total = counts.sum(axis=1, dtype=np.float64)
    used = np.flatnonzero(total)
    if not len(used) or not counts[:, 1].any():
        return np.zeros(0), np.zeros(0)
    first, last = int(used[0]), int(used[-1]) + 1
    width = max(1, round(WINDOW * (last - first)))
    starts = np.arange(first, last - width + 1)
    area, found = (
        np.append(0.0, values.cumsum())[starts + width] - np.append(0.0, values.cumsum())[starts]
        for values in (total, counts[:, 1].astype(np.float64))
    )
    there = area > 0
    ratios = (found[there] / counts[:, 1].sum()) / (area[there] / total.sum())
    # Equal ratios must be equal in the last digit too.
    return (starts[there] + width / 2) / BINS, ratios.round(10)
