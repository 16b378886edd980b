"""A split as a small raster, for the map.

<prediction>/display/split.tif      8 bit, 0 = no data, else one of CLASSES
"""

import tempfile
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core.display import raster
from core.learning.scores.metrics import TEST, TRAIN, VALIDATION
from core.learning.split.parts import UNUSED, Split
from core.scene.store import Scene

CLASSES = ((1, "training"), (2, "validation"), (3, "test, held out"), (4, "buffer, not used"))
BUFFER = 4
_VALUE = np.zeros(256, np.uint8)
_VALUE[[TRAIN, VALIDATION, TEST]] = 1, 2, 3


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
    with tempfile.TemporaryDirectory(prefix=".display.", dir=folder) as name:
        plain = Path(name) / "plain.tif"
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
