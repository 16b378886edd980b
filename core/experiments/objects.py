"""Landslides detected or missed: the inventory's objects under predicted masks."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.windows import Window

from core.learning import bins
from core.learning.tiling import Tiling
from core.scene import inventory
from core.scene.polygons import Burner
from core.scene.store import Scene

DETECTED_SHARE = 0.25


def detections(
    scene: Scene,
    probabilities: Sequence[Path],
    tiling: Tiling,
    inside: np.ndarray,
    threshold: float,
) -> np.ndarray:
    """Return bool (predictions, objects): at least 25 % of the object's pixels are predicted.

    `probabilities` are probability rasters of `scene`, `inside` bool (tiles,) the tiles that
    count. Only objects whose pixels with data all lie in these tiles are there.
    """
    burner, objects = _burner(scene)
    total, counted = np.zeros((2, objects + 1), np.int64)
    hits = np.zeros((len(probabilities), objects + 1), np.int64)
    for window, here in strips(tiling, inside):
        numbers = burner.read(window, 0, "int32") * (scene.read_mask(window) == 1)
        for which, path in enumerate(probabilities):
            with rasterio.open(path) as source:
                display = bins.to_display(source.read(1, window=window))
            seen = display != bins.NO_DATA
            if which == 0:
                total += np.bincount(numbers[seen], minlength=objects + 1)
                counted += np.bincount(numbers[seen & here], minlength=objects + 1)
            predicted = bins.to_mask(display, threshold) == 1
            hits[which] += np.bincount(numbers[predicted & here], minlength=objects + 1)
    whole = (total > 0) & (counted == total)
    whole[0] = False
    return hits[:, whole] >= DETECTED_SHARE * total[whole]


def strips(tiling: Tiling, inside: np.ndarray):
    """Yield (window, bool (height, width) of the tiles that are `inside`) a row of tiles at a
    time."""
    columns = tiling.shape[1]
    for row in range(tiling.shape[0]):
        window = Window(
            0, row * tiling.tile, tiling.width, min(tiling.tile, tiling.height - row * tiling.tile)
        )
        mine = inside[row * columns : (row + 1) * columns]
        line = np.repeat(mine, tiling.tile)[: tiling.width]
        yield window, np.broadcast_to(line, (window.height, tiling.width))


def _burner(scene: Scene) -> tuple[Burner, int]:
    """The inventory's polygons as they were burnt into the reference mask, and their number."""
    stored = scene.mask_path.with_name("outlines.gpkg")
    if stored.exists():
        frame = gpd.read_file(stored)
    else:
        frame = inventory.outlines_of(scene.mask_path, scene)
    numbers = np.arange(1, len(frame) + 1, dtype=np.int32)
    return Burner(frame.geometry.to_numpy(), numbers, scene.grid), len(frame)
