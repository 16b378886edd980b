"""Meridians and parallels over a part of a grid, where they meet its frame, and where north is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rasterio.warp import transform, transform_bounds

from core.scene.grid import Grid

SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18000, 36000)
POINTS = 33  # of a line
EARTH = "EPSG:4326"


@dataclass(frozen=True)
class Line:
    """A meridian or parallel: its points in the grid's coordinates, `at` where it meets the lower
    or left side of the frame (None where it does not), and its name."""

    x: np.ndarray
    y: np.ndarray
    at: float | None
    label: str


@dataclass(frozen=True)
class Graticule:
    meridians: tuple[Line, ...]
    parallels: tuple[Line, ...]


def graticule(grid: Grid, most: int = 3) -> Graticule:
    """At most `most` meridians and parallels each of a grid that has a reference system."""
    west, south, east, north = transform_bounds(grid.crs, EARTH, *grid.bounds)
    left, bottom, right, top = grid.bounds
    longitudes, latitudes = np.linspace(west, east, POINTS), np.linspace(south, north, POINTS)
    meridians, parallels = [], []
    for degree in _round(west, east, most):
        x, y = _onto(grid, np.full(POINTS, degree), latitudes)
        meridians.append(Line(x, y, _meets(y, x, bottom, (left, right)), _name(degree, "EW")))
    for degree in _round(south, north, most):
        x, y = _onto(grid, longitudes, np.full(POINTS, degree))
        parallels.append(Line(x, y, _meets(x, y, left, (bottom, top)), _name(degree, "NS")))
    return Graticule(tuple(meridians), tuple(parallels))


def north(grid: Grid) -> float:
    """Degrees by which true north is turned clockwise from the top, at the middle of the grid.

    >>> middle = Grid("EPSG:32648", (10.0, 0, 499950.0, 0, -10.0, 3000000.0), 10, 10)
    >>> abs(round(north(middle), 3))
    0.0
    """
    x, y = grid.affine * (grid.width / 2, grid.height / 2)
    (longitude,), (latitude,) = transform(grid.crs, EARTH, [x], [y])
    (there_x,), (there_y,) = transform(EARTH, grid.crs, [longitude], [latitude + 0.01])
    return float(np.degrees(np.arctan2(there_x - x, there_y - y)))


def _onto(grid: Grid, longitudes: np.ndarray, latitudes: np.ndarray) -> tuple:
    x, y = transform(EARTH, grid.crs, longitudes, latitudes)
    return np.array(x), np.array(y)


def _meets(
    along: np.ndarray, across: np.ndarray, side: float, within: tuple[float, float]
) -> float | None:
    """Where a line crosses a side of the frame, if that is on the frame."""
    order = np.argsort(along)
    at = float(np.interp(side, along[order], across[order]))
    return at if within[0] <= at <= within[1] else None


def _round(low: float, high: float, most: int) -> Sequence[float]:
    """Round degrees between two, as many as there may be.

    >>> [round(value, 4) for value in _round(102.31, 102.46, 3)]
    [102.3333, 102.4167]
    """
    span = (high - low) * 3600
    step = next((s for s in SECONDS if span / s <= most), SECONDS[-1])
    first, last = np.ceil(low * 3600 / step), np.floor(high * 3600 / step)
    return [float(number * step / 3600) for number in np.arange(first, last + 1)]


def _name(degree: float, sides: str) -> str:
    """
    >>> _name(102.5, "EW"), _name(-27.25, "NS"), _name(10 + 1 / 3600, "NS")
    ('102°30′E', '27°15′S', '10°00′01″N')
    """
    seconds = round(abs(degree) * 3600)
    whole, minutes, left = seconds // 3600, seconds // 60 % 60, seconds % 60
    text = f"{whole}°" + (f"{minutes:02d}′" if minutes or left else "")
    return text + (f"{left:02d}″" if left else "") + sides[0 if degree >= 0 else 1]
