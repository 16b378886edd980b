"""Fine histograms of every factor outside and inside landslides, filled block by block."""

from dataclasses import dataclass

import numpy as np

FINE_BINS = 4096


@dataclass(frozen=True)
class FineHistogram:
    """Counts (2, bins), row 0 outside and row 1 inside landslides.

    Bin i holds values from `low + i * width` on; the outermost bins take what lies beyond. For
    classes the width is 1 and `low` the smallest code, so that a bin is a class.
    """

    low: float
    width: float
    counts: np.ndarray

    @property
    def edges(self) -> np.ndarray:
        """(bins + 1,) edges in the factor's unit."""
        return self.low + self.width * np.arange(self.counts.shape[1] + 1)

    def bin_of(self, share: float) -> int:
        """Bin that holds the quantile `share` of all pixels, in or out.

        >>> FineHistogram(0.0, 1.0, np.array([[1, 1, 1, 1], [0, 0, 0, 0]])).bin_of(0.5)
        1
        """
        total = self.counts.sum(axis=0).cumsum()
        return int(np.searchsorted(total, share * total[-1]))


def binning(minimum: float, maximum: float, categorical: bool) -> tuple[float, float, int]:
    """Return (low, width, bins) for values of a known range.

    >>> binning(1, 6, categorical=True)
    (0.5, 1.0, 6)
    >>> binning(0, 8192, categorical=False)
    (0.0, 2.0, 4096)
    """
    if categorical:
        return minimum - 0.5, 1.0, min(FINE_BINS, round(maximum - minimum) + 1)
    span = float(maximum) - float(minimum)
    return float(minimum), (span or 1.0) / FINE_BINS, FINE_BINS
