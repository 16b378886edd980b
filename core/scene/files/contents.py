"""What a vector file may hold: data, nothing that is fetched or computed when it is looked at."""

import mmap
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import archives, formats

# The member of a GeoJSON that names its reference system, and what follows where that is a link.
_SYSTEM = re.compile(rb'"crs"\s*:\s*\{')
_LINKED = re.compile(rb'"href"|"type"\s*:\s*"(?:link|url)"', re.IGNORECASE)
_NEAR = 2000
# Nested lists deeper than those of a multipolygon's coordinates in collections in a collection.
_DEEP = re.compile(rb"(?:[\[{]\s*){40}")
LOOK_S, STEPS = 1.0, 20_000
MOST_TABLES, MOST_COLUMNS, LONGEST = 5_000, 2_000, 64 << 20
# What older versions of GDAL put into every GeoPackage.
_USUAL_VIEWS = ("st_spatial_ref_sys", "st_geometry_columns")
_COMPUTES = re.compile(r"\brecursive\b|\b(zeroblob|randomblob|hex|printf|format|replace)\s*\(")
_INDEX = re.compile(r"create\s+virtual\s+table\s+.*\busing\s+\"?rtree\"?\s*\(", re.DOTALL)
_GENERATED = (2, 3)


def check(path: Path) -> None:
    """Refuse a file on disk that would fetch or compute; a file that passed is not read again."""
    if path.is_file():
        about = path.stat()
        _check(str(path), about.st_mtime_ns, about.st_size)


def check_member(path: Path, member: str) -> None:
    """The same of a member of an archive."""
    about = path.stat()
    _check_member(str(path), member, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=256)
def _check(path: str, changed: int, size: int) -> None:
    _by_kind(Path(path), Path(path).name, formats.suffix(path))


@lru_cache(maxsize=256)
def _check_member(path: str, member: str, changed: int, size: int) -> None:
    kind = formats.suffix(member)
    if kind in (*formats.GEOJSON, ".gpkg"):
        with archives.unpacked(Path(path), member) as copy:
            _by_kind(copy, f"{Path(path).name}:{member}", kind)


def _by_kind(path: Path, name: str, kind: str) -> None:
    if kind in formats.GEOJSON:
        _check_text(path, name)
    elif kind == ".gpkg":
        _check_database(path, name)


def _check_text(path: Path, name: str) -> None:
    if not path.stat().st_size:
        return
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        for found in _SYSTEM.finditer(text):
            if _LINKED.search(text[found.end() : found.end() + _NEAR].split(b"}")[0]) or (
                _LINKED.search(text[found.end() : found.end() + _NEAR].split(b'"features"')[0])
            ):
                raise SlideScopeError(
                    f"'{name}' names its reference system by a link, which is not followed: export "
                    "it again as GeoPackage, or take its member 'crs' out and name the system with "
                    "--crs NAME=EPSG:n."
                )
        if _DEEP.search(text):
            raise SlideScopeError(
                f"'{name}' nests lists or objects over 40 deep, which no map needs: it is damaged "
                "or made to do harm; export it again as GeoPackage."
            )


def _check_database(path: Path, name: str) -> None:
    """Of what is stored only tables are read: what is computed when it is asked for has no end."""
    try:
        with closing(_database(path)) as database, _in_time(database, name):
            _check_schema(database, name)
    except sqlite3.Error as error:
        # What is damaged is told where it is read.
        if "too big" in str(error).lower() or "limit" in str(error).lower():
            raise _refused(name, "its description of tables is too long") from error


def _check_schema(database: sqlite3.Connection, name: str) -> None:
    asked = "SELECT type, lower(name), name, coalesce(sql, '') FROM sqlite_master LIMIT ?"
    every = database.execute(asked, (4 * MOST_TABLES,)).fetchall()
    tables = [shown for kind, _, shown, _ in every if kind == "table"]
    if len(tables) > MOST_TABLES or len(every) >= 4 * MOST_TABLES:
        raise _refused(name, f"it has over {MOST_TABLES} tables")
    for kind, lower, shown, sql in every:
        text = sql.lower()
        if kind == "view" and (lower not in _USUAL_VIEWS or _COMPUTES.search(text)):
            raise _computed(name, f"'{shown[:60]}' is a view")
        if kind == "table" and "virtual" in text[:40] and not _INDEX.match(text):
            raise _computed(name, f"'{shown[:60]}' is a virtual table")
    for table in tables:
        _check_columns(database, name, table)


def _check_columns(database: sqlite3.Connection, name: str, table: str) -> None:
    if table.lower().startswith("rtree_"):
        return
    quoted = table.replace('"', '""')
    columns = database.execute(f'PRAGMA table_xinfo("{quoted}")').fetchall()
    if len(columns) > MOST_COLUMNS:
        raise _refused(name, f"table '{table[:60]}' has {len(columns)} columns")
    computed = next((c[1] for c in columns if c[6] in _GENERATED), None)
    if computed is not None:
        raise _computed(name, f"column '{computed[:60]}' of '{table[:60]}' is generated")


def _database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    database.execute("PRAGMA trusted_schema=OFF")
    if hasattr(database, "setlimit"):
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    return database


@contextmanager
def _in_time(database: sqlite3.Connection, name: str) -> Iterator[None]:
    """Refuse what does not end within LOOK_S."""
    until = time.monotonic() + LOOK_S
    over: Callable[[], bool] = lambda: time.monotonic() > until  # noqa: E731
    database.set_progress_handler(over, STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if over() or "interrupt" in str(error).lower():
            raise _refused(name, "reading its tables does not end") from error
        raise


def _computed(name: str, what: str) -> SlideScopeError:
    stem = Path(name).stem
    return SlideScopeError(
        f"'{name}' is refused: {what}, whose values are computed whenever they are read, and may "
        f"be without end; write it out as plain tables (`ogr2ogr {stem}-plain.gpkg {name}` where "
        "you trust it) and give that."
    )


def _refused(name: str, why: str) -> SlideScopeError:
    return SlideScopeError(
        f"'{name}' is refused: {why}, so it is damaged or made to do harm; export it again as "
        "GeoPackage."
    )
