"""Names and colours of classes from a file that somebody gives: a CSV table, QGIS's .qml, a .clr of
GRASS, ESRI or GDAL, a .vat.dbf or an .aux.xml of ArcGIS and GDAL."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import archives, class_names, guard, side_cars
from core.scene.files.raster import Raster

ENDINGS = (".csv", ".txt", ".qml", ".clr", ".dbf", ".xml")
# Beside a raster, in the order of trust; attribute tables last, whose names are read elsewhere.
BESIDE = (".qml", ".clr", ".csv", ".vat.dbf", ".aux.xml")
LONGEST, MOST_LINES = 80, 4096
# Thousands of classes take 100 kB; whatever is larger is something else.
LARGEST = 4 << 20
_HEX = re.compile(r"#?([0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?")
# QGIS writes a document type without an address that anybody would follow.
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+qgis[^>\[]*>")


@dataclass(frozen=True)
class ClassTable:
    """`names` and `colours` ('#rrggbb') by class code, each as far as it was given."""

    names: dict[int, str] = field(default_factory=dict)
    colours: dict[int, str] = field(default_factory=dict)


def read(path: str | Path) -> ClassTable:
    """Read a file of classes; refuse one that names none."""
    file = guard.named(path)
    _ending(file.name)
    try:
        with open(file, "rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise SlideScopeError(
            f"The table of classes '{file.name}' cannot be opened ({error.strerror}): give one "
            "that can."
        ) from error
    return parsed(file.name, data)


def parsed(name: str, data: bytes) -> ClassTable:
    """The same of a file's content."""
    ending = _ending(name)
    check_size(name, len(data))
    try:
        found = _parsed(ending, data)
    except csv.Error:  # a cell without end
        found = ClassTable()
    if not (found.names or found.colours):
        raise SlideScopeError(
            f"'{name}' names no class: a line is a whole number, a name and, where wanted, a "
            "colour such as #a34a28; give such a table."
        )
    return found


def check_size(name: str, size: int) -> None:
    """Refuse what is too large for a table of classes, before it is read where that can be told."""
    if size > LARGEST:
        raise SlideScopeError(
            f"'{name}' has over {LARGEST >> 20} MB, too much for a table of classes: give a CSV "
            "with a line a class."
        )


def beside(raster: Raster) -> list[tuple[str, ClassTable]]:
    """(file, classes) of every table that lies beside a raster under its name and is one: what is
    none is left alone, as nobody gave it."""
    part = raster.part if archives.is_archive(raster.path) else None
    found = []
    for ending in BESIDE:
        told = side_cars.beside(raster.path, part, (ending,))
        table = _beside(ending, told[1], raster.band) if told else ClassTable()
        if told and (table.names or table.colours):
            found.append((told[0], table))
    return found


def _beside(ending: str, data: bytes, band: int) -> ClassTable:
    if ending in (".qml", ".clr"):
        return _parsed(ending, data)
    if ending != ".csv":
        rows = class_names.table_of(data, Path(ending).suffix, band)
        return ClassTable(colours=_of_rows(*rows).colours) if rows else ClassTable()
    # Any table may be called as the raster is: that of measurements is none of classes.
    lines = [line for line in _cells(data) if any(line)]
    known = [line for line in lines if code_of(line[0]) is not None]
    codes = {code_of(line[0]) for line in known}
    speaking = all(len(line) > 1 and re.search(r"[^\W\d_]", line[1]) for line in known)
    whole = len(lines) - len(known) <= 1 and len(codes) == len(known) <= MOST_LINES
    return _of_lines(known) if speaking and whole else ClassTable()


def _ending(name: str) -> str:
    found = Path(name).suffix.lower()
    if found not in ENDINGS:
        raise SlideScopeError(
            f"'{name}' is no table of classes that can be read: it is one of {', '.join(ENDINGS)}; "
            "give a CSV with value, name and, where wanted, colour."
        )
    return found


def _parsed(ending: str, data: bytes) -> ClassTable:
    if ending == ".qml":
        return _of_qml(data)
    if ending == ".clr":
        return _of_clr(class_names.text_of(data))
    if ending in (".dbf", ".xml"):
        rows = class_names.table_of(data, ending)
        return _of_rows(*rows) if rows else ClassTable()
    return _of_lines(_cells(data))


