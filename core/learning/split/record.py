"""A split on disk (split.json), and its figures: counts, prevalence, dropped share."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic, disk
from core.display import raster
from core.language.translation import message
from core.learning.scores.metrics import TEST, TRAIN, VALIDATION
from core.learning.split.parts import PARTS, UNUSED, Split, TileTable
from core.learning.tiles.tiling import Tiling
from core.scene.store import Scene

CLASSES = (
    (1, message("training")),
    (2, message("validation")),
    (3, "test, held out"),
    (4, "buffer, not used"),
)
BUFFER = 4
_VALUE = np.zeros(256, np.uint8)
_VALUE[[TRAIN, VALIDATION, TEST]] = 1, 2, 3


def summary(split: Split, table: TileTable, scene: Scene) -> dict:
    """Counts (tiles, pixels, mapped landslides), prevalence and the share of pixels dropped by the
    buffer, for every part."""
    found = {"buffer_px": split.buffer, "notes": list(split.notes)}
    for name, part in PARTS.items():
        tiles = split.tiles(part)
        pixels = int(table.valid[tiles].sum())
        landslide = int(table.landslide[tiles].sum())
        kept = [float(split.usable(t).mean()) for t in tiles]
        found[name] = {
            "tiles": len(tiles),
            "landslide_tiles": int((table.landslide[tiles] > 0).sum()),
            "landslides": _landslides(table, tiles),
            "pixels": pixels,
            "prevalence": landslide / pixels if pixels else 0.0,
            "dropped_share": 1 - float(np.mean(kept)) if kept else 0.0,
        }
    return found


def _landslides(table: TileTable, tiles: np.ndarray) -> int | None:
    return None if table.landslides is None else int(table.landslides[tiles].sum())


def same_test(path: Path, split: Split) -> bool:
    """Whether split.json holds out the tiles of `split`: an earlier version of the software, or
    another state of the inventory, may have drawn others with the same seed."""
    if not path.exists():
        return False
    kept = load(path)
    alike = kept.tiling == split.tiling
    return alike and np.array_equal(kept.tiles(PARTS["test"]), split.tiles(PARTS["test"]))


def save(split: Split, path: Path) -> None:
    """Write split.json: tile size, buffer and the tile numbers of each part."""
    tiles = {word: split.tiles(part).tolist() for word, part in PARTS.items()}
    shape = {"height": split.tiling.height, "width": split.tiling.width, "tile": split.tiling.tile}
    atomic.write_json(path, {**shape, "buffer": split.buffer, "notes": list(split.notes), **tiles})


def load(path: Path) -> Split:
    value = atomic.needed_json(path)
    tiling = Tiling(value["height"], value["width"], value["tile"])
    part = np.full(len(tiling), UNUSED, np.uint8)
    for name, number in PARTS.items():
        part[value[name]] = number
    return Split(tiling, part, value["buffer"], tuple(value["notes"]))


def classes(split: Split, number: int) -> np.ndarray:
    """Display values uint8 (tile, tile) of tile `number`, 0 where the tile has no data."""
    if split.part[number] == UNUSED:
        return np.zeros((split.tiling.tile, split.tiling.tile), np.uint8)
    return np.where(split.usable(number), _VALUE[split.part[number]], BUFFER).astype(np.uint8)


def write(folder: Path, scene: Scene, split: Split) -> None:
    """Write folder/display/split.tif."""
    target = file_in(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    tiling = split.tiling
    rows, columns = tiling.shape
    with disk.scratch(".display.", folder) as scratch:
        plain = scratch / "plain.tif"
        with rasterio.open(plain, "w", **raster.plain_profile(scene.grid)) as sink:
            for row in range(rows):
                numbers = range(row * columns, (row + 1) * columns)
                strip = np.hstack([classes(split, number) for number in numbers])
                height = min(tiling.tile, tiling.height - row * tiling.tile)
                window = Window(0, row * tiling.tile, tiling.width, height)
                sink.write(strip[:height, : tiling.width], 1, window=window)
        raster.write(plain, target, "nearest", raster.georeferenced(scene))


def file_in(prediction: Path) -> Path:
    """Path of the split's display raster in a prediction's folder."""
    return prediction / "display" / "split.tif"
