"""Where the map opens: the part of a large scene with the most landslides, not the whole of it.

Landslides cover a few pixels in a thousand; over the whole of a watershed they are specks.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from rasterio.warp import transform_bounds
from scipy.ndimage import uniform_filter

from core.scene.grid import Grid
from core.scene.store import Scene

# A part this wide and high, as a share of the scene; scenes of fewer pixels open whole.
SHARE = 0.4
SMALLEST_WHOLE = 1024
LOOK_PX = 256

Bounds = tuple[tuple[float, float], tuple[float, float]]


def opening(scene: Scene) -> Bounds | None:
    """Return ((south, west), (north, east)) in degrees, or None for the whole scene."""
    small = min(scene.grid.shape) < SMALLEST_WHOLE
    if small or scene.kind == "tiles" or scene.grid.crs is None or scene.mask_path is None:
        return None
    return _densest(scene.mask_path, scene.mask_path.stat().st_mtime_ns, scene.grid)


@lru_cache(maxsize=64)
def _densest(path: Path, modified: int, grid: Grid) -> Bounds:
    with rasterio.open(path, driver="GTiff") as source:
        # Enough to find a region; a large mask is never read whole.
        shape = tuple(min(LOOK_PX, n) for n in grid.shape)
        mask = source.read(1, out_shape=shape).astype(np.float32)
    row, column = densest_part(mask, SHARE)
    height, width = (SHARE * n for n in grid.shape)
    left, top = grid.affine * (column * grid.width, row * grid.height)
    right, bottom = grid.affine * (column * grid.width + width, row * grid.height + height)
    west, south, east, north = transform_bounds(grid.crs, "EPSG:4326", left, bottom, right, top)
    return (south, west), (north, east)


def densest_part(mask: np.ndarray, share: float) -> tuple[float, float]:
    """Return (row, column), 0..1, of the upper left corner of the densest part.

    >>> mask = np.zeros((10, 10), np.float32); mask[6:9, 2:4] = 1
    >>> row, column = densest_part(mask, 0.4)
    >>> 0.4 < row <= 0.6, 0.0 <= column <= 0.3
    (True, True)
    """
    size = [max(1, round(share * n)) for n in mask.shape]
    density = uniform_filter(mask, size, mode="constant")
    low = [s // 2 for s in size]
    inside = density[low[0] : -low[0] or None, low[1] : -low[1] or None]
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    limit = 1 - share
    return float(min(row / mask.shape[0], limit)), float(min(column / mask.shape[1], limit))
