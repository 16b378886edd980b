"""Measured points on the grid, by inverse distance within a radius."""

import numpy as np
from rasterio.crs import CRS
from rasterio.warp import transform
from rasterio.windows import Window
from scipy.spatial import cKDTree

from core.errors import SlideScopeError
from core.scene.files.points import Points
from core.scene.grid import Grid

# A scatterer speaks for its neighbourhood; further off the ground may do something else.
RADIUS_M, NEIGHBOURS, POWER = 100.0, 8, 2


class PointReader:
    """Points seen through the grid: `read(window)` is float32, NaN where none is near.

    A pixel gets the mean of the at most 8 nearest points within 100 m (or two pixels, if those are
    larger) of its centre, weighted by 1 / distance squared (Shepard 1968). Distances are in units
    of the grid's CRS, whatever the window.
    """

    def __init__(self, points: Points, grid: Grid):
        crs = CRS.from_user_input(grid.crs)
        x, y = transform(points.crs, crs, points.x, points.y)
        placed = np.column_stack((x, y))
        usable = np.isfinite(placed).all(axis=1)
        sides = grid.pixel_metres
        metre = max(sides) / max(grid.resolution) if sides else 111_320.0
        self._radius = max(RADIUS_M / metre, 2 * max(grid.resolution))
        left, bottom, right, top = grid.bounds
        far = self._radius
        usable &= (placed[:, 0] >= left - far) & (placed[:, 0] <= right + far)
        usable &= (placed[:, 1] >= bottom - far) & (placed[:, 1] <= top + far)
        if not usable.any():
            raise SlideScopeError(
                f"No overlap: none of the {len(placed)} points of '{points.path.name}' lies in the "
                "scene; check its coordinates."
            )
        self._values = points.values[usable] * points.times
        self._tree, self._grid = cKDTree(placed[usable]), grid

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        pass

    def read(self, window: Window) -> np.ndarray:
        part = self._grid.window(window)
        rows, columns = np.mgrid[: part.height, : part.width] + 0.5
        x, y = part.affine * (columns.ravel(), rows.ravel())
        most = min(NEIGHBOURS, self._tree.n)
        distance, index = self._tree.query(
            np.column_stack((x, y)), k=[*range(1, most + 1)], distance_upper_bound=self._radius
        )
        near = np.isfinite(distance)
        # A point at the very centre would weigh without end.
        weight = np.where(near, 1 / np.maximum(distance, 1e-6) ** POWER, 0.0)
        values = np.where(near, self._values[np.minimum(index, self._tree.n - 1)], 0.0)
        with np.errstate(invalid="ignore"):
            mean = (weight * values).sum(axis=1) / weight.sum(axis=1)
        return mean.reshape(part.shape).astype(np.float32)
