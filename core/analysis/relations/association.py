"""Association beyond Pearson's coefficient: for classes, for angles, for ranks.

Of a sample of pixels; every measure is a number from 0 (none) to 1 but Spearman's, which has a
sign.
"""

import numpy as np
from scipy import stats
from scipy.stats import contingency


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation, -1..1; NaN where one does not vary.

    >>> spearman(np.array([1.0, 2, 3]), np.array([1.0, 10, 1000]))
    1.0
    """
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return round(float(stats.spearmanr(x, y).statistic), 12)


def cramers_v(x: np.ndarray, y: np.ndarray) -> float:
    """Cramer's V between two class factors, corrected for bias (Bergsma, 2013); NaN where one has
    a single class.

    >>> classes = np.repeat([0, 1], 500)
    >>> cramers_v(classes, classes), cramers_v(classes, np.tile([0, 1], 500))
    (1.0, 0.0)
    """
    table = contingency.crosstab(x, y).count
    n, (rows, columns) = table.sum(), table.shape
    if min(rows, columns) < 2:
        return float("nan")
    phi = stats.chi2_contingency(table, correction=False).statistic / n
    phi = max(0.0, phi - (rows - 1) * (columns - 1) / (n - 1))
    rows, columns = (k - (k - 1) ** 2 / (n - 1) for k in (rows, columns))
    return round(min(1.0, float(np.sqrt(phi / (min(rows, columns) - 1)))), 12)


def correlation_ratio(classes: np.ndarray, values: np.ndarray) -> float:
    """Eta: the root of the share of the variance of `values` that lies between the classes; NaN
    where there is none.

    >>> correlation_ratio(np.array([0, 0, 1, 1]), np.array([1.0, 1, 5, 5]))
    1.0
    """
    _, at = np.unique(classes, return_inverse=True)
    values = values.astype(float) - values.mean()
    total = float((values**2).sum())
    if total == 0:
        return float("nan")
    number = np.bincount(at)
    between = float((np.bincount(at, values) ** 2 / number).sum())
    return round(min(1.0, float(np.sqrt(between / total))), 12)


def circular_ratio(classes: np.ndarray, degrees: np.ndarray) -> float:
    """Eta of an angle: the root of the share of the variance of its unit vectors that lies between
    the classes; NaN where there is none.

    >>> circular_ratio(np.array([0, 0, 1, 1]), np.array([10.0, 10, 200, 200]))
    1.0
    """
    angle = np.radians(degrees.astype(float))
    parts = [np.cos(angle), np.sin(angle)]
    spread = np.array([part.var() for part in parts])
    if spread.sum() == 0:
        return float("nan")
    squared = np.array([correlation_ratio(classes, part) for part in parts]) ** 2
    return round(float(np.sqrt((np.nan_to_num(squared) * spread).sum() / spread.sum())), 12)


def circular_linear(degrees: np.ndarray, values: np.ndarray) -> float:
    """Correlation of an angle with a number: that of a regression on its sine and cosine (Mardia,
    1976); NaN where one does not vary.

    >>> angle = np.arange(0.0, 360.0)
    >>> circular_linear(angle, np.sin(np.radians(angle - 40)))
    1.0
    """
    angle = np.radians(degrees.astype(float))
    sine, cosine = np.sin(angle), np.cos(angle)
    if np.ptp(values) == 0 or np.ptp(degrees) == 0:
        return float("nan")
    c, s, between = np.corrcoef([cosine, sine, values.astype(float)])[np.triu_indices(3, 1)][
        [1, 2, 0]
    ]
    squared = (c**2 + s**2 - 2 * c * s * between) / (1 - between**2)
    return round(float(np.sqrt(np.clip(squared, 0, 1))), 12)


def circular_circular(a: np.ndarray, b: np.ndarray) -> float:
    """Absolute correlation of two angles in degrees (Fisher & Lee, 1983, by circular means)."""
    one, other = (
        np.sin(x - _mean(x)) for x in (np.radians(a.astype(float)), np.radians(b.astype(float)))
    )
    below = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return round(abs(float((one * other).sum())) / below, 12) if below else float("nan")


def _mean(angle: np.ndarray) -> float:
    return float(np.arctan2(np.sin(angle).mean(), np.cos(angle).mean()))
