"""Blocks of tiles: what a split draws, and what a bootstrap draws again."""

import numpy as np

from core.learning.tiles.tiling import Tiling

BLOCK_TILES = 2
# More blocks than these are joined with their neighbours: larger blocks are the more careful
# choice, and what is drawn thousands of times stays bounded.
MOST_BLOCKS = 4000


def blocks_of(tiling: Tiling, tiles: np.ndarray, kind: str) -> np.ndarray:
    """Return the block of each tile, numbered from 0: squares of 2 x 2 tiles, as the split draws
    them; in a tile scene every tile is a block of its own.

    >>> blocks_of(Tiling(512, 512, 128), np.array([0, 5, 2, 15]), "area").tolist()
    [0, 0, 1, 2]
    """
    if kind == "tiles":
        return np.arange(len(tiles))
    rows, columns = np.divmod(tiles, tiling.shape[1])
    numbers = rows // BLOCK_TILES * tiling.shape[1] + columns // BLOCK_TILES
    return np.unique(numbers, return_inverse=True)[1]


def with_pixels(inside: np.ndarray, *counts: np.ndarray) -> np.ndarray:
    """Numbers of the tiles that are `inside`, bool (tiles,), and hold a pixel in any of `counts`
    (tiles, 200, 2): a tile without data is no evidence."""
    there = np.any([each.any(axis=(1, 2)) for each in counts], axis=0)
    return np.flatnonzero(inside & there)


def block_sums(counts: np.ndarray, tiles: np.ndarray, tiling: Tiling, kind: str) -> np.ndarray:
    """Return int64 (blocks, 200, 2): counts (tiles of the scene, 200, 2) of some `tiles` summed by
    block.

    >>> counts = np.zeros((16, 200, 2), np.uint32); counts[[0, 5, 2], 150, 1] = 1, 2, 4
    >>> tiles = with_pixels(np.ones(16, bool), counts)
    >>> block_sums(counts, tiles, Tiling(512, 512, 128), "area")[:, 150, 1].tolist()
    [3, 4]
    """
    if not len(tiles):
        return np.zeros((0, *counts.shape[1:]), np.int64)
    block = blocks_of(tiling, tiles, kind)
    count = int(block.max()) + 1
    if count > MOST_BLOCKS:
        block = block * MOST_BLOCKS // count
    order = np.argsort(block, kind="stable")
    first = np.flatnonzero(np.diff(block[order], prepend=-1))
    return np.add.reduceat(counts[tiles[order]], first, axis=0, dtype=np.int64)
