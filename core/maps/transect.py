"""What is measured on the map: the length of a line, the area of a polygon, and what lies along a
line. Lengths and areas are geodesic, on WGS 84 and without relief; pixels where there is no CRS."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import rasterio
from pyproj import Geod
from rasterio.warp import transform
from rasterio.windows import Window

from core import cells
from core.display.raster import georeferenced
from core.errors import Damaged, SlideScopeError
from core.runs import run_files
from core.runs.store import Run
from core.scene.files.gdal_errors import GDAL_ERRORS
from core.scene.store import Scene

# On the map a corner is (latitude, longitude); without CRS (minus row, column).
Corners = Sequence[tuple[float, float]]
# Values (bands, height, width) of a window.
Reader = Callable[[Window], np.ndarray]
Shape = tuple[int, int]
MOST_CORNERS = 500
# Along a line; one pixel of the scene a sample where that is less.
MOST_SAMPLES = 1000
# Read at a time: a window about them stays small.
_TOGETHER = 50
FACTORS = ("elevation", "deformation")
WGS84 = Geod(ellps="WGS84")
_CURE = "predict it again, or restore it from a backup"
HOW = "geodesic, WGS 84, without relief"
HOW_PIXELS = "in pixels: the scene has no reference system"


@dataclass(frozen=True)
class Values:
    """`values` (N,) in `unit` along a line; NaN where there is no data or no scene."""

    name: str
    title: str
    unit: str
    values: np.ndarray


@dataclass(frozen=True)
class Transect:
    """`distance` (N,) from the first corner in `unit` (m or px), each of `lines` (N,) there."""

    distance: np.ndarray
    unit: str
    lines: tuple[Values, ...]

    @property
    def length(self) -> float:
        return float(self.distance[-1])

    def to_json(self) -> dict:
        """{length, unit, distance, along: {name: values}}, null where there is no data."""
        plain = {each.name: _plain(each.values) for each in self.lines}
        told = {"length": round(self.length, 2), "unit": self.unit}
        return {**told, "distance": _plain(self.distance), "along": plain}

    def csv(self) -> str:
        """A line a sample."""
        names = [f"{each.title} ({each.unit})" if each.unit else each.title for each in self.lines]
        columns = [_plain(self.distance), *(_plain(each.values) for each in self.lines)]
        rows = [["" if v is None else f"{v:g}" for v in row] for row in zip(*columns)]
        return cells.text([f"distance ({self.unit})", *names], rows)


def how(scene: Scene) -> str:
    """What lengths and areas are."""
    return HOW if georeferenced(scene) else HOW_PIXELS


def length(scene: Scene, corners: Corners) -> float:
    """Of a line, in metres or pixels.

    SlideScopeError: a corner that is none, or too many.
    """
    return float(_lengths(scene, check_corners(corners, 2)).sum())


def perimeter(scene: Scene, corners: Corners) -> float:
    """Of a polygon, in metres or pixels."""
    around = check_corners(corners, 3)
    return float(_lengths(scene, [*around, around[0]]).sum())


def area(scene: Scene, corners: Corners) -> float:
    """Of a polygon, in square metres or pixels."""
    lats, lngs = zip(*check_corners(corners, 3))
    if georeferenced(scene):
        return abs(WGS84.polygon_area_perimeter(lngs, lats)[0])
    x, y = np.array(lngs), np.array(lats)
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def along(scene: Scene, corners: Corners, maps: Mapping[str, tuple[str, Path]]) -> Transect:
    """Elevation, deformation rate and probabilities along a line; `maps` are {name: (title,
    probability raster of the scene)}."""
    corners = check_corners(corners, 2)
    lengths = _lengths(scene, corners)
    if not lengths.sum() > 0:
        raise SlideScopeError("The line has no length: give it two corners that lie apart.")
    places = _on_grid(scene, corners)
    rows, columns, distance = _samples(places, lengths)
    known = [scene.factor(name) for name in FACTORS if name in scene.factor_names]
    shape, lines = scene.grid.shape, []
    with scene.reading([item.name for item in known]) as read:
        stack = _read(read, rows, columns, shape)
    lines += [Values(i.name, i.known.title, i.unit, v) for i, v in zip(known, stack)]
    for name, (title, file) in maps.items():
        with _map(title, file, shape) as read:
            lines.append(Values(name, title, "", _read(read, rows, columns, shape)[0]))
    return Transect(distance, "m" if georeferenced(scene) else "px", tuple(lines))


def map_file(scene: Scene, run: Run, baseline: Path | None = None) -> Path | None:
    """The probability of a run for this state of the scene, or of its `baseline`, a folder."""
    if run.outdated(scene.name, scene.fingerprint):
        return None
    file = (baseline or run.prediction(scene.name)) / run_files.PROBABILITY
    return file if file.is_file() else None


def check_corners(corners: Corners, least: int) -> list[tuple[float, float]]:
    """The corners as pairs of numbers, or a SlideScopeError."""
    try:
        found = [(float(a), float(b)) for a, b in corners]
        fits = all(math.isfinite(value) for corner in found for value in corner)
    except (TypeError, ValueError):
        found, fits = [], False
    if not (fits and least <= len(found) <= MOST_CORNERS):
        raise SlideScopeError(
            f"What was drawn cannot be measured: it needs {least} to {MOST_CORNERS} corners, each "
            "of two numbers; draw it again."
        )
    return found


def _lengths(scene: Scene, corners: Corners) -> np.ndarray:
    """(corners - 1,) of every part of a line."""
    lats, lngs = zip(*corners)
    if georeferenced(scene):
        return np.array(WGS84.line_lengths(lngs, lats))
    return np.hypot(np.diff(lats), np.diff(lngs))


def _on_grid(scene: Scene, corners: Corners) -> np.ndarray:
    """(corners, 2): row and column of the scene, with fractions."""
    lats, lngs = zip(*corners)
    if not georeferenced(scene):
        return np.column_stack([-np.array(lats), lngs])
    try:
        found = np.array(transform("EPSG:4326", scene.grid.crs, lngs, lats))
    except GDAL_ERRORS:
        found = np.array([np.inf])
    if not np.isfinite(found).all():
        raise SlideScopeError(
            "The line leaves what the scene's reference system knows: draw it over the scene."
        )
    columns, rows = ~scene.grid.affine * found
    return np.column_stack([rows, columns])


def _samples(places: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, column and distance (N,) of the samples: a pixel apart, or wider where they would be too
    many; every corner is one.

    >>> _samples(np.array([[0, 0], [0, 2], [1, 2]]), np.array([20.0, 10.0]))[2].tolist()
    [0.0, 10.0, 20.0, 30.0]
    """
    pixels = np.hypot(*np.diff(places, axis=0).T)
    step = max(1.0, pixels.sum() / MOST_SAMPLES)
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    found = [np.array([[*places[0], 0.0]])]  # row, column, distance
    for (a, b), (start, end), size in zip(pairwise(places), pairwise(starts), pixels):
        share = np.linspace(0, 1, max(1, round(size / step)) + 1)[1:, None]
        found.append((1 - share) * [*a, start] + share * [*b, end])
    rows, columns, distance = np.concatenate(found).T
    return np.floor(rows), np.floor(columns), distance


