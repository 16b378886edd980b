"""Coding: factors as numbers. One Gram matrix of all columns serves both codings.

`paper`: every factor a plain number, as in the paper's Table 2. `recommended`: aspect as sine and
cosine, a categorical factor as one 0/1 column a class. A factor is then a group of columns; how two
groups belong together is the root of the mean squared canonical correlation, which is |Pearson's r|
for two numbers, the circular-linear correlation for aspect and a number (Mardia, 1976), the
correlation ratio eta for classes and a number, and Cramer's V for two categorical factors.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from core.analysis.relations.collinearity import independent
from core.scene.store import SceneFactor

# A design of more columns says little and takes long.
MOST_CLASSES = 40
PAPER, RECOMMENDED = "paper", "recommended"
CODINGS = (PAPER, RECOMMENDED)


@dataclass(frozen=True)
class Column:
    """`factor` as it is, its sine or cosine, or its class `code` as 0 / 1."""

    factor: str
    form: str = "value"
    code: float | None = None


def columns_of(factors: Sequence[SceneFactor]) -> tuple[Column, ...]:
    """All factors as plain numbers, in order; then what recommended coding needs besides."""
    found = [Column(item.name) for item in factors]
    for item in factors:
        if item.kind == "circular":
            found += [Column(item.name, "sine"), Column(item.name, "cosine")]
        elif item.kind == "categorical":
            found += [Column(item.name, "class", code) for code in class_codes(item)]
    return tuple(found)


def class_codes(item: SceneFactor) -> list[float]:
    """Class codes of a factor, none where they are too many."""
    if item.minimum is None or item.maximum is None:
        return []
    if item.maximum - item.minimum >= 10 * MOST_CLASSES:
        return []
    codes = np.arange(item.minimum, item.maximum + 1)
    if item.legend:
        codes = np.array(sorted(float(code) for code in item.legend))
    return codes.tolist() if len(codes) <= MOST_CLASSES else []


def expand(values: np.ndarray, names: Sequence[str], columns: Sequence[Column]) -> np.ndarray:
    """Return float64 (columns, pixels) of `values` (names, pixels).

    >>> columns = (Column("a"), Column("a", "class", 2.0))
    >>> expand(np.array([[1.0, 2.0]]), ["a"], columns).tolist()
    [[1.0, 2.0], [0.0, 1.0]]
    """
    at = {name: i for i, name in enumerate(names)}
    made = np.empty((len(columns), values.shape[1]))
    for row, column in zip(made, columns):
        layer = values[at[column.factor]]
        if column.code is not None:
            np.equal(layer, column.code, out=row)
        elif column.form == "value":
            row[:] = layer
        else:
            angle = np.radians(layer, dtype=np.float64)
            (np.sin if column.form == "sine" else np.cos)(angle, out=row)
    return made


@dataclass(frozen=True)
class Coded:
    """The correlation matrix of all `columns`; NaN in rows and columns of those that are constant.

    `counts` of each column: pixels of a class, else 0.
    """

    columns: tuple[Column, ...]
    matrix: np.ndarray
    counts: tuple[int, ...]

    def groups(self, names: Sequence[str], coding: str) -> dict[str, list[int]]:
        """Columns of every factor in a coding; of its classes all but the most frequent."""
        return {name: self._group(name, coding) for name in names}

    def _group(self, name: str, coding: str) -> list[int]:
        own = [i for i, column in enumerate(self.columns) if column.factor == name]
        coded = [i for i in own if self.columns[i].form != "value"]
        if coding == PAPER or not coded:
            return own[:1]
        varying = [i for i in coded if not np.isnan(self.matrix[i, i])]
        if varying and self.columns[varying[0]].form == "class":
            varying.remove(max(varying, key=lambda i: self.counts[i]))
        return varying or own[:1]

    def to_json(self) -> dict:
        matrix = [[None if np.isnan(v) else float(v) for v in row] for row in self.matrix]
        columns = [asdict(column) for column in self.columns]
        return {"columns": columns, "matrix": matrix, "counts": list(self.counts)}

    @staticmethod
    def from_json(value: dict) -> "Coded":
        columns = tuple(Column(**column) for column in value["columns"])
        return Coded(columns, np.array(value["matrix"], float), tuple(value["counts"]))


def association(coded: Coded, names: Sequence[str], coding: str) -> np.ndarray:
    """Return (p, p): how factors belong together, with a sign between plain numbers; NaN for
    constant ones.

    >>> r = np.array([[1.0, 0.6, -0.8], [0.6, 1.0, 0.0], [-0.8, 0.0, 1.0]])
    >>> made = Coded((Column("a"), Column("b", "sine"), Column("b", "cosine")), r, (0, 0, 0))
    >>> association(made, ["a", "b"], "recommended").round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    groups = list(coded.groups(names, coding).values())
    found = np.eye(len(groups))
    for i, one in enumerate(groups):
        for j, other in enumerate(groups[:i]):
            found[i, j] = found[j, i] = _between(coded.matrix, one, other)
        if np.isnan(np.diag(coded.matrix)[one]).any():
            found[i, :] = found[:, i] = np.nan
    return found


def _between(matrix: np.ndarray, one: list[int], other: list[int]) -> float:
    if np.isnan(matrix[np.ix_(one + other, one + other)]).any():
        return np.nan
    if len(one) == len(other) == 1:
        return float(matrix[one[0], other[0]])
    one, other = ([g[i] for i in independent(matrix[np.ix_(g, g)])] for g in (one, other))
    across = matrix[np.ix_(one, other)]
    left = np.linalg.solve(matrix[np.ix_(one, one)], across)
    right = np.linalg.solve(matrix[np.ix_(other, other)], across.T)
    squared = np.trace(left @ right) / min(len(one), len(other))
    return float(np.sqrt(np.clip(squared, 0, 1)))


def measure(one: SceneFactor, other: SceneFactor) -> str:
    """What `association` is called between two factors in recommended coding."""
    kinds = {one.kind, other.kind}
    if kinds == {"continuous"}:
        return "Pearson"
    if kinds == {"categorical"}:
        return "Cramer's V"
    if kinds == {"circular"}:
        return "circular-circular"
    return "correlation ratio" if "categorical" in kinds else "circular-linear"
