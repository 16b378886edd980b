"""Where pixels and shapes of a scene lie on its map, and back; where the map opens."""

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.warp import transform, transform_bounds
from scipy.ndimage import uniform_filter

from core.display.raster import georeferenced
from core.errors import SlideScopeError
from core.scene.files.gdal_errors import GDAL_ERRORS
from core.scene.grid import Grid
from core.scene.store import Scene

# A part this wide and high, as a share of the scene; scenes of fewer pixels open whole.
SHARE = 0.4
SMALLEST_WHOLE = 1024
LOOK_PX = 256

Bounds = tuple[tuple[float, float], tuple[float, float]]


# Around an object, so that it is seen in its surroundings.
LEAST_PX = 48
MOST_CORNERS = 5000
# Polygons of rings of (latitude, longitude); without CRS of (minus row, column).
Shape = list[list[list[tuple[float, float]]]]


def bounds(scene: Scene, box: tuple[int, int, int, int]) -> Bounds:
    """Return ((south, west), (north, east)) of a box (top, left, bottom, right) in pixels and what
    lies around it: in degrees, without CRS as minus row and column."""
    top, left, bottom, right = box
    down = max(0, LEAST_PX - (bottom - top)) / 2
    across = max(0, LEAST_PX - (right - left)) / 2
    first_row, last_row = top - down, bottom + down
    first_column, last_column = left - across, right + across
    if not georeferenced(scene):
        return (-last_row, first_column), (-first_row, last_column)
    x0, y0 = scene.grid.affine * (first_column, first_row)
    x1, y1 = scene.grid.affine * (last_column, last_row)
    ends = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    west, south, east, north = transform_bounds(scene.grid.crs, "EPSG:4326", *ends)
    return (south, west), (north, east)


def pixel(scene: Scene, lat: float, lng: float) -> tuple[int, int] | None:
    """Return (row, column) of a place on the map, None outside the scene."""
    if georeferenced(scene):
        try:
            (x,), (y,) = transform("EPSG:4326", scene.grid.crs, [lng], [lat])
        except GDAL_ERRORS:
            return None  # no place that its reference system knows
        if not (np.isfinite(x) and np.isfinite(y)):
            return None
        column, row = ~scene.grid.affine * (x, y)
    else:
        row, column = -lat, lng
    row, column = int(np.floor(row)), int(np.floor(column))
    inside = 0 <= row < scene.grid.height and 0 <= column < scene.grid.width
    return (row, column) if inside else None


def point(scene: Scene, row: float, column: float) -> tuple[float, float]:
    """Where the middle of a pixel lies on the map, (latitude, longitude); the way back of
    `pixel`."""
    if not georeferenced(scene):
        return -(row + 0.5), column + 0.5
    x, y = scene.grid.affine * (column + 0.5, row + 0.5)
    (lng,), (lat,) = transform(scene.grid.crs, "EPSG:4326", [x], [y])
    return lat, lng


def on_map(scene: Scene, geometry) -> Shape:
    """Return a polygon or multipolygon in the scene's coordinates as the map draws it, no ring
    with its first corner repeated."""
    parts = getattr(geometry, "geoms", [geometry])
    return [
        [_corners(scene, ring) for ring in (part.exterior, *part.interiors)]
        for part in parts
        if part.geom_type == "Polygon" and not part.is_empty
    ]


def _corners(scene: Scene, ring) -> list[tuple[float, float]]:
    xs, ys = (list(axis)[:-1] for axis in ring.xy)
    if georeferenced(scene):
        lngs, lats = transform(scene.grid.crs, "EPSG:4326", xs, ys)
        return list(zip(lats, lngs))
    pixels = [~scene.grid.affine * place for place in zip(xs, ys)]
    return [(-row, column) for column, row in pixels]


def from_map(scene: Scene, shape: Shape):
    """Return what was drawn on the map as a geometry in the scene's coordinates, as it is: a line
    that crosses itself is left to whoever checks it."""
    try:
        rings = [[[(float(a), float(b)) for a, b in ring] for ring in part] for part in shape]
        flat = [value for part in rings for ring in part for corner in ring for value in corner]
        fits = all(map(math.isfinite, flat)) and 0 < len(flat) <= 2 * MOST_CORNERS
        if not fits or any(len(ring) < 3 for part in rings for ring in part):
            raise ValueError("no shape")
    except (TypeError, ValueError) as error:
        raise SlideScopeError(
            f"What was drawn is no outline: it needs at least 3 and at most {MOST_CORNERS} "
            "corners; draw it again."
        ) from error
    parts = [[_places(scene, ring) for ring in part] for part in rings]
    polygons = [shapely.Polygon(outer, holes) for outer, *holes in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _places(scene: Scene, ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    lats, lngs = zip(*ring)
    if georeferenced(scene):
        return list(zip(*transform("EPSG:4326", scene.grid.crs, lngs, lats)))
    return [scene.grid.affine * (column, -minus_row) for minus_row, column in ring]


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
