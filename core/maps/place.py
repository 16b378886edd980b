"""Where pixels of a scene lie on its map."""

from rasterio.warp import transform_bounds

from core.maps.opening import Bounds
from core.maps.raster import georeferenced
from core.scene.store import Scene

# Around an object, so that it is seen in its surroundings.
LEAST_PX = 48


def bounds(scene: Scene, box: tuple[int, int, int, int]) -> Bounds:
    """Return ((south, west), (north, east)) of a box (top, left, bottom, right) in pixels and what
    lies around it: in degrees, without CRS as minus row and column."""
    top, left, bottom, right = box
    down = max(0, LEAST_PX - (bottom - top)) / 2
    across = max(0, LEAST_PX - (right - left)) / 2
    top, bottom, left, right = top - down, bottom + down, left - across, right + across
    if not georeferenced(scene):
        return (-bottom, left), (-top, right)
    x0, y0 = scene.grid.affine * (left, top)
    x1, y1 = scene.grid.affine * (right, bottom)
    ends = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    west, south, east, north = transform_bounds(scene.grid.crs, "EPSG:4326", *ends)
    return (south, west), (north, east)
