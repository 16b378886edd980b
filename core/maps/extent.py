"""Which tiles touch a part of the map."""

import numpy as np
from rasterio.warp import transform_bounds

from core.display.raster import georeferenced
from core.learning.tiles.tiling import tiling_of
from core.maps.opening import Bounds
from core.scene.store import Scene


def touching(scene: Scene, bounds: Bounds) -> np.ndarray:
    """Return bool (tiles,), True where a tile touches ((south, west), (north, east))."""
    (south, west), (north, east) = bounds
    if georeferenced(scene):
        left, bottom, right, top = transform_bounds(
            "EPSG:4326", scene.grid.crs, west, south, east, north
        )
        inverse = ~scene.grid.affine
        first, last = inverse * (left, top), inverse * (right, bottom)
    else:
        first, last = (west, -north), (east, -south)
    tiling = tiling_of(scene)
    rows, columns = np.divmod(np.arange(len(tiling)), tiling.shape[1])
    inside = np.ones(len(tiling), bool)
    for axis, (low, high) in zip((columns, rows), zip(first, last)):
        inside &= ((axis + 1) * tiling.tile > low) & (axis * tiling.tile < high)
    return inside
