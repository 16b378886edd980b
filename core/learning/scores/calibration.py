"""Whether a probability means what it says: reliability, Brier score, isotonic recalibration.

From counts (200 bins, 2 classes); a bin's pixels count at its middle, which is .0025 off at most.

Sources: Brier (1950), Monthly Weather Review 78, 1-3; Murphy (1973), Journal of Applied
Meteorology 12, 595-600 (its three parts); Zadrozny and Elkan (2002), KDD, 694-699 (isotonic).
"""

import numpy as np
from scipy import optimize

from core.display.bins import BINS

STEPS = 20  # steps of the reliability diagram, each of BINS / STEPS probability bins
MIDDLES = (np.arange(BINS) + 0.5) / BINS


def reliability(counts: np.ndarray, said: np.ndarray = MIDDLES) -> list[dict[str, float]]:
    """Return {predicted, observed, pixels} of each of 20 steps of probability that holds pixels.

    `counts` (200, 2); `said` (200,) is the probability that stands for each bin. `predicted` is the
    mean probability of the step's pixels, `observed` the landslide share among them.

    >>> table = np.zeros((200, 2), int); table[50] = 3, 1
    >>> reliability(table)
    [{'predicted': 0.2525, 'observed': 0.25, 'pixels': 4}]
    """
    pixels = counts.sum(axis=1, dtype=np.int64)
    step = np.minimum((said * STEPS).astype(int), STEPS - 1)
    grouped = [np.bincount(step, values) for values in (pixels, pixels * said, counts[:, 1])]
    return [
        {
            "predicted": round(float(total / n), 6),
            "observed": round(float(landslide / n), 6),
            "pixels": int(n),
        }
        for n, total, landslide in zip(*grouped)
        if n
    ]


def expected_error(counts: np.ndarray, said: np.ndarray = MIDDLES) -> float:
    """Expected calibration error of `reliability`: |predicted - observed| averaged over all pixels,
    0 without any.

    With one landslide pixel in hundreds, most pixels lie in the first step and so does most of
    this figure: read it beside the diagram.

    >>> table = np.zeros((200, 2), int); table[50] = 3, 1; table[199] = 0, 4
    >>> round(expected_error(table), 4)
    0.0025
    """
    found = reliability(counts, said)
    pixels = sum(step["pixels"] for step in found)
    gaps = sum(abs(step["predicted"] - step["observed"]) * step["pixels"] for step in found)
    return gaps / pixels if pixels else 0.0


def briers(counts: np.ndarray, predicted: np.ndarray = MIDDLES) -> np.ndarray:
    """Brier score of counts (..., 200, 2), shape (...): the mean of (probability - landslide)².

    `predicted` float64 (200,): the probability that stands for each bin.

    >>> table = np.zeros((200, 2), int); table[100] = 1, 1
    >>> round(float(briers(table)), 6)
    0.250006
    """
    outside, inside = counts[..., 0], counts[..., 1]
    squares = (outside * predicted**2 + inside * (1 - predicted) ** 2).sum(axis=-1)
    return squares / np.maximum(counts.sum(axis=(-2, -1)), 1)


def parts(counts: np.ndarray) -> dict[str, float | None]:
    """Return Murphy's three parts of the Brier score of counts (200, 2), and its skill.

    brier = reliability - resolution + uncertainty. `uncertainty` is the score of whoever says the
    prevalence everywhere, `skill` the share of it that the map takes away (0: none, below: it does
    harm, None where there is one class alone).

    >>> table = np.zeros((200, 2), int); table[0] = 60, 0; table[199] = 0, 40
    >>> {name: round(value or 0, 4) for name, value in parts(table).items()}
    {'brier': 0.0, 'reliability': 0.0, 'resolution': 0.24, 'uncertainty': 0.24, 'skill': 1.0}
    """
    pixels = counts.sum(axis=1, dtype=np.float64)
    total = max(pixels.sum(), 1)
    prevalence = counts[:, 1].sum() / total
    observed = np.divide(counts[:, 1], pixels, out=np.zeros(BINS), where=pixels > 0)
    uncertainty, brier = prevalence * (1 - prevalence), float(briers(counts))
    return {
        "brier": brier,
        "reliability": float((pixels * (MIDDLES - observed) ** 2).sum() / total),
        "resolution": float((pixels * (observed - prevalence) ** 2).sum() / total),
        "uncertainty": float(uncertainty),
        "skill": float(1 - brier / uncertainty) if uncertainty else None,
    }


def isotonic(counts: np.ndarray) -> np.ndarray:
    """Return float64 (200,): the probability that each bin should have had, never falling, closest
    to the landslide shares of counts (200, 2) in squares weighted by pixels. Bins without pixels
    lie on the line between their neighbours.
    """
    pixels = counts.sum(axis=1, dtype=np.float64)
    used = pixels > 0
    shares = counts[used, 1] / pixels[used]
    fitted = optimize.isotonic_regression(shares, weights=pixels[used]).x
    return np.interp(MIDDLES, MIDDLES[used], fitted)


def recalibrated(counts: np.ndarray, table: np.ndarray) -> dict:
    """Return {brier, ece, reliability} of counts (200, 2) whose bins say `table` (200,) instead, in
    the steps that the figures before it are in: finer ones would make the error larger."""
    return {
        "brier": float(briers(counts, table)),
        "ece": expected_error(counts, table),
        "reliability": reliability(counts, table),
    }
