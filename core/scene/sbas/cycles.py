"""Whole cycles that unwrapping got wrong: found by triplets that do not close, and put right.

The phases of three pairs between three dates add up to nothing but noise; a sum that is whole
cycles off shows a wrong one (Biggs et al. 2007; Yunjun et al. 2019). Which one, the pairs decide
together: short ones first, whose dates motion parts least, then all of them in the L1 norm, in
which a few wrong pairs do not pull the others. Weights are left out on purpose: coherent pairs are
wrong as well, and then they win.
"""

from dataclasses import dataclass
from typing import Literal

import numba
import numpy as np

from core.scene.interferograms.network import Network
from core.scene.sbas import kernels
from core.scene.sbas.trend import shared

# Pairs that are believed first.
SHORT_DAYS = 36
How = Literal["search", "drop", "none"]


@dataclass(frozen=True)
class Corrected:
    """Phases (M, P) after the correction; of every pixel (P,) the share of its triplets that do not
    close `before` and `after` (NaN: it has none), and the share of its pairs that was `changed`."""

    phase: np.ndarray
    before: np.ndarray
    after: np.ndarray
    changed: np.ndarray


def correct(
    network: Network,
    phase: np.ndarray,
    zero: np.ndarray,
    how: How,
    threads: int | None = None,
) -> Corrected:
    """Put right, or leave out, what whole cycles are off.

    phase: float32 (M, P) radians, NaN = no data, not changed; zero: (M,) at the reference.
    """
    wrong, closed = closures(network, phase, zero, threads)
    before = _share(wrong, closed)
    flagged = np.flatnonzero(wrong)
    nothing = np.zeros(phase.shape[1], np.float32)
    if how == "none" or not flagged.size:
        return Corrected(phase, before, before, nothing)
    if how == "drop":
        change = dropped(network, phase[:, flagged], zero)
        values = np.where(change, np.nan, phase[:, flagged])
    else:
        turns = search(network, phase, zero, flagged, threads)
        values = phase[:, flagged] - np.float32(2 * np.pi) * turns
        change = turns != 0
    found = phase.copy()
    found[:, flagged] = values
    nothing[flagged] = change.sum(0) / np.isfinite(phase[:, flagged]).sum(0)
    return Corrected(found, before, _share(*closures(network, found, zero, threads)), nothing)


def _share(wrong: np.ndarray, closed: np.ndarray) -> np.ndarray:
    return np.where(closed > 0, wrong / np.maximum(closed, 1), np.nan).astype(np.float32)


