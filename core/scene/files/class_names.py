"""Names of a raster's classes: from .vat.dbf, .aux.xml, an ENVI header or CF's flags beside it.

All are read here, as text: GDAL reads no side-car (`core.scene.files.guard`).
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.scene.files import archives, side_cars
from core.scene.files.raster import Raster

MAX_ROWS = 100_000
# Columns that hold codes, and those that hold names, in the order of trust.
CODES = ("value", "val", "code", "gridcode", "grid_code", "class_id")
_NAMES = (
    *("class_name", "classname", "class_names", "name", "label", "class", "category", "legend"),
    *("description", "type", "lithology", "litho", "lith", "rock", "unit", "landcover"),
    *("名称", "类别", "岩性", "地类", "类型"),
)
_COLOURS = ("red", "green", "blue", "alpha", "opacity", "count", "histogram", "color", "colour")


@dataclass(frozen=True)
class ClassNames:
    """`names` by code, from `file`; `column` where there was one to choose, `others` besides."""

    names: dict[int, str]
    file: str
    column: str = ""
    others: tuple[str, ...] = ()


def find(raster: Raster) -> ClassNames | None:
    """The names of a raster's classes, None where nothing beside it or in it names them."""
    if found := _of_flags(raster):
        return found
    path = raster.path
    part = raster.part if archives.is_archive(path) else None
    table = side_cars.beside(path, part, (".vat.dbf",))
    if table and (found := chosen(table[0], *_dbf(table[1]))):
        return found
    pam = side_cars.beside(path, part, (".aux.xml",))
    if pam and (found := _of_pam(*pam, raster.band)):
        return found
    header = side_cars.beside(path, part, (".hdr",))
    return _of_envi(*header) if header else None


def text_of(raw: bytes) -> str:
    """UTF-8, else what Chinese systems write, else Latin."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _dbf(data: bytes) -> tuple[list[str], list[list[str]]]:
    """(columns, rows) of a dBASE table; empty where it is damaged."""
    if len(data) < 33:
        return [], []
    count, head, width = struct.unpack_from("<IHH", data, 4)
    fields: list[tuple[str, int]] = []
    at = 32
    while at + 32 <= min(head, len(data)) and data[at] != 0x0D:
        fields.append((text_of(data[at : at + 11].split(b"\0")[0]), data[at + 16]))
        at += 32
    if not fields or width != 1 + sum(size for _, size in fields):
        return [], []
    rows = []
    for start in range(
        head, min(len(data) - width + 1, head + width * min(count, MAX_ROWS)), width
    ):
        if data[start] == ord("*"):
            continue
        at, row = start + 1, []
        for _, size in fields:
            row.append(text_of(data[at : at + size]).strip().strip("\0"))
            at += size
        rows.append(row)
    return [name for name, _ in fields], rows


def table_of(
    data: bytes, ending: str, band: int | None = None
) -> tuple[list[str], list[list[str]]] | None:
    """(columns, rows) of an attribute table by itself: .dbf, or in an .aux.xml that of a band, the
    first one's without `band`."""
    if ending == ".dbf":
        return _dbf(data)
    root = side_cars.xml(data)
    items = [] if root is None else list(root.iter("PAMRasterBand"))
    mine = [each for each in items if band is None or each.get("band", "1") == str(band)]
    tables = [t for each in mine if (t := each.find("GDALRasterAttributeTable")) is not None]
    return _rows_of(tables[0]) if tables else None


def _rows_of(table: Any) -> tuple[list[str], list[list[str]]]:
    columns = [(d.findtext("Name") or "").strip() for d in table.iter("FieldDefn")]
    rows = [[f.text or "" for f in row.iter("F")] for row in table.iter("Row")]
    return columns, rows[:MAX_ROWS]


def _of_pam(file: str, text: bytes, band: int) -> ClassNames | None:
    """Names in GDAL's side-car: its attribute table, else its category names."""
    root = side_cars.xml(text)
    if root is None:
        return None
    for item in root.iter("PAMRasterBand"):
        if item.get("band", "1") != str(band):
            continue
        table = item.find("GDALRasterAttributeTable")
        if table is not None and (found := chosen(file, *_rows_of(table))):
            return found
        names = [(c.text or "").strip() for c in item.iter("Category")]
        if any(names):
            return ClassNames({i: n for i, n in enumerate(names) if n}, file)
    return None


def _of_envi(file: str, raw: bytes) -> ClassNames | None:
    """`class names = {unclassified, granite, ...}` counts from 0."""
    text = text_of(raw)
    found = re.search(r"class names\s*=\s*\{(.*?)\}", text, re.IGNORECASE | re.DOTALL)
    if not (found and text.startswith("ENVI")):
        return None
    names = [" ".join(name.split()) for name in found[1].split(",")]
    return ClassNames({i: n for i, n in enumerate(names) if n}, file)


def _of_flags(raster: Raster) -> ClassNames | None:
    """CF's flag_values and flag_meanings of a NetCDF variable."""
    values, meanings = raster.tag("flag_values"), raster.tag("flag_meanings").split()
    codes = re.findall(r"-?\d+", values)
    if not meanings or len(codes) != len(meanings):
        return None
    names = {int(c): m.replace("_", " ") for c, m in zip(codes, meanings)}
    return ClassNames(names, raster.label, "flag_meanings")


def chosen(file: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> ClassNames | None:
    """The column of codes, and that of names: called so, or the first with words in it."""
    rows = [row for row in rows if len(row) == len(columns)]
    lower = [column.strip().lower() for column in columns]
    code = next((lower.index(name) for name in CODES if name in lower), None)
    if code is None or not rows:
        return None
    speaking = [i for i in range(len(columns)) if i != code and _speaks(lower[i], rows, i)]
    if not speaking:
        return None
    called = [lower.index(name) for name in _NAMES if name in lower]
    name = next((i for i in called if i in speaking), speaking[0])
    names = {}
    for row in rows:
        try:
            number = float(row[code])
        except ValueError:
            continue
        if number.is_integer() and row[name].strip():
            names[int(number)] = row[name].strip()
    others = tuple(columns[i] for i in speaking if i != name)
    return ClassNames(names, file, columns[name], others) if names else None


def _speaks(column: str, rows: Sequence[Sequence[str]], index: int) -> bool:
    """Whether a column holds words, not numbers."""
    texts = [row[index].strip() for row in rows]
    return column not in _COLOURS and any(re.search(r"[^\W\d_]", text) for text in texts)
