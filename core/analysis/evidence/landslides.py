"""How many landslides lie in an area: what significance counts instead of pixels.

Pixels that touch, at a corner too, are one landslide, so overlapping polygons of an inventory count
once and polygons without a pixel not at all.
"""

import numpy as np
from rasterio.windows import Window
from scipy import ndimage, sparse

from core.analysis.areas.area import WHOLE, Area, reader
from core.scene.store import Scene

ROWS = 256
EIGHT = np.ones((3, 3), bool)


def count(scene: Scene, area: Area = WHOLE) -> int:
    """Landslides with a pixel in the area, strip by strip; 0 without an inventory."""
    if scene.mask_path is None:
        return 0
    rows = scene.tile if scene.kind == "tiles" else ROWS
    pieces = _Pieces(alone=scene.kind == "tiles")
    for top in range(0, scene.grid.height, rows):
        window = Window(0, top, scene.grid.width, min(rows, scene.grid.height - top))
        mask = scene.read_mask(window) == 1
        here = mask
        if area.parts and mask.any():
            nothing = np.zeros((0, *mask.shape), np.float32)
            here = mask & area.mask(scene, window, reader(scene, (), nothing, window))
        pieces.add(mask, here)
    return pieces.count()


class _Pieces:
    """Connected pieces of strips, joined where they touch across a border unless `alone`."""

    def __init__(self, alone: bool):
        self._alone = alone
        self._above: np.ndarray | None = None
        self._here: list[np.ndarray] = []
        self._edges: list[np.ndarray] = [np.zeros((2, 0), int)]
        self._total = 0

    def add(self, mask: np.ndarray, here: np.ndarray) -> None:
        labels, found = ndimage.label(mask, EIGHT)
        self._here.append(np.bincount(labels[here], minlength=found + 1)[1:] > 0)
        numbers = np.where(labels > 0, labels + self._total, 0)
        if self._above is not None and not self._alone:
            self._join(np.pad(self._above, 1), numbers[0])
        self._above, self._total = numbers[-1], self._total + found

    def _join(self, above: np.ndarray, below: np.ndarray) -> None:
        for shift in range(3):
            other = above[shift : shift + len(below)]
            both = (other > 0) & (below > 0)
            self._edges.append(np.stack([other[both], below[both]]) - 1)

    def count(self) -> int:
        if not self._total:
            return 0
        pairs = np.concatenate(self._edges, axis=1)
        graph = sparse.coo_matrix((np.ones(pairs.shape[1]), tuple(pairs)), (self._total,) * 2)
        _, group = sparse.csgraph.connected_components(graph, directed=False)
        return len(np.unique(group[np.concatenate(self._here)]))
