"""Tables of measured points (lon, lat, rate).

Persistent-scatterer processors and services write such tables: EGMS, SARscape, StaMPS.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.scene.files import guard, shifts, systems, vectors
from core.scene.files.source import Source

# Names in the order of trust, small letters.
RATE = ("mean_velocity", "velocity", "vel", "rate", "v", "vlos", "v_los", "vel_los", "mean_vel")
_SPEAKS = re.compile(r"vel|rate|defo|displ|mm_?(per_?)?y")
# What stands beside a rate in such tables: names, quality, heights, places, dates.
_COMPANION = re.compile(
    r"^(fid|id|pid|code|index|objectid|track|line|pixel|x|y|z|lon|lat|l|p)$"
    r"|std|sigma|rmse|coh|height|elev|dem|acc|seas|prec|east|north|longitude|latitude|^d?\d{8}$"
)


def choose(path: Path, asked: int | str | None, names: Sequence[str]) -> tuple[str, bool]:
    """Return the column with the rate, and whether that is sure: named, or called as rates are.

    >>> choose(Path("a.gpkg"), None, ("height", "mean_velocity"))
    ('mean_velocity', True)
    >>> choose(Path("a.gpkg"), None, ("height", "coherence", "VEL_V_mm"))
    ('VEL_V_mm', False)
    """
    lower = {n.strip().lower(): n for n in reversed(names)}
    column: str | None
    if isinstance(asked, str):
        column, sure = asked, True
    else:
        column, sure = first(lower, RATE), True
        if column is None:
            column, sure = _likely(lower), False
    if column is None or column not in names:
        what = f"no column '{column}'" if column else "no column that looks like a rate"
        raise SlideScopeError(
            f"'{path.name}' has {what}: it has {', '.join(names[:12]) or 'none'}; name it as "
            f"{path.name}:COLUMN."
        )
    return column, sure


def _likely(lower: dict[str, str]) -> str | None:
    """A column that speaks of a rate, or the only one that is no usual companion of one."""
    for text, name in lower.items():
        if _SPEAKS.search(text) and not _COMPANION.search(text):
            return name
    others = [name for text, name in lower.items() if not _COMPANION.search(text)]
    return others[0] if len(others) == 1 else None


def first(lower: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    return next((lower[w] for w in wanted if w in lower), None)


# Column names in the order of trust, small letters.
LONGITUDE = ("longitude", "lon", "long", "x_geo", "xgeo", "lon_deg", "pnt_lon")
LATITUDE = ("latitude", "lat", "y_geo", "ygeo", "lat_deg", "pnt_lat")
EASTING, NORTHING = ("easting", "east", "x"), ("northing", "north", "y")
MAX_POINTS = 20_000_000
MAX_LINE, MAX_COLUMNS = 100_000, 5_000


@dataclass(frozen=True)
class Points:
    """x, y in `crs`, `values` as the table has them, each (n,); `sure`: whether `column` is named
    or called as a rate is, `times` brings values to the factor's unit."""

    path: Path
    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    crs: CRS
    column: str
    sure: bool = True
    times: float = 1.0

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        x, y = self.x, self.y
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def read(source: Source, crs: str | None = None) -> Points:
    """Read the points of a table or of a vector file; `crs` where the file does not tell it."""
    if not guard.is_points(source.path):
        return _read_layer(source, crs)
    found = _read_table(source, crs)
    return _moved(found, source.shift) if source.shift else found


def _moved(points: Points, shift: tuple[float, ...]) -> Points:
    left, bottom, right, top = points.bounds
    by = shifts.on_map(points.crs, (left + right) / 2, (bottom + top) / 2, shift)
    return replace(points, x=points.x + by[0], y=points.y + by[1])


def _read_table(source: Source, crs: str | None) -> Points:
    """Eastings and northings in a table do not tell their `crs`; longitudes and latitudes do."""
    path = guard.check_file(source.path)
    names = _columns(path)
    lower = {n.strip().lower(): n for n in reversed(names)}
    pairs = ((LONGITUDE, LATITUDE), (EASTING, NORTHING))
    found = [(first(lower, xs), first(lower, ys)) for xs, ys in pairs]
    geographic, planar = found
    projected = crs is not None and CRS.from_user_input(crs).is_projected
    first_choice, other = (planar, geographic) if projected else (geographic, planar)
    x, y = first_choice if all(first_choice) else other
    if not (x and y):
        raise SlideScopeError(
            f"'{path.name}' has no columns for longitude and latitude: it has "
            f"{', '.join(names[:12])}; name them lon and lat."
        )
    if projected and (x, y) == geographic:
        raise SlideScopeError(
            f"'{path.name}' gives {x} and {y}, which are degrees, and --crs {_code(crs)} is a "
            "projected system: leave --crs out, or give that of the degrees (EPSG:4326)."
        )
    if not all(geographic) and crs is None:
        raise SlideScopeError(
            f"'{path.name}' gives {x} and {y} without a coordinate reference system: name it with "
            "--crs NAME=EPSG:N (EGMS: EPSG:3035)."
        )
    column, sure = choose(path, source.band, [n for n in names if n not in (x, y)])
    system = CRS.from_user_input(crs) if crs else CRS.from_epsg(4326)
    return checked(path, _numbers(path, (x, y, column)), system, column, sure)


