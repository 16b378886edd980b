"""How many mapped landslides each tile holds: a landslide belongs to the tile of its centroid."""

from functools import lru_cache

import numpy as np
import shapely

from core.learning.tiles.tiling import Tiling
from core.scene import versions
from core.scene.store import Scene


def landslides_of(scene: Scene, tiling: Tiling) -> np.ndarray:
    """int64 (tiles,): the inventory's landslides that have a pixel, by tile."""
    stored = scene.needed_mask.with_name("outlines.gpkg")
    file = stored if stored.exists() else scene.needed_mask
    return _count(_Asked(scene, tiling), file, file.stat().st_mtime_ns).copy()


class _Asked:
    """A scene as a cache's key: a Scene holds dictionaries, which have no hash."""

    def __init__(self, scene: Scene, tiling: Tiling):
        self.scene, self.tiling = scene, tiling

    def __hash__(self) -> int:
        return hash(self.tiling)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.tiling == other.tiling


@lru_cache(maxsize=8)
def _count(asked: _Asked, _file, _mtime: int) -> np.ndarray:
    scene, tiling = asked.scene, asked.tiling
    frame = versions.outlines(scene)
    if "has_pixel" in frame:
        frame = frame[frame["has_pixel"] > 0]
    centres = shapely.centroid(frame.geometry.to_numpy())
    columns, rows = ~scene.grid.affine * (shapely.get_x(centres), shapely.get_y(centres))
    row = np.clip(rows // tiling.tile, 0, tiling.shape[0] - 1).astype(np.int64)
    column = np.clip(columns // tiling.tile, 0, tiling.shape[1] - 1).astype(np.int64)
    return np.bincount(row * tiling.shape[1] + column, minlength=len(tiling))
