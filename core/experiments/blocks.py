"""The test part of an experiment, in spatial blocks."""

from dataclasses import dataclass

import numpy as np

from core.learning.prediction import products
from core.learning.scores import metrics
from core.learning.split import blocks_of
from core.learning.tiles.tiling import Tiling, tiling_of
from core.runs.store import Run
from core.scene.store import Scene


@dataclass(frozen=True)
class Part:
    """Test `tiles` by number and the block (0 .. `count` - 1) of each of them."""

    tiling: Tiling
    tiles: np.ndarray
    block: np.ndarray
    label: int = metrics.TEST

    @property
    def count(self) -> int:
        return int(self.block.max()) + 1 if len(self.block) else 0

    @property
    def inside(self) -> np.ndarray:
        """bool (tiles of the scene,)."""
        return np.isin(np.arange(len(self.tiling)), self.tiles)

    def sums(self, counts: np.ndarray) -> np.ndarray:
        """Return int64 (blocks, 200, 2) of counts (tiles of the scene, 200, 2)."""
        found = np.zeros((self.count, *counts.shape[1:]), np.int64)
        np.add.at(found, self.block, counts[self.tiles])
        return found


def part_of(run: Run, scene: Scene) -> Part:
    """Return the test part of a measured run on the scene it is tested on."""
    _, labels = products.load_counts(run.prediction())
    tiles = np.flatnonzero(labels == metrics.TEST)
    tiling = tiling_of(scene)
    return Part(tiling, tiles, blocks_of(tiling, tiles, scene.kind))
