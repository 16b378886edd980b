"""Slope, aspect and curvature of an elevation raster, in one pass over its pixels.

Slope and aspect after Horn (1981), "Hill shading and the reflectance map"; curvature is the general
curvature of Zevenbergen and Thorne (1987) with ArcGIS's sign (convex positive), in 1/100 m.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from rasterio.crs import CRS

from core import processes
from core.scene import ground
from core.scene.grid import Grid

# WGS 84: semi-major axis in metres, first eccentricity squared.
_AXIS_M, _ECCENTRICITY2 = 6378137.0, 0.00669437999014


def terrain(
    elevation: np.ndarray, dx: np.ndarray, dy: np.ndarray, threads: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (slope, aspect, curvature), float32 (height, width).

    elevation: float32 (height, width) in metres, NaN = no data, row 0 in the north.
    dx, dy: float64 (height,), metres between columns and between rows.
    Slope in degrees; aspect is the bearing of the steepest descent in degrees clockwise from
    north, NaN on flat ground; curvature in 1/100 m. The outermost pixels and the neighbours of
    no data have none: they lack a neighbour. Rows are shared out among `threads`.
    """
    height, width = elevation.shape
    z = np.ascontiguousarray(elevation, np.float32)
    # Factors of the differences: a multiplication a pixel instead of a division.
    along, across = _F(1) / dx.astype(np.float32), _F(1) / dy.astype(np.float32)
    slope = np.empty((height, width), np.float32)
    aspect, curvature = np.empty_like(slope), np.empty_like(slope)
    # A thread takes long enough to be worth starting.
    most = max(1, min(threads or processes.threads(), height * width // 250_000))
    edges = np.linspace(0, height, most + 1).astype(int)

    def work(part: int) -> None:
        _kernel(z, along, across, edges[part], edges[part + 1], slope, aspect, curvature)

    if most == 1:
        work(0)
    else:
        with ThreadPoolExecutor(most) as pool:
            list(pool.map(work, range(most)))
    return slope, aspect, curvature


# float32 throughout: a number written in the code would be a float64 and halve the speed.
_F = np.float32
_ZERO, _ONE, _TWO, _HALF, _EIGHTH = _F(0), _F(1), _F(2), _F(0.5), _F(0.125)
_QUARTER_TURN, _HALF_TURN, _TURN, _MINUS_200 = _F(90), _F(180), _F(360), _F(-200)
# Arctangent on 0..1 in degrees, within 2e-4 degrees: a minimax polynomial of degree 11 (after
# Hastings 1955, "Approximations for Digital Computers").
_P1, _P3, _P5, _P7, _P9, _P11 = (
    _F(math.degrees(c))
    for c in (0.99997726, -0.33262347, 0.19354346, -0.11643287, 0.05265332, -0.01172120)
)


@numba.njit(cache=True, nogil=True, inline="always")
def _arctan(t):  # pragma: no cover (compiled)
    """Degrees of the arctangent of t in 0..1."""
    q = t * t
    return t * (_P1 + q * (_P3 + q * (_P5 + q * (_P7 + q * (_P9 + q * _P11)))))


@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
def _kernel(z, dx, dy, first, last, slope, aspect, curvature):  # pragma: no cover (compiled)
    height, width = z.shape
    for i in range(first, last):
        slope[i, 0] = aspect[i, 0] = curvature[i, 0] = np.nan
        slope[i, width - 1] = aspect[i, width - 1] = curvature[i, width - 1] = np.nan
        if i == 0 or i == height - 1 or width < 3:
            slope[i, :] = aspect[i, :] = curvature[i, :] = np.nan
            continue
        up, here, down = z[i - 1], z[i], z[i + 1]
        out_slope, out_aspect, out_curvature = slope[i, 1:], aspect[i, 1:], curvature[i, 1:]
        x, y = dx[i], dy[i]
        for j in range(width - 2):
            nw, n, ne = up[j], up[j + 1], up[j + 2]
            w, c, e = here[j], here[j + 1], here[j + 2]
            sw, s, se = down[j], down[j + 1], down[j + 2]
            # Differences first: heights of thousands of metres would cost digits.
            east = ((ne - nw) + _TWO * (e - w) + (se - sw)) * _EIGHTH * x
            north = ((nw - sw) + _TWO * (n - s) + (ne - se)) * _EIGHTH * y
            # Horn's sums leave the centre out; c - c makes its NaN count, as a neighbour's does.
            steep = np.sqrt(east * east + north * north) + (c - c)
            over = steep > _ONE
            angle = _arctan(_ONE / steep if over else steep)
            out_slope[j] = _QUARTER_TURN - angle if over else angle
            a, b = abs(east), abs(north)
            wide = a > b
            # 0 / 0 on flat ground: no aspect.
            bearing = _arctan((b if wide else a) / (a if wide else b)) + (c - c)
            bearing = _QUARTER_TURN - bearing if wide else bearing
            bearing = _HALF_TURN - bearing if north > _ZERO else bearing
            bearing = _TURN - bearing if east > _ZERO else bearing
            out_aspect[j] = _ZERO if bearing >= _TURN else bearing
            bend = (_HALF * ((w - c) + (e - c))) * x * x + (_HALF * ((n - c) + (s - c))) * y * y
            out_curvature[j] = _MINUS_200 * bend + (steep - steep)


def cell_metres(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return (dx, dy) in metres for every row of the grid, each (height,).

    On a geographic grid they follow the latitude (WGS 84 ellipsoid); where a projection's metre is
    not one on the ground (Web Mercator, far outside a zone) they are true along the middle column.

    >>> grid = Grid("EPSG:4326", (0.001, 0, 73.0, 0, -0.001, 0.0005), width=1, height=1)
    >>> [round(float(v[0]), 2) for v in cell_metres(grid)]
    [111.32, 110.57]
    """
    crs = CRS.from_user_input(grid.crs)
    x, y = grid.resolution
    if not crs.is_geographic:
        metre = crs.linear_units_factor[1]
        along, across = _true_scale(grid)
        return x * metre * along, y * metre * across
    rows = np.arange(grid.height) + 0.5
    latitude = np.radians(grid.transform[5] + rows * grid.transform[4])
    part = 1 - _ECCENTRICITY2 * np.sin(latitude) ** 2
    meridian = _AXIS_M * (1 - _ECCENTRICITY2) / part**1.5
    parallel = _AXIS_M / np.sqrt(part) * np.cos(latitude)
    return np.radians(x) * parallel, np.radians(y) * meridian


def _true_scale(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Metres on the ground a metre of the map, along x and y, of every row; 1 within a percent."""
    x, y = grid.affine * (np.full(grid.height, grid.width / 2), np.arange(grid.height) + 0.5)
    along, across = ground.scales(str(grid.crs), x, y)
    near = np.abs(np.stack((along, across)) - 1).max(initial=0.0) <= ground.TOLERATED
    return (np.ones_like(along), np.ones_like(across)) if near else (along, across)


def morphometry(elevation: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> dict[str, np.ndarray]:
    """Return profile_curvature, plan_curvature, tri and tpi, each float32 (height, width).

    elevation: float32 (height, width) in metres, NaN = no data, row 0 in the north.
    dx, dy: float64 (height,), metres between columns and between rows.
    The outermost pixels and the neighbours of no data have none. Flat ground has no direction: both
    curvatures are 0 there.
    """
    height, width = elevation.shape
    found = np.full((4, height, width), np.nan, np.float32)
    _morphometry_kernel(
        np.ascontiguousarray(elevation, np.float32),
        np.ascontiguousarray(dx, np.float64),
        np.ascontiguousarray(dy, np.float64),
        found,
    )
    return dict(zip(("profile_curvature", "plan_curvature", "tri", "tpi"), found))


@numba.njit(cache=True, nogil=True)
def _morphometry_kernel(z, dx, dy, found):  # pragma: no cover (compiled)
    height, width = z.shape
    for i in range(1, height - 1):
        x, y = dx[i], dy[i]
        for j in range(1, width - 1):
            c = np.float64(z[i, j])
            total, squares = 0.0, 0.0
            for k in range(-1, 2):
                for m in range(-1, 2):
                    step = z[i + k, j + m] - c
                    total += step
                    squares += step * step
            # A neighbour without data makes both sums NaN, and so all four.
            found[2, i, j] = np.sqrt(squares)
            found[3, i, j] = -total / 8.0
            n, s, w, e = z[i - 1, j], z[i + 1, j], z[i, j - 1], z[i, j + 1]
            d = ((w + e) / 2.0 - c) / (x * x)
            f = ((n + s) / 2.0 - c) / (y * y)
            mixed = (z[i - 1, j + 1] + z[i + 1, j - 1] - z[i - 1, j - 1] - z[i + 1, j + 1]) / (
                4.0 * x * y
            )
            g, h = (e - w) / (2.0 * x), (n - s) / (2.0 * y)
            steep = g * g + h * h
            if steep > 0.0:
                along = (d * g * g + f * h * h + mixed * g * h) / steep
                across = (d * h * h + f * g * g - mixed * g * h) / steep
                found[0, i, j] = 200.0 * along + 0.0 * total
                found[1, i, j] = -200.0 * across + 0.0 * total
            else:
                found[0, i, j] = 0.0 * total
                found[1, i, j] = 0.0 * total
