"""Tables as CSV: every one that is written is written here.

A spreadsheet takes a cell that begins with =, +, -, @, a tab or a line break for a formula and
carries it out, whoever named a class or a column so.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE)


def cell(value: Any) -> Any:
    """The value of a cell; text that would be a formula begins with an apostrophe, by which
    spreadsheets know that it is text.

    >>> cell("=1+1"), cell("-0.5"), cell("- none"), cell(-0.5), cell("shale")
    ("'=1+1", '-0.5', "'- none", -0.5, 'shale')
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def text(header: Sequence[str], rows: Iterable[Sequence]) -> str:
    """A table as CSV.

    >>> text(["class", "share"], [["@shale", 0.5]])
    "class,share\\n'@shale,0.5\\n"
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(cell, header))
    writer.writerows(map(cell, row) for row in rows)
    return file.getvalue()
