"""Adds pixels up to moments, block by block, at the speed of one matrix product.

A row of ones rides along in the product, so count, sums and Gram matrix come out of one call; a
pixel that does not count is zero in every row, which spares copying the others out.
"""

from collections.abc import Sequence

import numpy as np

from core.analysis.one_pass.coding import Column
from core.analysis.one_pass.kernels import one_hot, shifted
from core.analysis.one_pass.moments import Moments

# 4096 pixels x 12 rows in float64 stay in a core's cache while they are multiplied.
CHUNK = 4096
# Matrix products take rows by fours: twelve cost less than eleven.
ROWS = 4


class Accumulator:
    """Moments of `columns`, the first `len(names)` of which are the factors as they are.

    `shift` of the factors; sines, cosines and classes lie around 0 and need none.
    """

    def __init__(self, names: Sequence[str], columns: Sequence[Column], shift: np.ndarray):
        self._at = {name: i for i, name in enumerate(names)}
        self._columns = list(columns)
        self._shift = np.asarray(shift, np.float64)
        rows = -(-(len(columns) + 1) // ROWS) * ROWS
        self._gram = np.zeros((rows, rows))
        # The columns, rows of zeros, and the row of ones last.
        self._buffer = np.zeros((rows, CHUNK))
        self._classes = [_rows_of(columns, factor) for factor in _categorical(columns)]

    def add(self, values: np.ndarray, counts: np.ndarray) -> None:
        """Add the pixels of `values` float32 (factors, pixels) for which `counts` (pixels,) is 1;
        these hold no NaN."""
        for start in range(0, values.shape[1], CHUNK):
            part = values[:, start : start + CHUNK]
            self._fill(part, counts[start : start + CHUNK])
            self._gram += self._buffer @ self._buffer.T

    def _fill(self, part: np.ndarray, counts: np.ndarray) -> None:
        buffer = self._buffer
        if part.shape[1] < CHUNK:
            buffer[:, part.shape[1] :] = 0
        shifted(buffer, part, self._shift, counts)
        for row in range(len(part), len(self._columns)):
            column = self._columns[row]
            if column.form != "class":
                angle = np.radians(part[self._at[column.factor]])
                turn = np.sin(angle) if column.form == "sine" else np.cos(angle)
                buffer[row, : len(turn)] = np.where(counts, turn, 0)
        for factor, first, low, rows in self._classes:
            one_hot(buffer, part[self._at[factor]], counts, first, low, rows)

    def absorb(self, other: "Accumulator") -> None:
        """Add what another one added up, of the same columns and shift."""
        self._gram += other._gram

    @property
    def moments(self) -> Moments:
        width = len(self._columns)
        n, sums, gram = self._gram[-1, -1], self._gram[-1, :width], self._gram[:width, :width]
        zeros = np.zeros(width - len(self._shift))
        shift = np.concatenate([self._shift, zeros])
        return Moments(shift, round(n), sums.copy(), gram.copy())


def _categorical(columns: Sequence[Column]) -> list[str]:
    return list(dict.fromkeys(c.factor for c in columns if c.form == "class"))


def _rows_of(columns: Sequence[Column], factor: str) -> tuple[str, int, float, np.ndarray]:
    """(factor, its first row, lowest code, row of every code from there on; -1: no row)."""
    rows = {c.code: i for i, c in enumerate(columns) if c.factor == factor and c.form == "class"}
    low, high = min(rows), max(rows)
    table = np.full(round(high - low) + 1, -1, np.int64)
    for code, row in rows.items():
        table[round(code - low)] = row
    return factor, min(rows.values()), low, table
