"""The split itself: which part every tile belongs to, and which of its pixels count."""

from dataclasses import dataclass

import numpy as np

from core.learning.scores.metrics import TEST, TRAIN, VALIDATION
from core.learning.tiles.tiling import Tiling

UNUSED = 255
PARTS = {"train": TRAIN, "validation": VALIDATION, "test": TEST}


@dataclass(frozen=True)
class TileTable:
    """Valid and landslide pixels of every tile, int64 (tiles,).

    `landslides` int64 (tiles,): mapped landslides whose centroid lies in the tile. `summaries`
    float64 (tiles, columns) describe its factors, NaN where nothing is known, and `factor_of` int
    (columns,) says which factor a column belongs to (`core.learning.split.table`). None where
    only pixels were counted.
    """

    valid: np.ndarray
    landslide: np.ndarray
    landslides: np.ndarray | None = None
    summaries: np.ndarray | None = None
    factor_of: np.ndarray | None = None

    @property
    def share(self) -> np.ndarray:
        """Landslide share of each tile's valid pixels, 0..1."""
        return self.landslide / np.maximum(self.valid, 1)


@dataclass(frozen=True)
class Split:
    """`part` uint8 (tiles,): 0 train, 1 validation, 2 test, 255 unused (no valid pixel).

    Training and validation pixels within `buffer` pixels of a tile of a later part are not used.
    """

    tiling: Tiling
    part: np.ndarray
    buffer: int
    notes: tuple[str, ...] = ()

    def tiles(self, part: int) -> np.ndarray:
        """Tile numbers of a part, ascending."""
        return np.flatnonzero(self.part == part)

    def usable(self, number: int) -> np.ndarray:
        """bool (tile, tile): pixels of tile `number` outside every buffer."""
        side = self.tiling.tile
        keep = np.ones((side, side), bool)
        mine = self.part[number]
        if not self.buffer or mine == TEST:
            return keep
        row, column = self.tiling.position(number)
        rows, columns = self.tiling.shape
        edge = {-1: slice(0, self.buffer), 0: slice(None), 1: slice(side - self.buffer, None)}
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                r, c = row + down, column + right
                if (down or right) and 0 <= r < rows and 0 <= c < columns:
                    theirs = self.part[r * columns + c]
                    if mine < theirs <= TEST:
                        keep[edge[down], edge[right]] = False
        return keep
