"""Collinearity: VIF, TOL and condition number (paper, formula 2) from a correlation matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.one_pass.moments import Moments

# A factor that varies by less than float32 can tell from its mean does not vary.
LEAST_SPREAD = 1e-24


# Beyond this the correlation matrix counts as singular (design, Decisions: Collinearity).
SINGULAR = 1e10
# Weight of a factor in a null vector below which it is rounding, not dependence.
IN_NULL_SPACE = 1e-6
MODERATE, HIGH = 5.0, 10.0

PERFECT = "perfectly collinear"
CONSTANT = "constant"


@dataclass(frozen=True)
class Row:
    """`vif` None where it is infinite or undefined; `reason` says which.

    Of a factor of several columns `gvif` is the generalised VIF and `df` their number; `vif` is
    then gvif^(1 / df), which compares with that of one column.
    """

    factor: str
    vif: float | None
    tol: float | None
    reason: str = ""
    gvif: float | None = None
    df: int = 1

    def to_json(self) -> dict:
        value = {"factor": self.factor, "vif": self.vif, "tol": self.tol}
        if self.df > 1:
            value |= {"gvif": self.gvif, "df": self.df}
        return {**value, "reason": self.reason} if self.reason else value


@dataclass(frozen=True)
class Collinearity:
    """`condition_number` None where the matrix is singular to the last digit."""

    rows: tuple[Row, ...]
    condition_number: float | None


def collinearity(
    names: Sequence[str], correlation: np.ndarray, groups: Sequence[Sequence[int]] | None = None
) -> Collinearity:
    """Return VIF and TOL of every factor, given the (q, q) correlation matrix of their columns.

    `groups`: the columns of each factor (default: one each). VIF is the diagonal of the inverse
    correlation matrix; of a group its generalised form (Fox & Monette, 1992). In a singular matrix
    the factors with weight in the null space have none, and one of each dependent set is left out
    for the others.

    >>> found = collinearity(["a", "b"], np.array([[1.0, 0.6], [0.6, 1.0]]))
    >>> [(row.vif, row.tol) for row in found.rows], found.condition_number
    ([(1.5625, 0.64), (1.5625, 0.64)], 4.0)
    >>> collinearity(["a", "b"], np.ones((2, 2))).rows[0].to_json()
    {'factor': 'a', 'vif': None, 'tol': 0.0, 'reason': 'perfectly collinear'}
    """
    groups = [list(g) for g in groups] if groups else [[i] for i in range(len(names))]
    varying = [i for group in groups for i in group if not np.isnan(correlation[i, i])]
    matrix = correlation[np.ix_(varying, varying)]
    dependent = {varying[i] for i in null_space(matrix)}
    kept = [varying[i] for i in independent(matrix)]
    inverse = np.linalg.inv(correlation[np.ix_(kept, kept)])
    at = {column: i for i, column in enumerate(kept)}
    rows = []
    for name, group in zip(names, groups):
        if not set(group) <= set(varying):
            rows.append(Row(name, None, None, CONSTANT, df=len(group)))
        elif dependent & set(group):
            rows.append(Row(name, None, 0.0, PERFECT, df=len(group)))
        else:
            own = [at[column] for column in group]
            rows.append(_row(name, correlation[np.ix_(group, group)], inverse[np.ix_(own, own)]))
    return Collinearity(tuple(rows), condition_number(matrix))


def _row(name: str, own: np.ndarray, inverse: np.ndarray) -> Row:
    # Rounding may put an uncorrelated factor a hair below 1.
    gvif = max(1.0, generalised(own, inverse))
    vif = gvif ** (1 / len(own))
    return Row(name, _tidy(vif), _tidy(1 / vif), gvif=_tidy(gvif), df=len(own))


def generalised(own: np.ndarray, inverse: np.ndarray) -> float:
    """VIF of a group: its part of the correlation matrix and of the inverse."""
    if len(own) == 1:
        return float(inverse[0, 0])
    return float(np.exp(np.linalg.slogdet(own)[1] + np.linalg.slogdet(inverse)[1]))


def condition_number(matrix: np.ndarray) -> float | None:
    """Largest / smallest eigenvalue of a correlation matrix, None where that has no meaning."""
    if not matrix.size:
        return None
    values = np.linalg.eigvalsh(matrix)
    if values[0] <= np.finfo(float).eps * len(values) * values[-1]:
        return None
    return _tidy(values[-1] / values[0])


def null_space(matrix: np.ndarray) -> list[int]:
    """Factors with weight in the null space of a correlation matrix."""
    if not matrix.size:
        return []
    values, vectors = np.linalg.eigh(matrix)
    null = vectors[:, values * SINGULAR <= values[-1]]
    weight = np.sqrt((null**2).sum(axis=1))
    return [int(i) for i in np.flatnonzero(weight > IN_NULL_SPACE)]


def independent(matrix: np.ndarray) -> list[int]:
    """Factors left when the last one of each dependent set is taken out."""
    kept = list(range(len(matrix)))
    while dependent := null_space(matrix[np.ix_(kept, kept)]):
        kept.pop(dependent[-1])
    return kept


def _tidy(value: float) -> float:
    """Twelve significant digits: beyond them is the rounding of the sums."""
    return float(f"{value:.12g}")


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
    variance[variance <= LEAST_SPREAD * scale] = np.nan
    deviation = np.sqrt(variance)
    matrix = np.clip(covariance / np.outer(deviation, deviation), -1, 1)
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, np.where(np.isnan(variance), np.nan, 1.0))
    return matrix