def closures(
    network: Network, phase: np.ndarray, zero: np.ndarray, threads: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Triplets of every pixel that are whole cycles off, and all that it has: int16 (P,) twice.

    >>> from datetime import date
    >>> net = Network(tuple(date(2021, 1, n) for n in (1, 2, 3)), ((0, 1), (1, 2), (0, 2)))
    >>> phase = np.array([[1.0, 1.0, np.nan], [2.0, 2.0, 2.0], [3.1, 9.3, 3.0]], np.float32)
    >>> [each.tolist() for each in closures(net, phase, np.zeros(3))]
    [[0, 1, 0], [1, 1, 0]]
    """
    pixels = phase.shape[1]
    wrong, closed = np.zeros(pixels, np.int16), np.zeros(pixels, np.int16)
    shift = _closure(np.asarray(zero, np.float32), network.triplets)

    def work(a: int, b: int) -> None:
        first, last = a * kernels.LANES, min(pixels, b * kernels.LANES)
        _close(phase, network.triplets, shift, first, last, wrong, closed)

    shared(work, pixels, threads)
    return wrong, closed


def _closure(phase: np.ndarray, triplets: np.ndarray) -> np.ndarray:
    ab, bc, ac = triplets.T
    return phase[ab] + phase[bc] - phase[ac]


@numba.njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def _close(
    phase, triplets, shift, first, last, wrong, closed
):  # fmt: skip  # pragma: no cover (compiled)
    half = np.float32(np.pi)
    # Few enough pixels at a time that their pairs stay in the cache.
    for start in range(first, last, 256):
        stop = min(last, start + 256)
        bad, all_ = wrong[start:stop], closed[start:stop]
        for t in range(triplets.shape[0]):
            ab, bc = phase[triplets[t, 0], start:stop], phase[triplets[t, 1], start:stop]
            ac, off = phase[triplets[t, 2], start:stop], shift[t]
            for k in range(stop - start):
                sum_ = abs(ab[k] + bc[k] - ac[k] - off)
                bad[k] += np.int16(sum_ > half)
                all_[k] += np.int16(sum_ == sum_)


def dropped(network: Network, phase: np.ndarray, zero: np.ndarray) -> np.ndarray:
    """(M, P) bool: pairs all of whose triplets are whole cycles off (LiCSBAS step 12, nullify)."""
    sums = np.abs(_closure(phase - np.asarray(zero, np.float32)[:, None], network.triplets))
    there, wrong = np.isfinite(sums), sums > np.pi
    of_pair = np.zeros((2, *phase.shape), np.int16)
    for side in range(3):
        np.add.at(of_pair[0], network.triplets[:, side], there)
        np.add.at(of_pair[1], network.triplets[:, side], wrong)
    return (of_pair[1] > 0) & (of_pair[0] == of_pair[1])


def search(
    network: Network,
    phase: np.ndarray,
    zero: np.ndarray,
    flagged: np.ndarray,
    threads: int | None = None,
) -> np.ndarray:
    """(M, F) int8: cycles too many in every pair of the pixels `flagged` (F,)."""
    turns = np.zeros((len(phase), len(flagged)), np.int8)
    _run(network, phase, zero, flagged, turns, np.empty((0, 0)), threads)
    return turns


def whole_pairs(
    network: Network, sample: np.ndarray, zero: np.ndarray, threads: int | None = None
) -> np.ndarray:
    """(M,) int: cycles that a pair is off everywhere, its reference having been wrongly unwrapped
    (de-peaking, as the LiCSBAS of COMET does): the median of a sample (M, S) of pixels, thrice."""
    total = np.zeros(len(sample), int)
    everyone = np.arange(sample.shape[1])
    left = np.empty(sample.shape)
    for _ in range(3):
        at = zero + 2 * np.pi * total
        _run(network, sample, at, everyone, np.empty((0, 0), np.int8), left, threads)
        known = np.isfinite(left).any(1)
        turns = np.zeros(len(sample), int)
        turns[known] = np.rint(np.nanmedian(left[known], 1) / (2 * np.pi)).astype(int)
        if not turns.any():
            break
        total += turns
    return total


def _run(network, phase, zero, index, turns, left, threads) -> None:
    """The kernel on pixels `index`, shared out among threads."""
    short = network.spans_days <= SHORT_DAYS
    trusted = short_triplets(network)
    zero = np.asarray(zero, np.float64)
    # Among them the shortest count most: of pairs that cross a date most are the longer ones, and
    # a fast slide has them all wrong alike.
    lean = network.spans_days.min() / network.spans_days
    pairs = network.first, network.second, short, trusted, lean, network.band

    def work(a: int, b: int) -> None:
        kernels.search_chunks(phase, zero, index, *pairs, network.years, a, b, turns, left)

    shared(work, len(index), threads)


def short_triplets(network: Network) -> np.ndarray:
    """(T, 3) the triplets of short pairs alone: at a pixel that has one, its pairs vouch for each
    other. A lone chain of short pairs would bring long ones, which are right, onto its own errors.

    >>> from datetime import date, timedelta
    >>> days = tuple(date(2021, 1, 1) + timedelta(12 * n) for n in range(5))
    >>> pairs = ((0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (0, 4), (2, 4))
    >>> short_triplets(Network(days, pairs)).tolist()
    [[0, 1, 2], [3, 4, 6]]
    """
    short = network.spans_days <= SHORT_DAYS
    return network.triplets[short[network.triplets].all(1)]


def loose_ends(network: Network, sample: np.ndarray, zero: np.ndarray) -> float | None:
    """Mean closure of a sample (M, S) in radians beside its whole cycles: what changes of the
    ground's own (vegetation, moisture) add to short pairs (Ansari et al. 2021; Zheng et al. 2022);
    None without a triplet."""
    sums = _closure(sample.astype(np.float64) - np.asarray(zero)[:, None], network.triplets)
    sums = sums - 2 * np.pi * np.rint(sums / (2 * np.pi))
    return float(np.nanmean(sums)) if np.isfinite(sums).any() else None
