"""The fixed blocks in which GDAL warps, so that values do not depend on the window that is read."""

import math
from collections.abc import Iterator

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform
from rasterio.windows import Window

from core.scene.files.sources import Raster
from core.scene.grid import Grid

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
