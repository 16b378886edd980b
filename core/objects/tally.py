"""How many landslides are detected at every threshold, and how many predicted objects are false at
one: counts alone, by the rule of `detection`, for a figure that follows a hand on a slider."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from scipy import ndimage

from core.display import bins
from core.learning.tiles.tiling import Tiling, tiling_of
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
    looked = _looked(AsKey(scene), probability, np.packbits(inside).tobytes(), written)
    return looked.landslides, looked.detected


def false_objects(scene: Scene, probability: Path, inside: np.ndarray, threshold: float) -> int:
    """Predicted objects at `threshold` that lie wholly in the area and are false; kept likewise."""
    written = _written(scene, probability)
    return _false(AsKey(scene), probability, np.packbits(inside).tobytes(), threshold, written)


@dataclass(frozen=True)
class _Strip:
    """Of a strip (rows, width), packed: display values near the area, 0 elsewhere, and which pixels
    are landslide."""

    shape: tuple[int, int]
    display: bytes
    landslide: bytes

    @classmethod
    def of(cls, display: np.ndarray, near: np.ndarray, landslide: np.ndarray) -> "_Strip":
        values = np.where(near, display, bins.NO_DATA)
        marks = zlib.compress(np.packbits(landslide).tobytes(), 1)
        return cls(display.shape, zlib.compress(values.tobytes(), 1), marks)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """uint8 and bool (rows, width)."""
        count = self.shape[0] * self.shape[1]
        values = np.frombuffer(zlib.decompress(self.display), np.uint8)
        packed = np.frombuffer(zlib.decompress(self.landslide), np.uint8)
        marks = np.unpackbits(packed, count=count).astype(bool)
        return values.reshape(self.shape), marks.reshape(self.shape)


@dataclass(frozen=True)
class _Looked:
    """What one look at a map gives: landslides that lie wholly in the area, how many of them are
    detected at each threshold, and the strips, so that another threshold reads no raster."""

    landslides: int
    detected: tuple[int, ...]
    strips: tuple[_Strip, ...]


# Both sides in two areas; 10,000 x 10,000 pixels take some 50 MB a side.
@lru_cache(maxsize=4)
def _looked(asked: AsKey, probability: Path, area: bytes, _written: tuple[int, ...]) -> _Looked:
    scene, tiling = asked.scene, tiling_of(asked.scene)
    inside = _inside(area, tiling)
    burner, count = detection.numbered(scene)
    seen = np.zeros((count + 1) * VALUES, np.int64)
    counted = np.zeros(count + 1, np.int64)
    strips = []
    with rasterio.open(probability) as source:
        for (window, here), near in zip(detection.strips(tiling, inside), _near(tiling, inside)):
            display = bins.to_display(source.read(1, window=window))
            numbers = detection.numbers_in(scene, burner, window)
            at = numbers > 0
            strips.append(_Strip.of(display, near, at))
            which, value = numbers[at].astype(np.int64), display[at]
            seen += np.bincount(which * VALUES + value, minlength=len(seen))
            known = here[at] & (value != bins.NO_DATA)
            counted += np.bincount(which[known], minlength=count + 1)
    return _Looked(*_detected(seen.reshape(-1, VALUES), counted), tuple(strips))


def _detected(seen: np.ndarray, counted: np.ndarray) -> tuple[int, tuple[int, ...]]:
    """`seen` int (landslides, VALUES): their pixels by display value; `counted` (landslides,) those
    with data in the area."""
    table = seen[:, 1 : bins.BINS + 1]
    whole = detection.is_whole(table.sum(axis=1), counted)
    predicted = np.zeros((int(whole.sum()), bins.BINS + 1), np.int64)
    predicted[:, :-1] = table[whole, ::-1].cumsum(axis=1)[:, ::-1]
    hit = detection.is_detected(predicted, table[whole].sum(axis=1)[:, None])
    return int(whole.sum()), tuple(hit.sum(axis=0).tolist())


@lru_cache(maxsize=256)
def _false(
    asked: AsKey, probability: Path, area: bytes, threshold: float, written: tuple[int, ...]
) -> int:
    tiling = tiling_of(asked.scene)
    strips = _looked(asked, probability, area, written).strips
    connected, sums = Connected(asked.scene.kind == "tiles"), []
    for strip, (_, here) in zip(strips, detection.strips(tiling, _inside(area, tiling))):
        display, at = strip.read()
        mask = bins.to_mask(display, threshold) == 1
        labels, count = connected.add(mask)
        which = labels[mask] - 1
        figures = (None, here[mask], at[mask])
        sums.append([np.bincount(which, weights, minlength=count) for weights in figures])
    if not connected.count:
        return 0
    objects, group = connected.groups()
    pieces = (np.concatenate(each) for each in zip(*sums))
    pixels, within, landslide = (np.bincount(group, p, minlength=objects) for p in pieces)
    return int((detection.is_false(landslide, pixels) & (within == pixels)).sum())


def _inside(area: bytes, tiling: Tiling) -> np.ndarray:
    return np.unpackbits(np.frombuffer(area, np.uint8), count=len(tiling)).astype(bool)


def _near(tiling: Tiling, inside: np.ndarray) -> Iterator[np.ndarray]:
    """bool (rows, width) a row of tiles: the area and the pixels that touch it, corners included:
    an object that leaves the area has one of them."""
    lines = np.repeat(inside.reshape(tiling.shape), tiling.tile, axis=1)[:, : tiling.width]
    wide = ndimage.binary_dilation(lines, np.ones((1, 3), bool))
    rows = [min(tiling.tile, tiling.height - r * tiling.tile) for r in range(len(wide))]
    for row, height in enumerate(rows):
        near = np.repeat(wide[row : row + 1], height, axis=0)
        near[0] |= wide[row - 1] if row else False
        near[-1] |= wide[row + 1] if row + 1 < len(wide) else False
        yield near


def _written(scene: Scene, probability: Path) -> tuple[int, ...]:
    return tuple(file.stat().st_mtime_ns for file in (probability, scene.needed_mask))
