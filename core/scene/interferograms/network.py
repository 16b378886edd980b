"""The network of an SBAS stack: its dates, and the pairs that interferograms were made of."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

YEAR_DAYS = 365.25
# Sentinel-1's C band, metres.
SENTINEL1_WAVELENGTH_M = 0.055465763


@dataclass(frozen=True)
class Network:
    """`dates` ascending (N); `pairs` (M) as indices of an earlier and a later date; `baselines_m`
    perpendicular baseline of every pair in metres, None where one is not known.

    >>> days = [date(2021, 1, 9), date(2021, 1, 21), date(2021, 2, 2), date(2021, 3, 10)]
    >>> net = Network(tuple(days), ((0, 1), (1, 2), (0, 2)))
    >>> net.islands, net.triplets.tolist(), net.longest_days
    (((0, 1, 2), (3,)), [[0, 1, 2]], 24)
    """

    dates: tuple[date, ...]
    pairs: tuple[tuple[int, int], ...]
    baselines_m: tuple[float | None, ...] = ()

    @cached_property
    def days(self) -> np.ndarray:
        """(N,) float64: days since the first date."""
        return np.array([(d - self.dates[0]).days for d in self.dates], np.float64)

    @cached_property
    def years(self) -> np.ndarray:
        """(N,) float64: years of 365.25 days since the first date."""
        return self.days / YEAR_DAYS

    @cached_property
    def first(self) -> np.ndarray:
        """(M,) int64: index of every pair's earlier date."""
        return np.array([a for a, _ in self.pairs], np.int64)

    @cached_property
    def second(self) -> np.ndarray:
        """(M,) int64: index of every pair's later date."""
        return np.array([b for _, b in self.pairs], np.int64)

    @cached_property
    def spans_days(self) -> np.ndarray:
        """(M,) float64: days between the two dates of every pair."""
        return self.days[self.second] - self.days[self.first]

    @property
    def longest_days(self) -> int:
        return int(self.spans_days.max())

    @property
    def band(self) -> int:
        """Most dates that a pair spans: the width of the normal matrix."""
        return int((self.second - self.first).max())

    @cached_property
    def triplets(self) -> np.ndarray:
        """(T, 3) int64: pairs ab, bc, ac of every closed triangle of dates."""
        at = {pair: m for m, pair in enumerate(self.pairs)}
        found = [
            (m, at[b, c], at[a, c])
            for (a, b), m in at.items()
            for c in range(b + 1, min(len(self.dates), a + self.band + 1))
            if (b, c) in at and (a, c) in at
        ]
        return np.array(found, np.int64).reshape(-1, 3)

    @cached_property
    def islands(self) -> tuple[tuple[int, ...], ...]:
        """Groups of dates that pairs join, earliest first; a date without a pair is its own."""
        group = list(range(len(self.dates)))
        for a, b in self.pairs:
            old, new = sorted((group[a], group[b]), reverse=True)
            group = [new if g == old else g for g in group]
        return tuple(
            tuple(n for n, g in enumerate(group) if g == each) for each in dict.fromkeys(group)
        )

    def only(self, keep: np.ndarray) -> "Network":
        """The network of some of its pairs (M,) bool, and of the dates that these have."""
        left = [m for m in range(len(self.pairs)) if keep[m]]
        used = sorted({n for m in left for n in self.pairs[m]})
        at = {n: k for k, n in enumerate(used)}
        return replace(
            self,
            dates=tuple(self.dates[n] for n in used),
            pairs=tuple((at[a], at[b]) for a, b in (self.pairs[m] for m in left)),
            baselines_m=tuple(self.baselines_m[m] for m in left) if self.baselines_m else (),
        )


def fastest_mm_yr(span_days: float, wavelength_m: float = SENTINEL1_WAVELENGTH_M) -> float:
    """The fastest motion that a pair can show at a sharp edge: neighbouring pixels must differ by
    less than a quarter of the wavelength (half a cycle of phase).

    >>> [round(fastest_mm_yr(d)) for d in (12, 24, 36, 60)]
    [422, 211, 141, 84]
    """
    return wavelength_m * 1000 / 4 / span_days * YEAR_DAYS