def _code(crs: str | None) -> str:
    return crs if crs and len(crs) < 40 else "NAME=..."


def columns(path: Path) -> list[str]:
    """Names of a table's columns; an empty list for one that cannot be read."""
    try:
        return _columns(path)
    except SlideScopeError:
        return []


def _columns(path: Path) -> list[str]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            line = file.readline(MAX_LINE)
            names = next(csv.reader([line], delimiter=_delimiter(line)))
    except (UnicodeDecodeError, csv.Error, StopIteration) as error:
        raise SlideScopeError(
            f"'{path.name}' is not a table in text: give columns lon, lat and the rate, separated "
            "by commas, with their names in the first line."
        ) from error
    if len(line) >= MAX_LINE or len(names) > MAX_COLUMNS:
        raise SlideScopeError(
            f"'{path.name}' has more than {MAX_COLUMNS} columns in its first line: a table "
            "of points needs few; keep lon, lat and the rate."
        )
    return names


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _numbers(path: Path, columns: tuple[str, str, str]) -> np.ndarray:
    """float64 (n, 3); lines with a gap or a word in one of the columns are left out."""
    with open(path, encoding="utf-8-sig") as file:
        delimiter = _delimiter(file.readline(100_000))
    try:
        frame = pd.read_csv(
            path,
            sep=delimiter,
            usecols=list(dict.fromkeys(columns)),
            nrows=MAX_POINTS + 1,
            encoding="utf-8-sig",
            on_bad_lines="skip",
            low_memory=False,
        )
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise SlideScopeError(
            f"'{path.name}' cannot be read as a table: it is damaged or another format; export it "
            "again as CSV."
        ) from error
    if len(frame) > MAX_POINTS:
        raise SlideScopeError(
            f"'{path.name}' has over {MAX_POINTS / 1e6:.0f} million points: cut it to the area."
        )
    numbers = frame[list(columns)].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    return numbers[np.isfinite(numbers).all(axis=1)]


def checked(path: Path, numbers: np.ndarray, crs: CRS, column: str, sure: bool = True) -> Points:
    """The points of (x, y, value) rows, refused where they cannot be what they say."""
    if not len(numbers):
        raise SlideScopeError(
            f"'{path.name}' holds no point with numbers in all three columns: check its decimal "
            "sign (a point) and separator."
        )
    x, y, values = numbers.T
    systems.check_earth(crs, path.name)
    extent = float(x.min()), float(y.min()), float(x.max()), float(y.max())
    systems.check_coordinates(crs, extent, path.name)
    return Points(path, x, y, values, crs, column, sure)


def holds_points(source: Source, folders: Sequence[Path] | None = None) -> bool:
    """Whether a vector file holds points, by what it declares; False for one that is damaged."""
    _, name = vectors.opening(source, folders)
    try:
        kind = pyogrio.read_info(name)["geometry_type"] or ""
    except (DataSourceError, DataLayerError, ValueError):
        return False
    return "Point" in kind


def layer_columns(source: Source, folders: Sequence[Path] | None = None) -> tuple[str, ...]:
    """Names of the attributes that hold numbers."""
    return _numeric_columns(vectors.read_features(source, folders))


def _read_layer(source: Source, crs: str | None) -> Points:
    """The points of a layer; the attribute with the rate is `source.band` or chosen by name."""
    path = Path(source.path)
    frame = vectors.read_features(source).explode(ignore_index=True)
    frame = frame[frame.geom_type == "Point"]
    column, sure = choose(path, source.band, _numeric_columns(frame))
    if frame.crs is None and crs is None:
        raise SlideScopeError(
            f"'{path.name}' has no coordinate reference system: name it with --crs NAME=EPSG:N, "
            "or give the .prj file with it."
        )
    system = CRS.from_user_input(crs) if crs else CRS.from_wkt(frame.crs.to_wkt())
    values = frame[column].to_numpy(np.float64, na_value=np.nan)
    numbers = np.column_stack((frame.geometry.x, frame.geometry.y, values))
    return checked(path, numbers[np.isfinite(numbers).all(axis=1)], system, column, sure)


def _numeric_columns(frame) -> tuple[str, ...]:
    names = [c for c in frame.columns if c != frame.geometry.name]
    return tuple(n for n in names if frame[n].dtype.kind in "iuf")
