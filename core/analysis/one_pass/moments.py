"""Moments: what correlation and collinearity need of any number of pixels, in p x p numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# 8192 pixels x 10 factors in float64 stay in a core's cache while they are multiplied.
CHUNK = 8192


@dataclass(frozen=True)
class Moments:
    """Count, sums and Gram matrix of pixels from which `shift` was subtracted first.

    The shift keeps squares of large, nearly constant values (elevations) from swallowing their
    variance. `sums` (p,), `gram` (p, p), both float64.

    >>> m = moments_of(np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]], np.float32), np.zeros(2))
    >>> m.n, m.mean.tolist(), m.covariance.tolist()
    (3, [2.0, 4.0], [[1.0, 2.0], [2.0, 4.0]])
    """

    shift: np.ndarray
    n: int
    sums: np.ndarray
    gram: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """(p,) means in the factors' own units."""
        return self.shift + self.sums / self.n

    @property
    def covariance(self) -> np.ndarray:
        """(p, p) sample covariance (divided by n - 1)."""
        return (self.gram - np.outer(self.sums, self.sums) / self.n) / (self.n - 1)

    def __add__(self, other: "Moments") -> "Moments":
        """Moments of both sets of pixels; their shifts have to be the same."""
        return Moments(self.shift, self.n + other.n, self.sums + other.sums, self.gram + other.gram)

    def subset(self, keep: Sequence[int]) -> "Moments":
        """The same pixels, only these factors."""
        keep = list(keep)
        return Moments(self.shift[keep], self.n, self.sums[keep], self.gram[np.ix_(keep, keep)])


def empty(shift: np.ndarray) -> Moments:
    """Moments of no pixel."""
    p = len(shift)
    return Moments(np.asarray(shift, np.float64), 0, np.zeros(p), np.zeros((p, p)))


def moments_of(values: np.ndarray, shift: np.ndarray) -> Moments:
    """Return the moments of `values` (p, pixels), which hold no NaN."""
    total = empty(shift)
    sums, gram = total.sums, total.gram
    for start in range(0, values.shape[1], CHUNK):
        part = values[:, start : start + CHUNK] - total.shift[:, None]
        sums += part.sum(axis=1)
        gram += part @ part.T
    return Moments(total.shift, values.shape[1], sums, gram)
