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

# Pixels of a square that shares its pieces, along a side; pieces that are measured at once.
SIDE, AT_ONCE = 16, 256


class DistanceReader:
    """Distances to `geometries` (n,), which lie in the grid's reference system; `read(window)` is
    float32 in metres."""

    def __init__(self, geometries: np.ndarray, grid: Grid):
        self._grid = grid
        simple = shapely.get_parts(geometries)
        areas = simple[np.isin(shapely.get_type_id(simple), (3,))]
        shapely.prepare(areas)
        straight = pieces(simple)
        self._areas, self._tree = shapely.STRtree(areas), shapely.STRtree(straight)
        # A point is a piece whose ends are one.
        points = shapely.get_type_id(straight) == 0
        self._ends = np.empty((len(straight), 2, 2))
        self._ends[points] = shapely.get_coordinates(straight[points])[:, None]
        self._ends[~points] = shapely.get_coordinates(straight[~points]).reshape(-1, 2, 2)
        # Built by the first question, which several threads might ask at once.
        for tree in (self._areas, self._tree):
            tree.query(shapely.Point(0, 0))

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        pass

    def read(self, window: Window) -> np.ndarray:
        x, y = self._centres(window)
        distance = np.empty(x.shape)
        for row in range(0, x.shape[0], SIDE):
            for column in range(0, x.shape[1], SIDE):
                part = np.s_[row : row + SIDE, column : column + SIDE]
                distance[part] = self._nearest(x[part], y[part])
        if len(self._areas):
            points = shapely.points(x.ravel(), y.ravel())
            within = self._areas.query(points, predicate="intersects")[0]
            distance.ravel()[within] = 0.0
        return (distance * self._metres(x, y)).astype(np.float32)

    def _nearest(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Distances of the pixels of a square: only pieces near its middle can be the nearest of
        one, which the tree finds once for all of them."""
        middle = shapely.Point(x.mean(), y.mean())
        half = np.hypot(x - middle.x, y - middle.y).max()
        _, (found,) = self._tree.query_nearest(middle, return_distance=True, all_matches=False)
        near = self._tree.query(middle, predicate="dwithin", distance=found + 2 * half)
        # From the middle, as coordinates of millions of metres would cost digits.
        ends = self._ends[near] - (middle.x, middle.y)
        across, down = (x - middle.x).ravel(), (y - middle.y).ravel()
        least = np.full(x.size, np.inf)
        for first in range(0, len(ends), AT_ONCE):
            some = ends[first : first + AT_ONCE]
            least = np.minimum(least, _squares(across, down, some).min(axis=0))
        return np.sqrt(least).reshape(x.shape)

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
        along, across = ground.scales(
            str(self._grid.crs), np.array([x.mean()]), np.array([y.mean()])
        )
        true = float(along[0] + across[0]) / 2
        return unit * (true if abs(true - 1) > ground.TOLERATED else 1.0)


def _squares(x: np.ndarray, y: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Squared distances (pieces, points) of points (n,) to pieces with `ends` (pieces, 2, 2)."""
    (x0, y0), (x1, y1) = (ends[:, n].T[..., None] for n in (0, 1))
    along, up = x1 - x0, y1 - y0
    length = along**2 + up**2
    right, above = x - x0, y - y0
    share = (right * along + above * up) / np.where(length, length, 1)
    share = np.clip(share, 0, 1, out=share)
    right -= share * along
    above -= share * up
    return right**2 + above**2


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
