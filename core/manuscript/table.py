"""A table for a paper: three lines, its figures as numbers, notes below."""

import re
from dataclasses import dataclass, replace

from core.language.translation import tr
from core.numerals import MINUS, NONE, whole

Cell = str | float | int | None
_NUMBER = re.compile(r"(Table \w+\.|表[A-Z]?\d+)\s*")


@dataclass(frozen=True)
class Column:
    """`decimals` of its numbers; None: four significant digits, as of columns of many units."""

    title: str
    decimals: int | None = None


@dataclass(frozen=True)
class Table:
    """`name` of its file, `rows` of cells (None: nothing is known), `bold` cells (row, column)."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    bold: frozenset[tuple[int, int]] = frozenset()

    @property
    def head(self) -> tuple[str, ...]:
        return tuple(column.title for column in self.columns)

    @property
    def numbered(self) -> tuple[str, str]:
        """The title as its number and its words.

        >>> Table("", "Table S1. Statistics", (), ()).numbered
        ('Table S1.', 'Statistics')
        >>> Table("", "表S1 因子统计", (), ()).numbered
        ('表S1', '因子统计')
        """
        found = _NUMBER.match(self.title)
        return (found[1], self.title[found.end() :]) if found else ("", self.title)

    def translated(self) -> "Table":
        """The same in the reader's language; figures, and what is marked as a name, stay."""
        return replace(
            self,
            title=tr(self.title),
            columns=tuple(replace(column, title=tr(column.title)) for column in self.columns),
            rows=tuple(tuple(tr(c) if isinstance(c, str) else c for c in row) for row in self.rows),
            notes=tuple(map(tr, self.notes)),
        )

    @property
    def shown(self) -> list[list[str]]:
        """The cells as they are printed."""
        return [[text(cell, at) for cell, at in zip(row, self.columns)] for row in self.rows]

    def is_number(self, column: int) -> bool:
        """Whether the column's first known cell is a number: it is set flush right."""
        known = (row[column] for row in self.rows if row[column] not in (None, ""))
        return not isinstance(next(known, ""), str)


def text(cell: Cell, column: Column) -> str:
    """A cell as it is printed.

    >>> text(0.81234, Column("F1", 3)), text(None, Column("F1")), text(-0.5, Column("r", 2))
    ('0.812', '–', '−0.50')
    >>> text(1234.56, Column("mean")), text(0.000123456, Column("mean"))
    ('1235', '0.0001235')
    """
    if cell is None:
        return NONE
    if isinstance(cell, bool | str):
        return str(cell)
    if isinstance(cell, int):
        return whole(cell)
    shown = f"{cell:.4g}" if column.decimals is None else f"{cell:.{column.decimals}f}"
    return shown.replace("-", MINUS)
