"""Bilinear resampling between two grids whose axes are parallel: the lane without GDAL's warper.

The same kernel as GDAL's: a triangle over the neighbouring pixels, as wide as the coarser of the
two pixels. Each output pixel is computed from its own place alone, so values do not depend on the
window; gaps are left out of the mean and a pixel whose centre lies in a gap is one.
"""

import math
from dataclasses import dataclass

import numba
import numpy as np
from rasterio.crs import CRS
from rasterio.windows import Window

from core.scene.files.raster import Raster
from core.scene.grid import Grid

# Source pixels a grid pixel: beyond it whole blocks would have to be held to make few pixels.
MAX_MERGED = 4.0


@dataclass(frozen=True)
class Axis:
    """Source pixels under the grid's pixels along one axis, relative to `start`.

    `first` (n,) int64: the first of `weights.shape[1]` taps; `weights` (n, taps) float32, 0 beyond
    the source; `centre` (n,) int64: the pixel that holds the centre, -1 outside the source.
    """

    start: int
    stop: int
    first: np.ndarray
    weights: np.ndarray
    centre: np.ndarray


def fits(raster: Raster, grid: Grid) -> bool:
    """Whether this lane can bring the raster onto the grid."""
    if raster.crs is None or grid.crs is None or raster.crs != CRS.from_user_input(grid.crs):
        return False
    t = raster.transform
    if t.b or t.d:
        return False
    return max(abs(grid.transform[0] / t.a), abs(grid.transform[4] / t.e)) <= MAX_MERGED


def axes(raster: Raster, grid: Grid, window: Window) -> tuple[Axis, Axis] | None:
    """(rows, columns) of a window of the grid; None where it does not touch the raster."""
    g, t = grid.transform, raster.transform
    rows = _axis(window.row_off, window.height, g[5], g[4], t.f, t.e, raster.height)
    columns = _axis(window.col_off, window.width, g[2], g[0], t.c, t.a, raster.width)
    return (rows, columns) if rows and columns else None


def _axis(
    offset: int, count: int, origin: float, step: float, source: float, pixel: float, size: int
) -> Axis | None:
    """
    >>> axis = _axis(0, 2, origin=0.0, step=2.0, source=0.0, pixel=1.0, size=6)
    >>> axis.weights[1, :4].tolist(), int(axis.first[1])  # 1.5, .5, .5 and 1.5 pixels away
    ([0.125, 0.375, 0.375, 0.125], 1)
    """
    at = (origin - source) / pixel + (np.arange(offset, offset + count) + 0.5) * (step / pixel)
    centre = np.floor(at).astype(np.int64)
    inside = (centre >= 0) & (centre < size)
    if not inside.any():
        return None
    scale = min(1.0, abs(pixel / step))
    taps = math.ceil(2 / scale) + 1
    first = np.floor(at - 0.5 - 1 / scale).astype(np.int64) + 1
    place = first[:, None] + np.arange(taps)
    weights = np.maximum(0.0, 1 - scale * np.abs(place + 0.5 - at[:, None]))
    weights[(place < 0) | (place >= size)] = 0
    total = weights.sum(axis=1, keepdims=True)
    weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    start = int(np.clip(first[inside].min(), 0, size))
    stop = int(np.clip(first[inside].max() + taps, 0, size))
    centre[~inside] = start - 1
    return Axis(start, stop, first - start, weights.astype(np.float32), centre - start)


def resample(values: np.ndarray, rows: Axis, columns: Axis) -> np.ndarray:
    """Return float32 (rows, columns) from float32 source pixels (start:stop of both axes)."""
    found = np.empty((len(rows.first), len(columns.first)), np.float32)
    _kernel(
        values,
        rows.first,
        rows.weights,
        rows.centre,
        columns.first,
        columns.weights,
        columns.centre,
        found,
    )
    return found


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _kernel(
    values, rows, row_weights, row_centre, columns, column_weights, column_centre, found
):  # pragma: no cover (compiled)
    height, width = values.shape
    nothing = np.float32(0)
    down, across = row_weights.shape[1], column_weights.shape[1]
    # One row of the source, already merged from above to below: sums and weights of known pixels.
    # Sums are of differences to a value nearby, so that a constant stays what it is.
    total = np.empty(width, np.float32)
    known = np.empty(width, np.float32)
    near = np.empty(width, np.float32)
    for i in range(len(rows)):
        if row_centre[i] < 0:
            found[i, :] = np.nan
            continue
        middle = values[row_centre[i]]
        last = nothing
        for j in range(width):
            last = middle[j] if middle[j] == middle[j] else last
            near[j] = last
            total[j] = nothing
            known[j] = nothing
        for k in range(down):
            weight = row_weights[i, k]
            row = rows[i] + k
            if weight == nothing or row < 0 or row >= height:
                continue
            line = values[row]
            for j in range(width):
                value = line[j]
                good = value == value
                total[j] += weight * (value - near[j]) if good else nothing
                known[j] += weight if good else nothing
        for j in range(len(columns)):
            centre = middle[column_centre[j]] if column_centre[j] >= 0 else np.float32(np.nan)
            if centre != centre:
                found[i, j] = centre
                continue
            upper, lower = nothing, nothing
            for k in range(across):
                column = columns[j] + k
                if 0 <= column < width:
                    weight = column_weights[j, k]
                    upper += weight * (total[column] + known[column] * (near[column] - centre))
                    lower += weight * known[column]
            found[i, j] = centre + upper / lower
