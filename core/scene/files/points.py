"""Tables of measured points (lon, lat, rate), gridded by inverse distance within a radius.

Persistent-scatterer processors and services write such tables: EGMS, SARscape, StaMPS.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rasterio.crs import CRS
from rasterio.warp import transform
from rasterio.windows import Window
from scipy.spatial import cKDTree

from core.errors import SlideScopeError
from core.scene.files import guard
from core.scene.files.source import Source
from core.scene.grid import Grid

# Column names in the order of trust, small letters.
LONGITUDE = ("longitude", "lon", "long", "x_geo", "xgeo", "lon_deg", "pnt_lon")
LATITUDE = ("latitude", "lat", "y_geo", "ygeo", "lat_deg", "pnt_lat")
EASTING, NORTHING = ("easting", "east", "x"), ("northing", "north", "y")
RATE = ("mean_velocity", "velocity", "vel", "rate", "v", "vlos", "v_los", "vel_los", "mean_vel")
MAX_POINTS = 20_000_000
# A scatterer speaks for its neighbourhood; further off the ground may do something else.
RADIUS_M, NEIGHBOURS, POWER = 100.0, 8, 2


@dataclass(frozen=True)
class Points:
    """x, y in `crs`, `values` as the table has them, each (n,)."""

    path: Path
    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    crs: CRS
    column: str
    times: float = 1.0

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return tuple(float(v) for v in (self.x.min(), self.y.min(), self.x.max(), self.y.max()))


def read(source: Source, crs: str | None = None) -> Points:
    """Read a table's points; `crs` for eastings and northings, which do not tell it."""
    path = guard.check_file(source.path)
    names = _columns(path)
    lower = {n.strip().lower(): n for n in reversed(names)}
    pairs = ((LONGITUDE, LATITUDE), (EASTING, NORTHING))
    found = [(_first(lower, xs), _first(lower, ys)) for xs, ys in pairs]
    geographic, planar = found
    x, y = geographic if all(geographic) else planar
    if not (x and y):
        raise SlideScopeError(
            f"'{path.name}' has no columns for longitude and latitude: it has "
            f"{', '.join(names[:12])}; name them lon and lat."
        )
    if not all(geographic) and crs is None:
        raise SlideScopeError(
            f"'{path.name}' gives {x} and {y} without a coordinate reference system: name it with "
            "--crs NAME=EPSG:N (EGMS: EPSG:3035)."
        )
    column = source.band if isinstance(source.band, str) else _first(lower, RATE)
    if column not in names:
        what = f"no column '{column}'" if column else "no column that looks like a rate"
        raise SlideScopeError(
            f"'{path.name}' has {what}: it has {', '.join(names[:12])}; name it as "
            f"{path.name}:COLUMN."
        )
    system = CRS.from_user_input(crs) if crs else CRS.from_epsg(4326)
    return _checked(path, _numbers(path, (x, y, column)), system, column)


def _columns(path: Path) -> list[str]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            line = file.readline(100_000)
            return next(csv.reader([line], delimiter=_delimiter(line)))
    except (UnicodeDecodeError, csv.Error, StopIteration) as error:
        raise SlideScopeError(
            f"'{path.name}' is not a table in text: give columns lon, lat and the rate, separated "
            "by commas, with their names in the first line."
        ) from error


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _first(lower: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    return next((lower[w] for w in wanted if w in lower), None)


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


def _checked(path: Path, numbers: np.ndarray, crs: CRS, column: str) -> Points:
    if not len(numbers):
        raise SlideScopeError(
            f"'{path.name}' holds no point with numbers in all three columns: check its decimal "
            "sign (a point) and separator."
        )
    x, y, values = numbers.T
    if crs.is_geographic and (np.abs(y).max() > 90 or np.abs(x).max() > 360):
        raise SlideScopeError(
            f"'{path.name}' reaches {np.abs(x).max():g} E and {np.abs(y).max():g} N: longitude and "
            "latitude are swapped or no degrees; name the columns lon and lat, or give --crs."
        )
    return Points(path, x, y, values, crs, column)


class PointReader:
    """Points seen through the grid: `read(window)` is float32, NaN where none is near.

    A pixel gets the mean of the at most 8 nearest points within 100 m (or two pixels, if those are
    larger) of its centre, weighted by 1 / distance squared (Shepard 1968). Distances are in units
    of the grid's CRS, whatever the window.
    """

    def __init__(self, points: Points, grid: Grid):
        crs = CRS.from_user_input(grid.crs)
        x, y = transform(points.crs, crs, points.x, points.y)
        placed = np.column_stack((x, y))
        usable = np.isfinite(placed).all(axis=1)
        metre = crs.linear_units_factor[1] if crs.is_projected else 111_320.0
        self._radius = max(RADIUS_M / metre, 2 * max(grid.resolution))
        left, bottom, right, top = grid.bounds
        far = self._radius
        usable &= (placed[:, 0] >= left - far) & (placed[:, 0] <= right + far)
        usable &= (placed[:, 1] >= bottom - far) & (placed[:, 1] <= top + far)
        if not usable.any():
            raise SlideScopeError(
                f"No overlap: none of the {len(placed)} points of '{points.path.name}' lies in the "
                "scene; check its coordinates."
            )
        self._values = points.values[usable] * points.times
        self._tree, self._grid = cKDTree(placed[usable]), grid

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        pass

    def read(self, window: Window) -> np.ndarray:
        part = self._grid.window(window)
        rows, columns = np.mgrid[: part.height, : part.width] + 0.5
        x, y = part.affine * (columns.ravel(), rows.ravel())
        most = min(NEIGHBOURS, self._tree.n)
        distance, index = self._tree.query(
            np.column_stack((x, y)), k=[*range(1, most + 1)], distance_upper_bound=self._radius
        )
        near = np.isfinite(distance)
        # A point at the very centre would weigh without end.
        weight = np.where(near, 1 / np.maximum(distance, 1e-6) ** POWER, 0.0)
        values = np.where(near, self._values[np.minimum(index, self._tree.n - 1)], 0.0)
        with np.errstate(invalid="ignore"):
            mean = (weight * values).sum(axis=1) / weight.sum(axis=1)
        return mean.reshape(part.shape).astype(np.float32)
