"""The rule (design: Decisions): which landslide is detected, which predicted object is false."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.windows import Window

from core.display import bins
from core.learning.tiles.tiling import Tiling
from core.scene import inventory
from core.scene.polygons import Burner
from core.scene.store import Scene

DETECTED_SHARE = 0.25
FALSE_SHARE = 0.10


def is_detected(predicted: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Whether landslides of so many `pixels`, so many of them `predicted`, are detected.

    >>> is_detected(np.array([24, 25]), np.array([100, 100])).tolist()
    [False, True]
    """
    return predicted >= DETECTED_SHARE * pixels


def is_false(landslide: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Whether predicted objects of so many `pixels`, so many of them `landslide`, are false.

    >>> is_false(np.array([9, 10]), np.array([100, 100])).tolist()
    [True, False]
    """
    return landslide < FALSE_SHARE * pixels


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
    burner, objects = numbered(scene)
    total, counted = np.zeros((2, objects + 1), np.int64)
    hits = np.zeros((len(probabilities), objects + 1), np.int64)
    for window, here in strips(tiling, inside):
        numbers = numbers_in(scene, burner, window)
        for which, path in enumerate(probabilities):
            with rasterio.open(path) as source:
                display = bins.to_display(source.read(1, window=window))
            seen = display != bins.NO_DATA
            if which == 0:
                total += np.bincount(numbers[seen], minlength=objects + 1)
                counted += np.bincount(numbers[seen & here], minlength=objects + 1)
            predicted = bins.to_mask(display, threshold) == 1
            hits[which] += np.bincount(numbers[predicted & here], minlength=objects + 1)
    whole = is_whole(total, counted)
    return is_detected(hits[:, whole], total[whole])


def is_whole(total: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """bool (objects + 1,): all pixels with data lie in the area, and there are some; number 0 is
    no object."""
    whole = (total > 0) & (counted == total)
    whole[0] = False
    return whole


def strips(tiling: Tiling, inside: np.ndarray) -> Iterator[tuple[Window, np.ndarray]]:
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


def numbered(scene: Scene) -> tuple[Burner, int]:
    """The inventory's polygons as they were burnt into the reference mask, numbered from 1, and
    their number."""
    stored = scene.needed_mask.with_name("outlines.gpkg")
    if stored.exists():
        frame = gpd.read_file(stored)
    else:
        frame = inventory.outlines_of(scene.needed_mask, scene)
    numbers = np.arange(1, len(frame) + 1, dtype=np.int32)
    return Burner(frame.geometry.to_numpy(), numbers, scene.grid), len(frame)


def numbers_in(scene: Scene, burner: Burner, window: Window) -> np.ndarray:
    """int32 (height, width): the number of the landslide a pixel of the mask belongs to, else 0."""
    return burner.read(window, 0, "int32") * (scene.read_mask(window) == 1)
