"""Reading rasters on the scene's grid, block by block.

Bilinear for continuous factors, nearest for classes and masks (paper-notes, reading 18). A raster
whose pixels are the grid's pixels is copied, not resampled. Values never depend on which window is
read: warping happens in fixed blocks of the grid, with fixed XSCALE and YSCALE (GDAL guesses these
from the block otherwise, and its bilinear then differs from block to block).
"""

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numba
import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject, transform
from rasterio.windows import Window

from core import processes
from core.scene.files import guard
from core.scene.files.forms import to_degrees
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


BLOCK_ROWS, BLOCK_COLUMNS = 256, 1024


def scales(raster: Raster, grid: Grid) -> tuple[float, float]:
    """Grid pixels per source pixel, along the source's columns and rows, at the grid's middle."""
    column, row = grid.width / 2, grid.height / 2
    x, y = grid.affine * (np.array([column, column + 1, column]), np.array([row, row, row + 1]))
    if raster.crs is not None:
        x, y = transform(CRS.from_user_input(grid.crs), raster.crs, x, y)
    inverse: Affine = ~raster.transform
    column, row = inverse * (np.array(x), np.array(y))
    across = math.hypot(*(column[1:] - column[0]))
    down = math.hypot(*(row[1:] - row[0]))
    x_scale, y_scale = (round(1 / s, 6) if 0 < s < math.inf else 1.0 for s in (across, down))
    return x_scale, y_scale


def blocks(window: Window, grid: Grid) -> Iterator[Window]:
    """The fixed warp blocks that touch `window`."""
    first_row = int(window.row_off) // BLOCK_ROWS * BLOCK_ROWS
    first_column = int(window.col_off) // BLOCK_COLUMNS * BLOCK_COLUMNS
    for row in range(first_row, int(window.row_off + window.height), BLOCK_ROWS):
        for column in range(first_column, int(window.col_off + window.width), BLOCK_COLUMNS):
            height = min(BLOCK_ROWS, grid.height - row)
            yield Window(column, row, min(BLOCK_COLUMNS, grid.width - column), height)


def overlap(block: Window, window: Window) -> tuple[tuple, tuple]:
    """Slices of the shared pixels, within the block and within the window."""
    pairs = []
    for start, length, origin, size in (
        (block.row_off, block.height, window.row_off, window.height),
        (block.col_off, block.width, window.col_off, window.width),
    ):
        low, high = max(start, origin), min(start + length, origin + size)
        pairs.append((slice(low - start, high - start), slice(low - origin, high - origin)))
    return tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)


# Pixels count as the same when they differ by less than this share of one, over the whole raster.
SAME_PIXEL = 0.01
# Infinities and the "no data" of other tools (1e38 and beyond) are not measurements.
UNREAL = 1e37


def offset_on(raster: Raster, grid: Grid) -> tuple[int, int] | None:
    """Return (row, column) of the raster's corner in the grid if its pixels are the grid's.

    None where the raster must be resampled.
    """
    if (raster.crs is None) != (grid.crs is None):
        return None
    if raster.crs is not None and raster.crs != CRS.from_user_input(grid.crs):
        return None
    to_grid = ~grid.affine * raster.transform
    reach = max(raster.shape)
    turned = abs(to_grid.a - 1) + abs(to_grid.e - 1) + abs(to_grid.b) + abs(to_grid.d)
    column, row = round(to_grid.c), round(to_grid.f)
    if turned * reach > SAME_PIXEL or math.hypot(to_grid.c - column, to_grid.f - row) > SAME_PIXEL:
        return None
    return row, column


