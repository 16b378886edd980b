"""Correlation: the Pearson product-moment coefficient (paper, formula 1) from moments."""

import numpy as np

from core.analysis.one_pass.moments import Moments

# A factor that varies by less than float32 can tell from its mean does not vary.
CONSTANT = 1e-24


def pearson(moments: Moments) -> np.ndarray:
    """Return the (p, p) correlation matrix; NaN in the rows and columns of constant factors.

    >>> from core.analysis.one_pass.moments import moments_of
    >>> values = np.array([[1, 2, 3, 4], [2, 4, 6, 8], [4, 3, 2, 1], [5, 5, 5, 5]], np.float32)
    >>> pearson(moments_of(values, values[:, 0])).round(6).tolist()[0]
    [1.0, 1.0, -1.0, nan]
    """
    covariance = moments.covariance
    variance = np.diag(covariance).copy()
    scale = moments.mean**2 + variance
    variance[variance <= CONSTANT * scale] = np.nan
    deviation = np.sqrt(variance)
    matrix = np.clip(covariance / np.outer(deviation, deviation), -1, 1)
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, np.where(np.isnan(variance), np.nan, 1.0))
    return matrix
