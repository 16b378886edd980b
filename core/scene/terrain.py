"""Slope, aspect and curvature of an elevation raster, in one pass over its pixels.

Slope and aspect after Horn (1981), "Hill shading and the reflectance map"; curvature is the general
curvature of Zevenbergen and Thorne (1987) with ArcGIS's sign (convex positive), in 1/100 m.
"""

import math

import numba
import numpy as np
from rasterio.crs import CRS

from core.scene.grid import Grid

# WGS 84: semi-major axis in metres, first eccentricity squared.
_AXIS_M, _ECCENTRICITY2 = 6378137.0, 0.00669437999014


def terrain(
    elevation: np.ndarray, dx: np.ndarray, dy: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (slope, aspect, curvature), float32 (height, width).

    elevation: float32 (height, width) in metres, NaN = no data, row 0 in the north.
    dx, dy: float64 (height,), metres between columns and between rows.
    Slope in degrees; aspect is the bearing of the steepest descent in degrees clockwise from
    north, NaN on flat ground; curvature in 1/100 m. The outermost pixels and the neighbours of
    no data have none: they lack a neighbour.
    """
    height, width = elevation.shape
    slope = np.empty((height, width), np.float32)
    aspect, curvature = np.empty_like(slope), np.empty_like(slope)
    _kernel(
        np.ascontiguousarray(elevation, np.float32),
        np.ascontiguousarray(dx, np.float64),
        np.ascontiguousarray(dy, np.float64),
        slope,
        aspect,
        curvature,
    )
    return slope, aspect, curvature


@numba.njit(cache=True, nogil=True)
def _kernel(z, dx, dy, slope, aspect, curvature):  # pragma: no cover (compiled)
    height, width = z.shape
    degrees = 180.0 / math.pi
    for i in range(height):
        for j in range(width):
            slope[i, j] = aspect[i, j] = curvature[i, j] = np.nan
        if i == 0 or i == height - 1:
            continue
        x, y = dx[i], dy[i]
        for j in range(1, width - 1):
            nw, n, ne = z[i - 1, j - 1], z[i - 1, j], z[i - 1, j + 1]
            w, c, e = z[i, j - 1], z[i, j], z[i, j + 1]
            sw, s, se = z[i + 1, j - 1], z[i + 1, j], z[i + 1, j + 1]
            east = (ne + 2.0 * e + se - nw - 2.0 * w - sw) / (8.0 * x)
            north = (nw + 2.0 * n + ne - sw - 2.0 * s - se) / (8.0 * y)
            # Horn's sums leave the centre out; 0 * c makes its NaN count, as a neighbour's does.
            steep = math.sqrt(east * east + north * north) + 0.0 * c
            slope[i, j] = math.atan(steep) * degrees
            if steep > 0.0:
                bearing = math.atan2(-east, -north) * degrees
                aspect[i, j] = bearing if bearing >= 0.0 else bearing + 360.0
            along = (0.5 * (w + e) - c) / (x * x)
            across = (0.5 * (n + s) - c) / (y * y)
            curvature[i, j] = -200.0 * (along + across) + 0.0 * steep


def cell_metres(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return (dx, dy) in metres for every row of the grid, each (height,).

    On a geographic grid they follow the latitude (WGS 84 ellipsoid).

    >>> grid = Grid("EPSG:4326", (0.001, 0, 73.0, 0, -0.001, 0.0005), width=1, height=1)
    >>> [round(float(v[0]), 2) for v in cell_metres(grid)]
    [111.32, 110.57]
    """
    crs = CRS.from_user_input(grid.crs)
    x, y = grid.resolution
    if not crs.is_geographic:
        metre = crs.linear_units_factor[1]
        return np.full(grid.height, x * metre), np.full(grid.height, y * metre)
    rows = np.arange(grid.height) + 0.5
    latitude = np.radians(grid.transform[5] + rows * grid.transform[4])
    part = 1 - _ECCENTRICITY2 * np.sin(latitude) ** 2
    meridian = _AXIS_M * (1 - _ECCENTRICITY2) / part**1.5
    parallel = _AXIS_M / np.sqrt(part) * np.cos(latitude)
    return np.radians(x) * parallel, np.radians(y) * meridian
