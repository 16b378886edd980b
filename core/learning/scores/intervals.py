"""How sure a score is: 90 % intervals by bootstrap over spatial blocks.

Neighbouring pixels tell the same story, so pixels are no independent samples. A replicate draws
the area's blocks (2 x 2 tiles; in a tile scene each tile) with replacement, sums their counts and
computes every metric as a ratio of sums. The percentiles are widened for few blocks (Hesterberg
2015, "What teachers should know about the bootstrap"). The draws are the same every time, so that
one map always has one interval, and two maps on the same blocks are drawn as pairs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

import numpy as np
from scipy.special import stdtrit

from core.learning.scores import metrics

CONFIDENCE = 0.90
LEAST_BLOCKS = 8
REPLICATES = 1000
SEED = 2024

Interval = tuple[float, float]


def too_few(blocks: int) -> str | None:
    """Why there is no interval, in one sentence; None where there is one.

    >>> too_few(8) is None, too_few(2)
    (True, 'No interval: it needs at least 8 blocks of tiles, here are 2.')
    """
    if blocks >= LEAST_BLOCKS:
        return None
    return f"No interval: it needs at least {LEAST_BLOCKS} blocks of tiles, here are {blocks}."


def measures(counts: np.ndarray, threshold: float) -> dict[str, np.ndarray]:
    """Return the seven metrics of counts (..., 200 bins, 2 classes), each of shape (...)."""
    found = metrics.ratios(*metrics.confusion(counts, threshold))
    return {**found, "average_precision": metrics.average_precisions(counts)}


def intervals(counts: np.ndarray, threshold: float) -> dict[str, Interval] | None:
    """Return (low, high) of the seven metrics from counts (blocks, 200, 2) at a threshold; None
    where there are too few blocks."""
    return of_mean(counts[None], threshold)


def of_mean(counts: np.ndarray, threshold: float) -> dict[str, Interval] | None:
    """The same of the mean over several trainings on the same blocks, counts (trainings, blocks,
    200, 2): how sure it is on such ground, not how much another training would differ."""
    blocks = counts.shape[1]
    if too_few(blocks):
        return None
    found = [_replicates(each, threshold) for each in counts]
    means = {name: np.mean([each[name] for each in found], axis=0) for name in found[0]}
    return _ends(means, blocks)


def of_measure(
    counts: np.ndarray, measure: Callable[[np.ndarray], Mapping[str, np.ndarray]]
) -> dict[str, Interval] | None:
    """(low, high) of whatever `measure` makes of summed counts (replicates, 200, 2), from counts
    (blocks, 200, 2); None where there are too few blocks. A replicate that drew no landslide, of
    which the measure is NaN, is left out."""
    if too_few(len(counts)):
        return None
    sums = np.tensordot(_drawn(len(counts)), counts.astype(np.float64), axes=1)
    found = {name: values[np.isfinite(values)] for name, values in measure(sums).items()}
    return _ends({name: values for name, values in found.items() if len(values)}, len(counts))


@dataclass(frozen=True)
class Paired:
    """Intervals of two maps on the same blocks and of what the second adds to the first, in the
    six metrics at a threshold; None where a side has no map."""

    before: dict[str, Interval] | None
    after: dict[str, Interval] | None
    difference: dict[str, Interval] | None


def paired(before: np.ndarray | None, after: np.ndarray | None, threshold: float) -> Paired | None:
    """Return the intervals of both sides, counts (blocks, 200, 2), drawn as pairs: fast enough to
    follow a slider. None where there are too few blocks, or no map at all."""
    known = [counts for counts in (before, after) if counts is not None]
    if not known or too_few(len(known[0])):
        return None
    blocks = len(known[0])
    low, high = (None if c is None else _at_threshold(c, threshold) for c in (before, after))
    one, other = (None if side is None else _ends(side, blocks) for side in (low, high))
    if low is None or high is None:
        return Paired(one, other, None)
    return Paired(one, other, _ends({name: high[name] - low[name] for name in low}, blocks))


def excludes_zero(interval: Interval) -> bool:
    """
    >>> excludes_zero((0.01, 0.2)), excludes_zero((-0.01, 0.2)), excludes_zero((-0.2, -0.1))
    (True, False, True)
    """
    low, high = interval
    return low > 0 or high < 0


def expanded_tails(n: int, confidence: float = CONFIDENCE) -> Interval:
    """Percentiles that undo the narrowness of a bootstrap of few samples (Hesterberg 2015).

    >>> [round(tail, 4) for tail in expanded_tails(8, 0.95)]
    [0.0057, 0.9943]
    >>> round(expanded_tails(10_000, 0.95)[0], 4), round(expanded_tails(10_000)[0], 4)
    (0.025, 0.05)
    """
    widened = sqrt(n / (n - 1)) * stdtrit(n - 1, (1 - confidence) / 2)
    low = NormalDist().cdf(float(widened))
    return low, 1 - low


def _replicates(counts: np.ndarray, threshold: float) -> dict[str, np.ndarray]:
    """Replicates (replicates,) of the seven metrics."""
    sums = np.tensordot(_drawn(len(counts)), counts.astype(np.float64), axes=1)
    return {
        **_at_threshold(counts, threshold),
        "average_precision": metrics.average_precisions(sums),
    }


def _at_threshold(counts: np.ndarray, threshold: float) -> dict[str, np.ndarray]:
    """Replicates (replicates,) of the six metrics."""
    confusion = np.stack(metrics.confusion(counts, threshold), axis=-1).astype(np.float64)
    return metrics.ratios(*(_drawn(len(counts)) @ confusion).T)


def _ends(replicates: Mapping[str, np.ndarray], blocks: int) -> dict[str, Interval]:
    tails = expanded_tails(blocks)
    ends = {name: np.quantile(values, tails) for name, values in replicates.items()}
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


@lru_cache(maxsize=4)
def _drawn(blocks: int) -> np.ndarray:
    """float64 (replicates, blocks): how often each block is drawn when all are drawn anew."""
    rng = np.random.default_rng([SEED, blocks])
    drawn = rng.multinomial(blocks, np.full(blocks, 1 / blocks), REPLICATES).astype(np.float64)
    drawn.flags.writeable = False
    return drawn
