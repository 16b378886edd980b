"""Is one arm of an experiment better than another? Paired statistics over spatial blocks.

Neighbouring pixels tell the same story, so pixels are no independent samples: blocks of tiles are
what is drawn and exchanged. An arm's counts are an array (seeds, blocks, ...), of the same seeds
and blocks in both arms; a `measure` turns sums of counts (..., ...) into metrics by name, so that
every metric is a ratio of sums, never a mean of ratios over blocks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import comb

import numpy as np

from core.learning.scores.intervals import expanded_tails, measures

LEAST_BLOCKS, LEAST_SEEDS = 8, 3
REPLICATES, FLIPS, EXACT_BLOCKS = 2000, 9999, 12
CONFIDENCE = 0.95
CHUNK_NUMBERS = 4_000_000

Measure = Callable[[np.ndarray], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Gain:
    """What arm B adds to arm A in one metric, 0..1; `low`, `high` and `p` None where too little
    was run to tell."""

    before: float
    after: float
    low: float | None = None
    high: float | None = None
    p: float | None = None

    @property
    def points(self) -> float:
        """The gain in percentage points."""
        return 100 * (self.after - self.before)

    @property
    def percent(self) -> float | None:
        """The gain in percent of the value before, None where that is 0."""
        return self.points / self.before if self.before else None


def too_little(blocks: int, seeds: int) -> str | None:
    """Why there is no interval and no p, in one sentence; None where there is enough.

    >>> too_little(8, 3) is None
    True
    >>> too_little(20, 2)
    'No interval and no p: they need at least 8 test blocks and 3 seeds, here are 20 and 2.'
    """
    if blocks >= LEAST_BLOCKS and seeds >= LEAST_SEEDS:
        return None
    return (
        f"No interval and no p: they need at least {LEAST_BLOCKS} test blocks and {LEAST_SEEDS} "
        f"seeds, here are {blocks} and {seeds}."
    )


def spread(values: np.ndarray) -> float | None:
    """Standard deviation over seeds (n - 1); None for one seed.

    >>> round(spread(np.array([0.5, 0.6, 0.7])), 6), spread(np.array([0.5]))
    (0.1, None)
    """
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def gains(before: np.ndarray, after: np.ndarray, threshold: float) -> dict[str, Gain]:
    """Return what the arm `after` adds to the arm `before`, by metric.

    Both (seeds, blocks, 200, 2). Values are means over the seeds of the whole test part's metric.
    """
    measure = partial(measures, threshold=threshold)
    of_before, of_after = measure(before.sum(axis=1)), measure(after.sum(axis=1))
    means = {
        name: (float(of_before[name].mean()), float(of_after[name].mean())) for name in of_after
    }
    seeds, blocks = before.shape[:2]
    if too_little(blocks, seeds):
        return {name: Gain(*pair) for name, pair in means.items()}
    # The same figures whenever the table is made anew.
    rng = np.random.default_rng(2024)
    intervals = bootstrap(before, after, measure, rng)
    p = permutation(before, after, measure, rng)
    return {name: Gain(*means[name], *intervals[name], p[name]) for name in means}


def bootstrap(
    before: np.ndarray,
    after: np.ndarray,
    measure: Measure,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval (low, high) of each metric's difference.

    A replicate draws blocks with replacement, the same for both arms, and seeds with replacement,
    over which the differences of the ratios of sums are averaged.
    """
    seeds, blocks = before.shape[:2]
    drawn = _drawn(blocks, replicates, rng)
    shares = _drawn(seeds, replicates, rng) / seeds
    found = _differences(before, after, drawn, None, measure)
    tails = expanded_tails(blocks, CONFIDENCE)
    quantiles = {n: np.quantile((d * shares).sum(axis=1), tails) for n, d in found.items()}
    return {name: (float(low), float(high)) for name, (low, high) in quantiles.items()}


def permutation(
    before: np.ndarray, after: np.ndarray, measure: Measure, rng: np.random.Generator
) -> dict[str, float]:
    """Return the two-sided p of each metric's difference by exchanging the arms block by block.

    Were the arms alike, a block's counts could as well have come from the other one. Up to 12
    blocks all exchanges are tried, beyond 9,999 random ones; the seeds of a block go together.
    """
    blocks = before.shape[1]
    exact = blocks <= EXACT_BLOCKS
    swapped = every_swap(blocks) if exact else rng.integers(0, 2, (FLIPS, blocks))
    swapped[0] = 0  # what was observed comes first, and counts
    found = _differences(before, after, 1 - swapped, swapped, measure)
    size = {name: np.abs(values.mean(axis=1)) for name, values in found.items()}
    # Equal sums in another order differ by rounding.
    return {name: float((values >= values[0] - 1e-12).mean()) for name, values in size.items()}


def every_swap(blocks: int) -> np.ndarray:
    """int (2 ** blocks, blocks): all ways to exchange, none exchanged first.

    >>> every_swap(2).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return np.arange(2**blocks)[:, None] >> np.arange(blocks) & 1


def mcnemar(gained: int, lost: int) -> float:
    """Exact two-sided p of objects that only one of two arms detects (McNemar's test).

    >>> mcnemar(5, 0), mcnemar(3, 3)
    (0.0625, 1.0)
    """
    n, fewer = gained + lost, min(gained, lost)
    tail = sum(comb(n, k) for k in range(fewer + 1))
    # Whole numbers divide exactly, however many objects there are.
    return min(1.0, 2 * tail / 2**n)


def holm(found: Sequence[float | None]) -> list[float | None]:
    """Return each p corrected for how many were looked at (Holm 1979, Scandinavian Journal of
    Statistics 6, 65-70): the chance that a single one of them is as small by luck stays what a p
    says. None stays None and counts for nothing.

    >>> holm([0.01, 0.04, None, 0.03])
    [0.03, 0.06, None, 0.06]
    """
    known = sorted((p, n) for n, p in enumerate(found) if p is not None)
    corrected: list[float | None] = [None] * len(found)
    least = 0.0
    for rank, (p, n) in enumerate(known):
        # None is smaller than one that was smaller before.
        least = max(least, min(1.0, (len(known) - rank) * p))
        corrected[n] = least
    return corrected


def majority(hits: np.ndarray) -> np.ndarray:
    """bool (objects,): detected by more than half of the seeds; `hits` bool (seeds, objects).

    >>> majority(np.array([[True, True], [True, False]])).tolist()
    [True, False]
    """
    return 2 * hits.sum(axis=0) > len(hits)


def _drawn(n: int, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """int (replicates, n): how often each of n is drawn when n are drawn with replacement."""
    return rng.multinomial(n, np.full(n, 1 / n), replicates)


def _differences(
    before: np.ndarray,
    after: np.ndarray,
    own: np.ndarray,
    others: np.ndarray | None,
    measure: Measure,
) -> dict[str, np.ndarray]:
    """Return after minus before of each metric, float (replicates, seeds).

    `own` and `others` (replicates, blocks): how often a block's counts enter the sums of their
    own arm, and of the other one.
    """
    rows = max(1, CHUNK_NUMBERS // before[:, 0].size)
    found: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(own), rows):
        part = slice(start, start + rows)
        low, high = _sums(before, own[part]), _sums(after, own[part])
        if others is not None:
            low += _sums(after, others[part])
            high += _sums(before, others[part])
        worse, better = measure(low), measure(high)
        for name in better:
            found.setdefault(name, []).append(better[name] - worse[name])
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _sums(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """float64 (replicates, seeds, ...): counts (seeds, blocks, ...) summed with weights."""
    return np.tensordot(weights.astype(np.float64), counts, axes=(1, 1))
