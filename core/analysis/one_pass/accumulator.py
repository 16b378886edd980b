"""Adds pixels up to moments, block by block."""

from collections.abc import Sequence

import numpy as np

from core.analysis.one_pass import gram
from core.analysis.one_pass.coding import Column
from core.analysis.one_pass.moments import Moments


class Accumulator:
    """Moments of `columns`, the first `len(names)` of which are the factors as they are.

    `shift` of the factors; sines, cosines and classes lie around 0 and need none.
    """

    def __init__(self, names: Sequence[str], columns: Sequence[Column], shift: np.ndarray):
        self._at = {name: i for i, name in enumerate(names)}
        self._columns = list(columns)
        self._shift = np.asarray(shift, np.float64)
        self._gram = np.zeros((len(columns) + 2, len(columns) + 2))
        self._angles = self._circular()
        self._classes, self._tables = self._categorical()

    def add(self, values: np.ndarray, counts: np.ndarray) -> None:
        """Add the pixels of `values` float32 (factors, pixels) for which `counts` (pixels,) is 1;
        these hold no NaN."""
        how = (self._shift, self._angles, self._classes, self._tables)
        gram.add(self._gram, np.ascontiguousarray(values), counts, *how)

    def absorb(self, other: "Accumulator") -> None:
        """Add what another one added up, of the same columns and shift."""
        self._gram += other._gram

    @property
    def moments(self) -> Moments:
        width = len(self._columns)
        # Each pair was added on one side of the diagonal.
        both = self._gram + self._gram.T - np.diag(np.diag(self._gram))
        n, sums, products = both[width, width], both[width, :width], both[:width, :width]
        zeros = np.zeros(width - len(self._shift))
        shift = np.concatenate([self._shift, zeros])
        return Moments(shift, round(n), sums.copy(), products.copy())

    def _circular(self) -> np.ndarray:
        """(factors, 3): the factor, the columns of its sine and its cosine."""
        forms = {(c.factor, c.form): i for i, c in enumerate(self._columns)}
        angles = [
            (self._at[factor], column, forms[factor, "cosine"])
            for (factor, form), column in forms.items()
            if form == "sine"
        ]
        return np.array(angles, np.int64).reshape(-1, 3)

    def _categorical(self) -> tuple[np.ndarray, np.ndarray]:
        """(factors, 2): the factor, its lowest code; (factors, codes): each code's column or -1."""
        found: dict[str, dict[int, int]] = {}
        for column, item in enumerate(self._columns):
            if item.code is not None:
                found.setdefault(item.factor, {})[round(item.code)] = column
        classes = [(self._at[factor], min(codes)) for factor, codes in found.items()]
        spans = [max(codes) - min(codes) + 1 for codes in found.values()]
        tables = np.full((len(found), max(spans, default=1)), -1, np.int64)
        for row, codes in zip(tables, found.values()):
            row[[code - min(codes) for code in codes]] = list(codes.values())
        return np.array(classes, np.int64).reshape(-1, 2), tables
