"""Valid and landslide pixels of every tile: one pass over the scene, kept for the next time."""

from pathlib import Path

import numpy as np

from core import atomic, paths
from core.learning.split.parts import TileTable
from core.learning.tiling import Tiling
from core.scene.store import Scene

QUICK_TILES = 600


def tile_table(scene: Scene, tiling: Tiling) -> TileTable:
    """Count valid and landslide pixels of every tile, one tile a read.

    The pass over a large scene takes minutes, so its counts are kept until the scene changes.
    """
    kept = _kept(scene, tiling) if scene.mask_path else None
    if kept and kept.exists():
        with np.load(kept, allow_pickle=False) as file:
            return TileTable(file["valid"], file["landslide"])
    table = _count(scene, tiling)
    with atomic.whole_file(kept) as temporary:
        np.savez_compressed(temporary, valid=table.valid, landslide=table.landslide)
    return table


def is_quick(scene: Scene, tiling: Tiling) -> bool:
    """Whether the table is at hand, or counted within about a second: a page may ask for it."""
    return len(tiling) <= QUICK_TILES or _kept(scene, tiling).exists()


def _kept(scene: Scene, tiling: Tiling) -> Path:
    """The cache file: another import of the same name has other times."""
    written = (p.stat().st_mtime_ns for p in (scene.stack_path, scene.mask_path))
    state = "-".join(f"{time:x}" for time in written)
    return paths.workspace() / "cache" / f"tiles-{scene.name}-{state}-{tiling.tile}.npz"


def _count(scene: Scene, tiling: Tiling) -> TileTable:
    valid, landslide = np.zeros((2, len(tiling)), np.int64)
    names = scene.factor_names
    for number in range(len(tiling)):
        window = tiling.window(number)
        inside = scene.valid(scene.read(names, window), names)
        valid[number] = inside.sum()
        landslide[number] = (scene.read_mask(window)[inside] == 1).sum()
    return TileTable(valid, landslide)