def _cells(data: bytes) -> list[list[str]]:
    """The cells of every line; none of a text that is no table."""
    lines = class_names.text_of(data).lstrip("\ufeff").splitlines()
    first = lines[0] if lines else ""
    try:
        return list(csv.reader(lines, delimiter=max(",;\t", key=first.count)))
    except csv.Error:
        return []


def _of_lines(lines: Iterable[list[str]]) -> ClassTable:
    """Value, name and colour in this order; a line that does not begin with a code is a heading.

    >>> _of_lines([["value", "name"], ["1", "shale", "#AA0000"], ["2", " marl "]])
    ClassTable(names={1: 'shale', 2: 'marl'}, colours={1: '#aa0000'})
    >>> _of_lines([["3", "loess", "200", "180", "90"]]).colours
    {3: '#c8b45a'}
    """
    names, colours = {}, {}
    for line in lines:
        code = code_of(line[0]) if line else None
        if code is None:
            continue
        name = clean(line[1]) if len(line) > 1 else ""
        if name:
            names[code] = name
        if colour := colour_of(line[2:]):
            colours[code] = colour
    return ClassTable(names, colours)


def _of_qml(data: bytes) -> ClassTable:
    """QGIS's entries of a palette: value, label, color."""
    root = side_cars.xml(_DOCTYPE.sub(b"", data, count=1))
    found = [] if root is None else list(root.iter("paletteEntry"))
    lines = ([e.get("value", ""), e.get("label", ""), e.get("color", "")] for e in found)
    return _of_lines(lines)


def _of_clr(text: str) -> ClassTable:
    """Value, red, green, blue (0-255) and, in some, a name.

    >>> _of_clr("1 170 0 0 shale beds\\n2,0,0,255")
    ClassTable(names={1: 'shale beds'}, colours={1: '#aa0000', 2: '#0000ff'})
    """
    lines = []
    for line in text.splitlines():
        words = line.replace(",", " ").split(maxsplit=4)
        if len(words) >= 4:
            lines.append([words[0], words[4] if len(words) > 4 else "", *words[1:4]])
    return _of_lines(lines)


def _of_rows(columns: list[str], rows: list[list[str]]) -> ClassTable:
    """An attribute table: columns are known by their titles."""
    told = class_names.chosen("", columns, rows)
    lower = [column.strip().lower() for column in columns]
    code = next((lower.index(c) for c in class_names.CODES if c in lower), None)
    places = [lower.index(c) for c in ("red", "green", "blue") if c in lower]
    colours = {}
    if code is not None and len(places) == 3:
        for row in rows:
            number = code_of(row[code]) if len(row) == len(columns) else None
            colour = colour_of([row[i] for i in places]) if number is not None else None
            if number is not None and colour:
                colours[number] = colour
    return ClassTable({c: clean(n) for c, n in told.names.items()} if told else {}, colours)


def code_of(word: str) -> int | None:
    """
    >>> code_of(" 3.0"), code_of("value"), code_of("1.5")
    (3, None, None)
    """
    try:
        number = float(word)
    except ValueError:
        return None
    return int(number) if number.is_integer() and abs(number) < 2**24 else None


def colour_of(words: list[str]) -> str | None:
    """
    >>> colour_of(["#A34A28"]), colour_of(["a34a28ff"]), colour_of(["0", "128", "255"])
    ('#a34a28', '#a34a28', '#0080ff')
    >>> colour_of(["red"]), colour_of([])
    (None, None)
    """
    if not words:
        return None
    if found := _HEX.fullmatch(words[0].strip()):
        return f"#{found[1].lower()}"
    try:
        parts = [float(word) for word in words[:3]]
    except ValueError:
        return None
    if len(parts) < 3 or not all(0 <= part <= 255 for part in parts):
        return None
    # ArcGIS writes shares of 1, GDAL and others 0 to 255.
    share = any(part % 1 for part in parts) and max(parts) <= 1
    return "#" + "".join(f"{round(255 * part if share else part):02x}" for part in parts)


def clean(name: str) -> str:
    """On one line, without what a screen cannot show."""
    shown = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(shown.split())[:LONGEST]
