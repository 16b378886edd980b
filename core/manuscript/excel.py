"""Tables as an Excel workbook: a sheet each, figures as numbers, three lines."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from core import cells
from core.language.joining import breadth, is_wide
from core.manuscript.table import Table
from core.numerals import NONE

FONT, CHINESE = "Times New Roman", "SimSun"
THICK, THIN = Side(style="medium"), Side(style="thin")
HEAD = 3  # row of the head; the title stands in the first
WIDEST = 40  # letters


def workbook(tables: Sequence[Table]) -> bytes:
    """One workbook with all tables."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for table in tables:
        _sheet(made.create_sheet(table.name[:31]), table)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def _sheet(sheet: Any, table: Table) -> None:
    sheet.cell(1, 1, table.title).font = Font(name=_font(table.title), bold=True)
    last = len(table.rows)
    for number, row in enumerate([table.head, *table.rows]):
        for column, value in enumerate(row):
            cell = sheet.cell(HEAD + number, column + 1, _value(value))
            won = (number - 1, column) in table.bold
            cell.font = Font(name=_font(value), bold=won)
            side = "right" if table.is_number(column) else "left"
            cell.alignment = Alignment(horizontal=side)
            decimals = table.columns[column].decimals
            if isinstance(value, float) and decimals is not None:
                cell.number_format = f"0.{'0' * decimals}"
            top = THICK if number == 0 else None
            bottom = THICK if number == last else THIN if number == 0 else None
            cell.border = Border(top=top, bottom=bottom)
    for number, note in enumerate(table.notes):
        sheet.cell(HEAD + last + 2 + number, 1, cells.cell(note)).font = Font(
            name=_font(note), size=9
        )
    for column in range(len(table.columns)):
        longest = max(breadth(text) for text in (table.head[column], *_texts(table, column)))
        sheet.column_dimensions[get_column_letter(column + 1)].width = min(longest + 3, WIDEST)
    sheet.freeze_panes = f"A{HEAD + 1}"


def _font(value: Any) -> str:
    """A cell has one font: one with its signs."""
    return CHINESE if isinstance(value, str) and any(map(is_wide, value)) else FONT


def _texts(table: Table, column: int) -> list[str]:
    return [row[column] for row in table.shown]


def _value(value: Any) -> Any:
    """What stands in a cell; text that would be a formula stays text."""
    return NONE if value is None else cells.cell(value)
