"""Distance of every pixel to the nearest line, polygon or point of a layer, in metres.

Exact to the geometry, pixel centre by pixel centre, not counted in pixels of a burnt raster: so
what lies beside the scene counts as well, and windows are read on their own. 0 within a polygon.
"""

import numpy as np
import shapely
from rasterio.crs import CRS
from rasterio.windows import Window

from core.scene import ground
from core.scene.grid import Grid


class DistanceReader:
    """Distances to `geometries` (n,), which lie in the grid's reference system; `read(window)` is
    float32 in metres."""

    def __init__(self, geometries: np.ndarray, grid: Grid):
        self._grid = grid
        simple = shapely.get_parts(geometries)
        self._areas = simple[shapely.get_type_id(simple) == 3]
        shapely.prepare(self._areas)
        self._places, self._tree = shapely.STRtree(self._areas), shapely.STRtree(pieces(simple))
        # Built by the first question, which several threads might ask at once.
        for tree in (self._places, self._tree):
            tree.query(shapely.Point(0, 0))

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        pass

    def read(self, window: Window) -> np.ndarray:
        x, y = self._centres(window)
        points = shapely.points(x.ravel(), y.ravel())
        (at, _), found = self._tree.query_nearest(points, return_distance=True, all_matches=False)
        distance = np.empty(len(points))
        distance[at] = found
        # Not by the tree, which asks its own polygons, and those are not prepared.
        here = shapely.box(x.min(), y.min(), x.max(), y.max())
        for area in self._areas[self._places.query(here)]:
            distance[shapely.intersects_xy(area, x.ravel(), y.ravel())] = 0.0
        metres = distance.reshape(x.shape) * self._metres(x, y)
        return metres.astype(np.float32)

    def _centres(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        rows = window.row_off + np.arange(window.height) + 0.5
        columns = window.col_off + np.arange(window.width) + 0.5
        return self._grid.affine * np.meshgrid(columns, rows)

    def _metres(self, x: np.ndarray, y: np.ndarray) -> float:
        """Metres on the ground a unit of the map at the middle of a window; within a percent the
        unit's own length."""
        if self._grid.crs is None:
            return 1.0
        unit = CRS.from_user_input(self._grid.crs).linear_units_factor[1]
        return unit * sum(ground.scale_at(str(self._grid.crs), x.mean(), y.mean())) / 2


def pieces(geometries: np.ndarray) -> np.ndarray:
    """Straight pieces of lines and outlines, and points, as geometries: of a long line only the
    pieces nearby have to be looked at.

    >>> [g.wkt for g in pieces(np.array([shapely.LineString([(0, 0), (1, 0), (1, 1)])]))]
    ['LINESTRING (0 0, 1 0)', 'LINESTRING (1 0, 1 1)']
    """
    kinds = shapely.get_type_id(geometries)
    points = geometries[kinds == 0]
    lines = np.concatenate(
        [
            geometries[(kinds == 1) | (kinds == 2)],
            shapely.get_parts(shapely.boundary(geometries[kinds == 3])),
        ]
    )
    ends, line = shapely.get_coordinates(lines, return_index=True)
    joined = np.flatnonzero(line[1:] == line[:-1])
    straight = shapely.linestrings(np.stack([ends[joined], ends[joined + 1]], axis=1))
    return np.concatenate([points, straight])