def _read(read: Reader, rows: np.ndarray, columns: np.ndarray, shape: Shape) -> np.ndarray:
    """float64 (bands, N) at pixels of a raster of `shape`; NaN outside it."""
    height, width = shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    at = np.flatnonzero(inside)
    pieces = [_piece(read, rows[p], columns[p]) for p in _parts(at)]
    if not pieces:
        raise SlideScopeError("No part of the line lies in the scene: draw it over the scene.")
    known = np.concatenate(pieces, axis=1)
    found = np.full((len(known), len(rows)), np.nan)
    found[:, at] = known
    return found


def _parts(at: np.ndarray) -> list[np.ndarray]:
    return [at[i : i + _TOGETHER] for i in range(0, len(at), _TOGETHER)]


def _piece(read: Reader, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    down, across = rows.astype(int), columns.astype(int)
    top, left = down.min(), across.min()
    window = Window(left, top, across.max() - left + 1, down.max() - top + 1)
    return read(window).astype(np.float64)[:, down - top, across - left]


@contextmanager
def _map(title: str, file: Path, shape: Shape) -> Iterator[Reader]:
    try:
        with rasterio.open(file, driver="GTiff") as source:
            if source.shape != shape:
                raise Damaged(f"The map of {title} has another size than its scene: {_CURE}.")
            yield lambda window: source.read([1], window=window)
    except GDAL_ERRORS as error:
        raise Damaged(f"The map of {title} cannot be read: {_CURE}.") from error


def _plain(values: np.ndarray) -> list[float | None]:
    return [round(v, 4) if math.isfinite(v) else None for v in values.tolist()]
