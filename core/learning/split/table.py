"""What is known of every tile (pixels, landslides, factors): one pass over the scene, kept for the
next time."""

from pathlib import Path

import numpy as np

from core import atomic, paths
from core.learning.split import summaries
from core.learning.split.landslides import landslides_of
from core.learning.split.parts import TileTable
from core.learning.tiles.tiling import Tiling
from core.scene.store import Scene

QUICK_TILES = 600


def tile_table(scene: Scene, tiling: Tiling) -> TileTable:
    """Count valid and landslide pixels of every tile and summarise its factors, one tile a read.

    The pass over a large scene takes minutes, so what it found is kept until the scene changes.
    """
    kept = _kept(scene, tiling)
    if kept.exists():
        with np.load(kept, allow_pickle=False) as file:
            return TileTable(**{name: file[name] for name in TileTable.__dataclass_fields__})
    table = _count(scene, tiling)
    with atomic.whole_file(kept) as temporary:
        np.savez_compressed(temporary, **vars(table))
    return table


def is_quick(scene: Scene, tiling: Tiling) -> bool:
    """Whether the table is at hand, or counted within about a second: a page may ask for it."""
    return len(tiling) <= QUICK_TILES or _kept(scene, tiling).exists()


def _kept(scene: Scene, tiling: Tiling) -> Path:
    """The cache file: another import of the same name has other times."""
    written = (p.stat().st_mtime_ns for p in (scene.stack_path, scene.needed_mask))
    state = "-".join(f"{time:x}" for time in written)
    # Not `tiles-`: those of earlier versions have nothing but pixels.
    return paths.workspace() / "cache" / f"tile-table-{scene.name}-{state}-{tiling.tile}.npz"


def _count(scene: Scene, tiling: Tiling) -> TileTable:
    valid, landslide = np.zeros((2, len(tiling)), np.int64)
    names, described = scene.factor_names, summaries.forms(scene)
    factor_of = summaries.factor_of(described)
    found = np.full((len(tiling), len(factor_of)), np.nan)
    with scene.reading() as read, scene.reading_mask() as read_mask:
        for number in range(len(tiling)):
            window = tiling.window(number)
            values = read(window)
            inside = scene.valid(np.moveaxis(values, 0, -1), names)
            valid[number] = inside.sum()
            if valid[number]:
                landslide[number] = (read_mask(window)[inside] == 1).sum()
                found[number] = summaries.summarise(described, values[:, inside])
    return TileTable(valid, landslide, landslides_of(scene, tiling), found, factor_of)
