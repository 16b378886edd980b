"""A table in text as people save it: its encoding, separator, decimal sign, header and columns."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from core.errors import SlideScopeError
from core.scene.files import archives, encoding, formats, guard, workbooks
from core.scene.files.encoding import Encoding
from core.scene.files.source import Source

MAX_POINTS = 20_000_000
MAX_LINE, MAX_COLUMNS, LOOKED_AT = 100_000, 5_000, 50
# In the order of preference where two would do.
SEPARATORS = (",", ";", "\t", "|", " ")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_GRID = re.compile(r"\s*ncols\s+\d+|DSAA|ENVI", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """`names` of the columns, () without a header, `width` their number, `skip` lines before the
    first row, whose cells are `first`;
    `trailing`: rows end with a separator."""

    source: Source
    path: Path
    encoding: Encoding
    separator: str
    decimal: str
    names: tuple[str, ...]
    width: int
    skip: int
    first: tuple[str, ...]
    trailing: bool = False

    @property
    def label(self) -> str:
        return ":".join(filter(None, (self.path.name, self.source.part)))

    def column(self, asked: str) -> int | None:
        """The place of a column by its name, large and small letters alike, or its number from 1.

        A name stands before a number.
        """
        for same in (str, tidy):
            hits = [i for i, name in enumerate(self.names) if same(name) == same(asked)]
            if len(hits) == 1:
                return hits[0]
        number = int(asked) if asked.isdecimal() else 0
        return number - 1 if 1 <= number <= self.width else None

    def title(self, place: int) -> str:
        return self.names[place] if self.names else str(place + 1)


def tidy(name: str) -> str:
    """A column's name in small letters without its unit in brackets.

    >>> tidy(" Longitude (deg)"), tidy("形变速率（mm/yr）"), tidy("Mean Velocity [mm/yr]")
    ('longitude', '形变速率', 'mean_velocity')
    """
    plain = re.sub(r"[(\[（【].*?[)\]）】]", "", name).strip().strip("\"'").strip()
    return re.sub(r"[\s.-]+", "_", plain.lower())


def look(source: Source, folders: Sequence[Path] | None = None) -> Table:
    """Look at the first lines of a table."""
    path = guard.check_file(source.path, folders)
    with _opened(source, path) as file:
        head = file.read(encoding.SAMPLE_BYTES)
    label = ":".join(filter(None, (path.name, source.part)))
    code = Encoding(source.encoding, "asked") if source.encoding else encoding.of_bytes(head)
    text = code.decode(head)
    lines = text.splitlines()
    whole = len(head) < encoding.SAMPLE_BYTES
    _check_text(label, text, lines)
    if not whole and len(lines) > 1:
        lines = lines[:-1]
    return _described(source, path, code, lines)


def _check_text(label: str, text: str, lines: list[str]) -> None:
    if not text.strip() or "\0" in text or text.count("\ufffd") > 0.01 * len(text):
        raise SlideScopeError(
            f"'{label}' is not a table in text: give columns lon, lat and the rate, separated by "
            "commas, with their names in the first line."
        )
    if _GRID.match(text):
        raise SlideScopeError(
            f"'{label}' is a grid in text, not a table of points: rename it to .asc and give it as "
            "a raster."
        )
    if len(lines[0]) >= MAX_LINE:
        raise SlideScopeError(
            f"'{label}' has more than {MAX_COLUMNS} columns in its first line: a table of points "
            "needs few; keep lon, lat and the rate."
        )


def _described(source: Source, path: Path, code: Encoding, lines: list[str]) -> Table:
    told = [i for i, line in enumerate(lines) if line.strip() and not _is_remark(line)]
    rows = [lines[i] for i in told[:LOOKED_AT]]
    separator = _separator(rows[1:] or rows)
    cells = [_split(row, separator) for row in rows]
    # Text before the table has other numbers of columns than most rows have.
    width = Counter(map(len, cells)).most_common(1)[0][0] if cells else 0
    if cells and len(cells[0]) == width - 1 and not any(row[-1] for row in cells[1:]):
        width -= 1  # each row ends with a separator, the header does not
    first = next((n for n, row in enumerate(cells) if len(row) in (width, width + 1)), 0)
    body = cells[first:]
    if first and separator == "," and width == 2 * len(cells[first - 1]):
        _check_width(path, source, (), len(cells[first - 1]), body)
    names: tuple[str, ...] = ()
    skip = told[first] if told else 0
    remark = _remark_header(lines[:skip], separator, width)
    if remark and _is_data(body[0]):
        names = remark
    elif body and not _has_no_header(body):
        names, skip, body = tuple(body[0][:width]), skip + 1, body[1:]
    _check_width(path, source, names, width, body)
    return Table(
        source,
        path,
        code,
        separator,
        _decimal(body, separator),
        names,
        width,
        skip,
        tuple(body[0][:width]) if body else (),
        bool(body) and len(body[0]) > width,
    )


def _check_width(path: Path, source: Source, names: tuple, width: int, body: list) -> None:
    label = ":".join(filter(None, (path.name, source.part)))
    if width > MAX_COLUMNS:
        raise SlideScopeError(
            f"'{label}' has more than {MAX_COLUMNS} columns in its first line: a table of points "
            "needs few; keep lon, lat and the rate."
        )
    longer = [row for row in body if len(row) > width and any(row[width:])]
    if longer and len(longer) > len(body) / 2:
        raise SlideScopeError(
            f"'{label}' has {width} columns in its header and {len(longer[0])} in its rows: a "
            "decimal comma beside commas between columns, or a missing name; save it with "
            "semicolons between columns, or with decimal points."
        )


def _is_remark(line: str) -> bool:
    return line.lstrip().startswith(("#", "//", "%")) or line.lower().startswith("sep=")


def _remark_header(before: list[str], separator: str, width: int) -> tuple[str, ...]:
    """Column names in the last remark before the rows."""
    remarks = [line.lstrip("#/% \t") for line in before if line.strip()]
    found = _split(remarks[-1], separator) if remarks else []
    return tuple(found) if len(found) == width and not _is_data(found) else ()


def _split(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]


def _separator(rows: list[str]) -> str:
    """What leaves most numbers when the rows are cut at it."""
    if not rows:
        return ","

    def numbers(separator: str) -> int:
        return sum(is_number(cell) for row in rows for cell in _cells(row, separator))

    def cells(separator: str) -> int:
        return sum(len(_cells(row, separator)) for row in rows)

    return max(SEPARATORS, key=lambda s: (numbers(s), cells(s) if s != " " else 0))


def _cells(row: str, separator: str) -> list[str]:
    try:
        return _split(row, separator)
    except csv.Error:
        return []


def is_number(cell: str) -> bool:
    """
    >>> is_number("-4.2e-3"), is_number("27,1"), is_number("27.1N"), is_number("")
    (True, True, False, False)
    """
    return bool(_NUMBER.fullmatch(cell) or _COMMA.fullmatch(cell))


def _is_data(row: Sequence[str]) -> bool:
    return sum(map(is_number, row)) >= 2


def _has_no_header(body: list[list[str]]) -> bool:
    """Whether the first row is like the second: a header is words where there are numbers."""
    if not _is_data(body[0]):
        return False
    if len(body) == 1:
        return True
    like = [is_number(a) == is_number(b) for a, b in zip(body[0], body[1]) if a and b]
    return all(like)


def _decimal(body: list[list[str]], separator: str) -> str:
    cells = [cell for row in body for cell in row]
    commas = sum(bool(_COMMA.fullmatch(c)) for c in cells)
    points = sum("." in c and bool(_NUMBER.fullmatch(c)) for c in cells)
    return "," if commas > points else "."


@contextmanager
def _opened(source: Source, path: Path) -> Iterator[BinaryIO]:
    """The bytes of a table, of a member of an archive too."""
    if archives.is_archive(path):
        name = archives.member(path, source.part, formats.POINTS, "table of points")
        with archives.copied(path, name) as file:
            yield file
        return
    if formats.suffix(path) == ".xlsx":
        yield io.BytesIO(workbooks.as_text(path))
        return
    with open(path, "rb") as file:
        yield file


def numbers(table: Table, places: Sequence[int]) -> tuple[np.ndarray, int]:
    """float64 (n, columns) of the rows with a number in each of the columns `places`, and how many
    rows are left out."""
    wanted = list(dict.fromkeys(places))
    try:
        with _opened(table.source, table.path) as file:
            # A path is read twice as fast as an open file.
            plain = formats.suffix(table.path) in (*formats.PLAIN_TEXT, ".csv", ".tsv")
            at = table.path if plain else file
            frame = _frame(table, at, wanted)
            skipped = _skipped(table, file, len(frame))
    except (ValueError, UnicodeError, pd.errors.ParserError) as error:
        raise SlideScopeError(
            f"'{table.label}' cannot be read as a table: it is damaged or another format; export "
            "it again as CSV."
        ) from error
    if len(frame) > MAX_POINTS:
        raise SlideScopeError(
            f"'{table.label}' has over {MAX_POINTS / 1e6:.0f} million points: cut it to the area."
        )
    columns = [_to_numbers(frame[place], table.decimal) for place in places]
    found = np.column_stack(columns) if len(frame) else np.empty((0, len(places)))
    kept = np.isfinite(found).all(axis=1)
    return found if kept.all() else found[kept], len(frame) - int(kept.sum()) + skipped


def _frame(table: Table, file: BinaryIO | Path, wanted: list[int]) -> pd.DataFrame:
    separator = r"\s+" if table.separator == " " else table.separator
    return pd.read_csv(
        file,
        sep=separator,
        header=None,
        names=list(range(table.width)),
        usecols=wanted,
        # Rows that end with a separator; else longer rows are shifted ones, which are skipped.
        index_col=False if table.trailing else None,
        skiprows=table.skip,
        nrows=MAX_POINTS + 1,
        encoding=table.encoding.name,
        encoding_errors="replace",
        decimal=table.decimal if table.separator != "," else ".",
        on_bad_lines="skip",
        low_memory=False,
    )


def _to_numbers(column: pd.Series, decimal: str) -> np.ndarray:
    if column.dtype.kind in "iufb":
        return column.to_numpy(np.float64, copy=False)
    if decimal == ",":
        column = column.astype(str).str.replace(",", ".", regex=False)
    return pd.to_numeric(column, errors="coerce").to_numpy(np.float64)


def _skipped(table: Table, file: BinaryIO, rows: int) -> int:
    """How many lines after the header are no rows and not blank."""
    if table.encoding.name.startswith("utf-16"):
        return 0
    lines = _count(file, rb"\n") - table.skip - rows
    return max(0, lines - _count(file, rb"\n(?=[ \t,;]*\r?\n)")) if lines > 0 else 0


def _count(file: BinaryIO, pattern: bytes) -> int:
    """How often a pattern of ends of lines is in a file whose last line has one as well."""
    found, last = 0, b""
    file.seek(0)
    while block := file.read(4 * 1024**2):
        plain = pattern == rb"\n"
        found += block.count(b"\n") if plain else len(re.findall(pattern, last + block))
        last = block[-1:]
    return found + (pattern == rb"\n" and last not in (b"\n", b""))
