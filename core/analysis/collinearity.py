"""Collinearity: VIF, TOL and condition number (paper, formula 2) from a correlation matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Beyond this the correlation matrix counts as singular (design, Decisions: Collinearity).
SINGULAR = 1e10
# Weight of a factor in a null vector below which it is rounding, not dependence.
IN_NULL_SPACE = 1e-6
MODERATE, HIGH = 5.0, 10.0

PERFECT = "perfectly collinear"
CONSTANT = "constant"


@dataclass(frozen=True)
class Row:
    """`vif` None where it is infinite or undefined; `reason` says which."""

    factor: str
    vif: float | None
    tol: float | None
    reason: str = ""

    def to_json(self) -> dict:
        value = {"factor": self.factor, "vif": self.vif, "tol": self.tol}
        return {**value, "reason": self.reason} if self.reason else value


@dataclass(frozen=True)
class Collinearity:
    """`condition_number` None where the matrix is singular to the last digit."""

    rows: tuple[Row, ...]
    condition_number: float | None


def collinearity(names: Sequence[str], correlation: np.ndarray) -> Collinearity:
    """Return VIF and TOL of every factor, given their (p, p) correlation matrix.

    VIF is the diagonal of the inverse correlation matrix. In a singular matrix the factors with
    weight in the null space have none, and one of each dependent set is left out for the others.

    >>> found = collinearity(["a", "b"], np.array([[1.0, 0.6], [0.6, 1.0]]))
    >>> [(row.vif, row.tol) for row in found.rows], found.condition_number
    ([(1.5625, 0.64), (1.5625, 0.64)], 4.0)
    >>> collinearity(["a", "b"], np.ones((2, 2))).rows[0].to_json()
    {'factor': 'a', 'vif': None, 'tol': 0.0, 'reason': 'perfectly collinear'}
    """
    constant = [i for i in range(len(names)) if np.isnan(correlation[i, i])]
    varying = [i for i in range(len(names)) if i not in constant]
    matrix = correlation[np.ix_(varying, varying)]
    dependent = {varying[i] for i in null_space(matrix)}
    kept = [varying[i] for i in independent(matrix)]
    inverse = np.linalg.inv(correlation[np.ix_(kept, kept)])
    vif = dict(zip(kept, np.diag(inverse)))
    rows = []
    for i, name in enumerate(names):
        if i in constant:
            rows.append(Row(name, None, None, CONSTANT))
        elif i in dependent:
            rows.append(Row(name, None, 0.0, PERFECT))
        else:
            # Rounding may put an uncorrelated factor a hair below 1.
            value = max(1.0, float(vif[i]))
            rows.append(Row(name, _tidy(value), _tidy(1 / value)))
    return Collinearity(tuple(rows), condition_number(matrix))


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