class AlignedBand:
    """A raster band seen through the grid: `read(window)` is float32, NaN = no data."""

    def __init__(self, raster: Raster, grid: Grid, kernel: str):
        self._raster, self._grid = raster, grid
        # What is copied is read by one thread at a time, decoded by all; GDAL's warper has a file
        # of its own in each thread.
        self._shared, self._lock = raster.open(threads=processes.threads()), threading.Lock()
        self._local, self._opened = threading.local(), [self._shared]
        self._offset = offset_on(raster, grid)
        self._resampling = Resampling[kernel]
        flags = self._shared.mask_flag_enums[raster.band - 1]
        self._masked = MaskFlags.all_valid not in flags
        # A declared value is compared here; a mask or an alpha band has to be read.
        self._by_value = flags == [MaskFlags.nodata] and raster.nodata is not None
        interpretation = self._shared.colorinterp
        has_alpha = ColorInterp.alpha in interpretation
        self._alpha = interpretation.index(ColorInterp.alpha) + 1 if has_alpha else 0
        # Partly transparent pixels count in part: GDAL knows how.
        plain = kernel == "bilinear" and not self._alpha
        self._direct = plain and self._offset is None and fits(raster, grid)
        if self._offset is None:
            self._scales = dict(zip(("XSCALE", "YSCALE"), map(str, scales(raster, grid))))

    @property
    def copied(self) -> bool:
        """Whether pixels are copied as they are, without resampling."""
        return self._offset is not None

    @property
    def _dataset(self):
        """The file, open for this thread alone: a GDAL dataset serves one at a time."""
        found = getattr(self._local, "dataset", None)
        if found is None:
            found = self._local.dataset = self._raster.open()
            self._opened.append(found)
        return found

    def close(self) -> None:
        for dataset in self._opened:
            dataset.close()

    def read(self, window: Window) -> np.ndarray:
        with guard.reading(self._raster.path):
            place = self._offset
            values = self._warp(window) if place is None else self._copy(window, place)
        scale, offset = self._raster.unscale
        if (scale, offset) != (1.0, 0.0):
            values = values * np.float32(scale) + np.float32(offset)
        if self._raster.form:
            values = to_degrees(values, self._raster.form)
        values[~(np.abs(values) < UNREAL)] = np.nan
        return values

    def _copy(self, window: Window, place: tuple[int, int]) -> np.ndarray:
        values = np.full((window.height, window.width), np.nan, np.float32)
        row, column = (int(w) - o for w, o in zip((window.row_off, window.col_off), place))
        top, left = max(row, 0), max(column, 0)
        bottom = min(row + window.height, self._raster.height)
        right = min(column + window.width, self._raster.width)
        if bottom <= top or right <= left:
            return values
        found = self._known(Window(left, top, right - left, bottom - top))
        values[top - row : bottom - row, left - column : right - column] = found
        return values

    def _known(self, window: Window) -> np.ndarray:
        """Pixels of the file as float32, NaN = no data."""
        band = self._raster.band
        with self._lock:
            stored = self._shared.read(band, window=window)
            masks = self._masked and not self._by_value
            mask = self._shared.read_masks(band, window=window) if masks else None
        found = stored.astype(np.float32, copy=False)
        nodata = self._raster.nodata if self._by_value else None
        if nodata is not None and not math.isnan(nodata):
            found[stored == _stored_nodata(nodata, stored.dtype)] = np.nan
        if mask is not None:
            found[mask == 0] = np.nan
        found[~(np.abs(found) < UNREAL)] = np.nan
        return found

    def _warp(self, window: Window) -> np.ndarray:
        values = np.empty((window.height, window.width), np.float32)
        for block in blocks(window, self._grid):
            inner, outer = overlap(block, window)
            values[outer] = (
                self._merge(self._grid, window, outer)
                if self._direct
                else self._warp_block(block)[inner]
            )
        return values

    def _merge(self, grid: Grid, window: Window, outer: tuple[slice, slice]) -> np.ndarray:
        """A part of the window without GDAL's warper."""
        rows, columns = outer
        part = Window(
            int(window.col_off) + columns.start,
            int(window.row_off) + rows.start,
            columns.stop - columns.start,
            rows.stop - rows.start,
        )
        both = axes(self._raster, grid, part)
        if both is None:
            return np.full((part.height, part.width), np.nan, np.float32)
        down, across = both
        source = Window(
            across.start, down.start, across.stop - across.start, down.stop - down.start
        )
        return resample(self._known(source), down, across)

    def _warp_block(self, block: Window) -> np.ndarray:
        raster, part = self._raster, self._grid.window(block)
        values = np.full(part.shape, np.nan, np.float32)
        # Without a declared no-data value a float's NaN still is no data.
        nodata = raster.nodata
        if nodata is None and raster.dtype.startswith("float"):
            nodata = math.nan
        reproject(
            rasterio.band(self._dataset, raster.band),
            values,
            src_nodata=nodata,
            src_alpha=self._alpha,
            dst_transform=part.affine,
            dst_crs=part.crs,
            dst_nodata=math.nan,
            init_dest_nodata=True,
            resampling=self._resampling,
            **self._scales,
        )
        return values


def _stored_nodata(nodata: float, dtype: np.dtype) -> float:
    """The no-data value as the file's numbers can hold it; integers compare exactly anyway."""
    return dtype.type(nodata) if dtype.kind == "f" else nodata


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
