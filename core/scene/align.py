"""Reading rasters on the scene's grid, block by block.

Bilinear for continuous factors, nearest for classes and masks (paper-notes, reading 18). A raster
whose pixels are the grid's pixels is copied, not resampled. Values never depend on which window is
read: warping happens in fixed blocks of the grid, with fixed XSCALE and YSCALE (GDAL guesses these
from the block otherwise, and its bilinear then differs from block to block).
"""

import math

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject, transform
from rasterio.windows import Window

from core.scene import guard
from core.scene.grid import Grid
from core.scene.sources import Raster

BLOCK_ROWS, BLOCK_COLUMNS = 256, 1024
# Pixels count as the same when they differ by less than this share of one, over the whole raster.
SAME_PIXEL = 0.01


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
        self._dataset = raster.open()
        self._offset = offset_on(raster, grid)
        self._resampling = Resampling[kernel]
        flags = self._dataset.mask_flag_enums[raster.band - 1]
        self._masked = MaskFlags.all_valid not in flags
        interpretation = self._dataset.colorinterp
        has_alpha = ColorInterp.alpha in interpretation
        self._alpha = interpretation.index(ColorInterp.alpha) + 1 if has_alpha else 0
        if self._offset is None:
            self._scales = dict(zip(("XSCALE", "YSCALE"), map(str, _scales(raster, grid))))

    @property
    def copied(self) -> bool:
        """Whether pixels are copied as they are, without resampling."""
        return self._offset is not None

    def close(self) -> None:
        self._dataset.close()

    def read(self, window: Window) -> np.ndarray:
        with guard.reading(self._raster.path):
            values = self._copy(window) if self.copied else self._warp(window)
        scale, offset = self._raster.unscale
        if (scale, offset) != (1.0, 0.0):
            values = values * np.float32(scale) + np.float32(offset)
        # Infinities and GDAL's "no data" of other tools (1e38 and beyond) are not measurements.
        values[~(np.abs(values) < 1e37)] = np.nan
        return values

    def _copy(self, window: Window) -> np.ndarray:
        values = np.full((window.height, window.width), np.nan, np.float32)
        row, column = (int(w) - o for w, o in zip((window.row_off, window.col_off), self._offset))
        top, left = max(row, 0), max(column, 0)
        bottom = min(row + window.height, self._dataset.height)
        right = min(column + window.width, self._dataset.width)
        if bottom <= top or right <= left:
            return values
        part = Window(left, top, right - left, bottom - top)
        band = self._raster.band
        found = self._dataset.read(band, window=part).astype(np.float32)
        if self._masked:
            found[self._dataset.read_masks(band, window=part) == 0] = np.nan
        values[top - row : bottom - row, left - column : right - column] = found
        return values

    def _warp(self, window: Window) -> np.ndarray:
        values = np.empty((window.height, window.width), np.float32)
        for block in _blocks(window, self._grid):
            inner, outer = _overlap(block, window)
            values[outer] = self._warp_block(block)[inner]
        return values

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


class AlignedMosaic:
    """Several files of one factor: later ones fill the gaps of earlier ones.

    `kernel` names one of GDAL's; without it `nearest` chooses between nearest and bilinear.
    """

    def __init__(
        self,
        rasters: tuple[Raster, ...],
        grid: Grid,
        nearest: bool = False,
        kernel: str | None = None,
    ):
        chosen = kernel or ("nearest" if nearest else "bilinear")
        self._bands = [AlignedBand(raster, grid, chosen) for raster in rasters]

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        for band in self._bands:
            band.close()

    @property
    def copied(self) -> bool:
        return all(band.copied for band in self._bands)

    def read(self, window: Window) -> np.ndarray:
        """float32 (height, width) of the window, NaN = no data."""
        values = self._bands[0].read(window)
        for band in self._bands[1:]:
            gaps = np.isnan(values)
            if gaps.any():
                values[gaps] = band.read(window)[gaps]
        return values


class AlignedBearings:
    """A compass bearing in degrees, resampled through its sine and cosine.

    359 and 1 degrees average to 0, not to 180.
    """

    def __init__(self, sines: AlignedMosaic, cosines: AlignedMosaic):
        self._sines, self._cosines = sines, cosines

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        self._sines.__exit__(*error)
        self._cosines.__exit__(*error)

    def read(self, window: Window) -> np.ndarray:
        sine, cosine = self._sines.read(window), self._cosines.read(window)
        return to_bearing(sine, cosine)


def to_bearing(sine: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Degrees 0..360 of a direction; NaN where opposite directions cancel out.

    >>> to_bearing(np.float32([1, 0, -1]), np.float32([0, -1, 0])).tolist()
    [90.0, 180.0, 270.0]
    """
    bearing = np.degrees(np.arctan2(sine, cosine)) % 360
    bearing[np.hypot(sine, cosine) < 1e-3] = np.nan
    # A tiny negative angle modulo 360 rounds to 360 itself.
    bearing[bearing >= 360] = 0
    return bearing.astype(np.float32)


def _scales(raster: Raster, grid: Grid) -> tuple[float, float]:
    """Grid pixels per source pixel, along the source's columns and rows, at the grid's middle."""
    column, row = grid.width / 2, grid.height / 2
    x, y = grid.affine * (np.array([column, column + 1, column]), np.array([row, row, row + 1]))
    if raster.crs is not None:
        x, y = transform(CRS.from_user_input(grid.crs), raster.crs, x, y)
    inverse: Affine = ~raster.transform
    column, row = inverse * (np.array(x), np.array(y))
    across = math.hypot(*(column[1:] - column[0]))
    down = math.hypot(*(row[1:] - row[0]))
    return tuple(round(1 / s, 6) if 0 < s < math.inf else 1.0 for s in (across, down))


def _blocks(window: Window, grid: Grid):
    """The fixed warp blocks that touch `window`."""
    first_row = int(window.row_off) // BLOCK_ROWS * BLOCK_ROWS
    first_column = int(window.col_off) // BLOCK_COLUMNS * BLOCK_COLUMNS
    for row in range(first_row, int(window.row_off + window.height), BLOCK_ROWS):
        for column in range(first_column, int(window.col_off + window.width), BLOCK_COLUMNS):
            height = min(BLOCK_ROWS, grid.height - row)
            yield Window(column, row, min(BLOCK_COLUMNS, grid.width - column), height)


def _overlap(block: Window, window: Window) -> tuple[tuple, tuple]:
    """Slices of the shared pixels, within the block and within the window."""
    pairs = []
    for start, length, origin, size in (
        (block.row_off, block.height, window.row_off, window.height),
        (block.col_off, block.width, window.col_off, window.width),
    ):
        low, high = max(start, origin), min(start + length, origin + size)
        pairs.append((slice(low - start, high - start), slice(low - origin, high - origin)))
    return tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)
