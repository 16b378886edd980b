"""Where water runs on an elevation raster: contributing area, wetness index, distance to drainage.

Depressions are filled by priority flood, and each pixel drains into one of its eight neighbours:
down the steepest slope of the filled surface, and where that is flat the way the flood came from.
Water leaves at the raster's edge and at gaps.

Sources: Barnes, Lehman and Mulla (2014), Computers & Geosciences 62, 117-127 (priority flood);
O'Callaghan and Mark (1984), Computer Vision, Graphics, and Image Processing 28, 323-344 (eight
neighbours); Beven and Kirkby (1979), Hydrological Sciences Bulletin 24, 43-69 (wetness index).
"""

import heapq

import numba
import numpy as np
from scipy import ndimage

from core.errors import SlideScopeError

# Ground that drains so much is drainage, in m².
STREAM_M2 = 5e5
# The tangent of slopes below it counts as it: flat ground would be infinitely wet.
LEAST_TANGENT = 1e-3


def contributing_area(elevation: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Return the area that drains through each pixel, its own included, float64 (height, width) in
    m², NaN where elevation is.

    elevation: (height, width) in metres, NaN = no data; dx, dy: float64 (height,), metres between
    columns and between rows.

    >>> ones = np.ones(3)
    >>> contributing_area(np.array([[3.0, 2.0, 1.0]] * 3), ones, ones)[1].tolist()
    [1.0, 2.0, 3.0]
    """
    z = np.ascontiguousarray(elevation, np.float64)
    _, receiver, order = flood(z, dx, dy)
    own = np.repeat(np.asarray(dx) * np.asarray(dy), z.shape[1])
    area = _gathered(receiver, order, own).reshape(z.shape)
    area[np.isnan(z)] = np.nan
    return area


def flood(
    z: np.ndarray, dx: np.ndarray, dy: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (filled surface (height, width), receiver (n,) of each pixel by its number, -1 where
    water leaves or there is none, order (valid,) from the lowest up: a receiver comes before what
    drains into it)."""
    filled, parent, order = _flooded(z)
    return filled, _receivers(filled, parent, np.asarray(dx), np.asarray(dy)), order


def wetness(area: np.ndarray, slope: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return the topographic wetness index ln(a / tan(slope)), a the contributing `area` in m² a
    metre of contour.

    slope: degrees; width: float64 (height,), metres of a pixel's side.

    >>> found = wetness(np.array([[100.0]]), np.array([[45.0]]), np.array([10.0]))
    >>> round(float(found[0, 0]), 4)  # ln(10 / 1)
    2.3026
    """
    tangent = np.maximum(np.tan(np.radians(slope)), LEAST_TANGENT)
    return np.log(area / np.asarray(width)[:, None] / tangent)


def distance_to_streams(area: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Return the metres from each pixel to the nearest one that drains `STREAM_M2`, NaN where there
    is no area."""
    streams = area >= STREAM_M2
    if not streams.any():
        raise SlideScopeError(
            f"No pixel of the elevation drains {STREAM_M2 / 1e6:g} km², which makes a stream: the "
            "raster is too small for distance_to_drainage; give one that holds the watershed, or "
            "leave the factor out."
        )
    sampling = (float(np.mean(dy)), float(np.mean(dx)))
    found = ndimage.distance_transform_edt(~streams, sampling=sampling)
    found[np.isnan(area)] = np.nan
    return found


@numba.njit(cache=True, nogil=True)
def _flooded(z):  # pragma: no cover (compiled)
    height, width = z.shape
    filled = z.copy()
    seen = np.isnan(z)
    parent = np.full(height * width, -1, np.int64)
    order = np.empty(height * width, np.int64)
    # The second number lets what came first go first on level ground.
    heap = [(0.0, 0, 0) for _ in range(0)]
    pushed = 0
    for i in range(height):
        for j in range(width):
            if np.isnan(z[i, j]):
                continue
            edge = i == 0 or j == 0 or i == height - 1 or j == width - 1
            if not edge:
                for k in range(i - 1, i + 2):
                    for m in range(j - 1, j + 2):
                        edge = edge or np.isnan(z[k, m])
            if edge:
                seen[i, j] = True
                heapq.heappush(heap, (z[i, j], pushed, i * width + j))
                pushed += 1
    count = 0
    while heap:
        level, _, number = heapq.heappop(heap)
        order[count] = number
        count += 1
        i, j = number // width, number % width
        for k in range(max(i - 1, 0), min(i + 2, height)):
            for m in range(max(j - 1, 0), min(j + 2, width)):
                if seen[k, m]:
                    continue
                seen[k, m] = True
                filled[k, m] = max(z[k, m], level)
                parent[k * width + m] = number
                heapq.heappush(heap, (filled[k, m], pushed, k * width + m))
                pushed += 1
    return filled, parent, order[:count]


@numba.njit(cache=True, nogil=True)
def _receivers(filled, parent, dx, dy):  # pragma: no cover (compiled)
    height, width = filled.shape
    receiver = parent.copy()
    for i in range(height):
        across, down = dx[i], dy[i]
        slant = np.sqrt(across * across + down * down)
        for j in range(width):
            if np.isnan(filled[i, j]):
                continue
            steepest = 0.0
            for k in range(max(i - 1, 0), min(i + 2, height)):
                for m in range(max(j - 1, 0), min(j + 2, width)):
                    if (k == i and m == j) or np.isnan(filled[k, m]):
                        continue
                    far = slant if k != i and m != j else (across if k == i else down)
                    fall = (filled[i, j] - filled[k, m]) / far
                    if fall > steepest:
                        steepest = fall
                        receiver[i * width + j] = k * width + m
    return receiver


@numba.njit(cache=True, nogil=True)
def _gathered(receiver, order, own):  # pragma: no cover (compiled)
    area = own.copy()
    for at in range(len(order) - 1, -1, -1):
        number = order[at]
        if receiver[number] >= 0:
            area[receiver[number]] += area[number]
    return area
