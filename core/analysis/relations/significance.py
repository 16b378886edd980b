"""p-values of correlations between rasters: Dutilleul's modified t-test (Biometrics, 1993).

Neighbouring pixels repeat each other, so their number says nothing: the test replaces it by an
effective sample size, which the autocorrelation of both factors decides. Here the pixels lie on a
regular grid, so every sum over pairs is a sum over lags, by way of the Fourier transform.
"""

from dataclasses import dataclass

import numpy as np
from scipy import fft, stats

CLASSES = 40  # of distance, for the autocovariance


@dataclass(frozen=True)
class Test:
    """`r` Pearson's coefficient of the sample, `effective_n` what n independent pixels would tell
    as much, `p` two-sided; None where too little is left to test."""

    r: float
    n: int
    effective_n: float
    p: float | None


class GridSample:
    """Factors on a regular grid: `values` float (p, rows, columns), NaN anywhere drops the pixel.

    `spacing` is the (row, column) distance of neighbours, in any one unit.
    """

    def __init__(self, values: np.ndarray, spacing: tuple[float, float] = (1.0, 1.0)):
        self.mask = np.isfinite(values).all(axis=0)
        self.n = int(self.mask.sum())
        centred = np.where(self.mask, values.astype(float), 0.0)
        means = centred.sum(axis=(1, 2)) / max(self.n, 1)
        self.values = np.where(self.mask, centred - means[:, None, None], 0.0)
        # Twice as large, so that no lag wraps around.
        self._shape = tuple(2 * side for side in self.mask.shape)
        self._pairs = np.round(self._correlate(self.mask.astype(float)))
        self._class = self._distance_class(spacing)
        self._covariance = [self._autocovariance(layer) for layer in self.values]
        self._sums = [self._row_sums(covariance) for covariance in self._covariance]

    def test(self, a: int, b: int) -> Test:
        """The correlation of the factors number `a` and `b`."""
        x, y = self.values[a], self.values[b]
        below = np.sqrt((x**2).sum() * (y**2).sum())
        if self.n < 4 or below == 0:
            return Test(float("nan"), self.n, 0.0, None)
        r = float(np.clip((x * y).sum() / below, -1, 1))
        effective = self._effective(a, b)
        return Test(r, self.n, effective, _p(r, effective))

    def _effective(self, a: int, b: int) -> float:
        """1 + 1 / variance of r: Dutilleul's formula, traces taken as sums over lags."""
        n, cx, cy = self.n, self._covariance[a], self._covariance[b]
        rx, ry = self._sums[a], self._sums[b]
        both = (self._pairs * cx * cy).sum() - 2 / n * (rx * ry).sum() + rx.sum() * ry.sum() / n**2
        alone = [n * c[0, 0] - r.sum() / n for c, r in ((cx, rx), (cy, ry))]
        if both <= 0:
            return float(n)
        return float(min(n, 1 + alone[0] * alone[1] / both))

    def _row_sums(self, covariance: np.ndarray) -> np.ndarray:
        """(rows, columns): the sum of a pixel's covariances with all pixels, 0 off the mask."""
        mask = fft.rfft2(self.mask.astype(float), self._shape)
        found = fft.irfft2(mask * fft.rfft2(covariance), self._shape)
        rows, columns = self.mask.shape
        return np.where(self.mask, found[:rows, :columns], 0.0)

    def _autocovariance(self, layer: np.ndarray) -> np.ndarray:
        """Of every lag: the mean product of pairs in its class of distance."""
        products = np.bincount(self._class.ravel(), self._correlate(layer).ravel(), CLASSES + 2)
        pairs = np.bincount(self._class.ravel(), self._pairs.ravel(), CLASSES + 2)
        mean = np.divide(products, pairs, out=np.zeros_like(products), where=pairs > 0)
        mean[-1] = 0.0  # beyond half the diagonal there are too few pairs to say anything
        return mean[self._class]

    def _correlate(self, layer: np.ndarray) -> np.ndarray:
        """Sum over all pairs of pixels at every lag."""
        return fft.irfft2(np.abs(fft.rfft2(layer, self._shape)) ** 2, self._shape)

    def _distance_class(self, spacing: tuple[float, float]) -> np.ndarray:
        """0 for the pixel itself, then equal steps of distance, the last one for all beyond."""
        steps = (fft.fftfreq(side, 1 / side) * by for side, by in zip(self._shape, spacing))
        distance = np.hypot(*np.meshgrid(*steps, indexing="ij"))
        far = np.hypot(*(side * by for side, by in zip(self.mask.shape, spacing))) / 2
        number = np.ceil(distance / (far / CLASSES)).astype(int)
        return np.minimum(number, CLASSES + 1)


def _p(r: float, effective: float) -> float | None:
    if effective <= 2.5:
        return None
    if abs(r) >= 1:
        return 0.0
    t = abs(r) * np.sqrt((effective - 2) / (1 - r**2))
    return float(2 * stats.t.sf(t, effective - 2))
