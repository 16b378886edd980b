"""Several probability maps of a scene become one, block by block."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core.learning.prediction import products
from core.learning.scores.metrics import TEST
from core.learning.split import Split
from core.learning.tiles.tiling import Tiling
from core.scene.grid import Grid


def mean(paths: Sequence[Path], grid: Grid, target: Path) -> None:
    """Write the mean of maps on one grid; a pixel that one of them lacks has none."""
    with ExitStack() as opened:
        sources = [opened.enter_context(rasterio.open(path)) for path in paths]
        sink = opened.enter_context(_created(grid, target))
        for _, window in sink.block_windows(1):
            total = np.zeros((window.height, window.width))
            for source in sources:
                total += source.read(1, window=window)
            sink.write((total / len(sources)).astype(np.float32), 1, window=window)


def by_tile(
    paths: Sequence[Path], owners: np.ndarray, tiling: Tiling, grid: Grid, target: Path
) -> None:
    """Write each tile of `tiling` from the map that owns it; `owners` int (tiles,) are numbers of
    `paths`, -1 for a tile without data."""
    columns = np.arange(grid.width) // tiling.tile
    with ExitStack() as opened:
        sources = [opened.enter_context(rasterio.open(path)) for path in paths]
        sink = opened.enter_context(_created(grid, target))
        for row, mine in enumerate(owners.reshape(tiling.shape)):
            top = row * tiling.tile
            window = Window(0, top, grid.width, min(tiling.tile, grid.height - top))
            strip = np.full((window.height, grid.width), np.nan, np.float32)
            for number in np.unique(mine[mine >= 0]):
                here = mine[columns] == number
                strip[:, here] = sources[number].read(1, window=window)[:, here]
            sink.write(strip, 1, window=window)


def owners(splits: Sequence[Split]) -> np.ndarray:
    """int (tiles,): the number of the split that holds each tile out, -1 where none does."""
    found = np.full(len(splits[0].tiling), -1)
    for number, each in enumerate(splits):
        found[each.part == TEST] = number
    return found


def pick(tables: Sequence[np.ndarray], owners: np.ndarray) -> np.ndarray:
    """Counts (tiles, 200, 2), each tile's from the table that owns it.

    >>> tables = [np.full((3, 200, 2), n, np.uint32) for n in (1, 2)]
    >>> pick(tables, np.array([1, 0, -1]))[:, 0, 0].tolist()
    [2, 1, 0]
    """
    found = np.zeros_like(tables[0])
    for number, table in enumerate(tables):
        found[owners == number] = table[owners == number]
    return found


def _created(grid: Grid, target: Path):
    return rasterio.open(target, "w", **products.profile(grid, "float32", np.nan))
