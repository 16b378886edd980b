"""How many landslides are detected at every threshold, and how many predicted objects are false at
one: counts alone, by the rule of `detection`, for a figure that follows a hand on a slider."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio

from core.display import bins
from core.learning.tiles.tiling import tiling_of
from core.objects import detection
from core.objects.found import AsKey
from core.scene.connected import Connected
from core.scene.store import Scene

VALUES = 256  # of a display raster: no data, then the bins


def detected(scene: Scene, probability: Path, inside: np.ndarray) -> tuple[int, tuple[int, ...]]:
    """Landslides that lie wholly in the tiles that are `inside`, bool (tiles,), and how many of
    them are detected at each of the 201 thresholds.

    Kept until one of the files changes.
    """
    written = _written(scene, probability)
    return _detected(AsKey(scene), probability, np.packbits(inside).tobytes(), written)


def false_objects(scene: Scene, probability: Path, inside: np.ndarray, threshold: float) -> int:
    """Predicted objects at `threshold` that lie wholly in the area and are false; kept likewise."""
    written = _written(scene, probability)
    return _false(AsKey(scene), probability, np.packbits(inside).tobytes(), threshold, written)


@lru_cache(maxsize=16)
def _detected(
    asked: AsKey, probability: Path, area: bytes, _written: tuple[int, ...]
) -> tuple[int, tuple[int, ...]]:
    _, count = detection.numbered(asked.scene)
    seen = np.zeros((count + 1) * VALUES, np.int64)
    counted = np.zeros(count + 1, np.int64)
    for display, numbers, here in _strips(asked.scene, probability, area):
        at = numbers > 0
        if not at.any():
            continue
        which, value = numbers[at].astype(np.int64), display[at]
        seen += np.bincount(which * VALUES + value, minlength=len(seen))
        known = here[at] & (value != bins.NO_DATA)
        counted += np.bincount(which[known], minlength=count + 1)
    table = seen.reshape(-1, VALUES)[:, 1 : bins.BINS + 1]
    whole = detection.is_whole(table.sum(axis=1), counted)
    predicted = np.zeros((int(whole.sum()), bins.BINS + 1), np.int64)
    predicted[:, :-1] = table[whole, ::-1].cumsum(axis=1)[:, ::-1]
    hit = detection.is_detected(predicted, table[whole].sum(axis=1)[:, None])
    return int(whole.sum()), tuple(hit.sum(axis=0).tolist())


@lru_cache(maxsize=256)
def _false(
    asked: AsKey, probability: Path, area: bytes, threshold: float, _written: tuple[int, ...]
) -> int:
    connected, sums = Connected(asked.scene.kind == "tiles"), []
    for display, numbers, here in _strips(asked.scene, probability, area):
        mask = bins.to_mask(display, threshold) == 1
        labels, count = connected.add(mask)
        which = labels[mask] - 1
        figures = (None, here[mask], numbers[mask] > 0)
        sums.append([np.bincount(which, weights, minlength=count) for weights in figures])
    if not connected.count:
        return 0
    objects, group = connected.groups()
    pieces = (np.concatenate(each) for each in zip(*sums))
    pixels, inside, landslide = (np.bincount(group, p, minlength=objects) for p in pieces)
    return int((detection.is_false(landslide, pixels) & (inside == pixels)).sum())


def _strips(
    scene: Scene, probability: Path, area: bytes
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Display values, numbers of landslides and whether in the area, (rows, width) each."""
    tiling = tiling_of(scene)
    inside = np.unpackbits(np.frombuffer(area, np.uint8), count=len(tiling)).astype(bool)
    burner, _ = detection.numbered(scene)
    with rasterio.open(probability) as source:
        for window, here in detection.strips(tiling, inside):
            display = bins.to_display(source.read(1, window=window))
            yield display, detection.numbers_in(scene, burner, window), here


def _written(scene: Scene, probability: Path) -> tuple[int, ...]:
    return tuple(file.stat().st_mtime_ns for file in (probability, scene.needed_mask))
