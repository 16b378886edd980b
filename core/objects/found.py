"""The landslides of an area and the predicted objects of a map, at a threshold, added up from the
pieces of strips."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core.display import bins
from core.factors import DEFORMATION
from core.learning.scores import metrics
from core.learning.tiles.tiling import tiling_of
from core.objects import detection
from core.objects.boundary import Boundary, boundary
from core.objects.object import Object, area_ha
from core.scene.connected import Connected
from core.scene.store import Scene


@dataclass(frozen=True)
class Strip:
    """One strip of the scene, arrays (rows, width), `top` its first row in the scene.

    `mask` bool predicted; `here` bool in the area; `landslide` bool reference; `probability` and
    `deformation` float32, NaN without data.
    """

    top: int
    mask: np.ndarray
    here: np.ndarray
    landslide: np.ndarray
    probability: np.ndarray
    deformation: np.ndarray


class Pieces:
    """Takes strips from the top; `joined` gives the objects.

    `alone`: nothing crosses a strip's border (a tile scene, whose strips are its tiles).
    """

    def __init__(self, alone: bool):
        self._connected = Connected(alone)
        self._sums: list[dict[str, np.ndarray]] = []

    def add(self, strip: Strip) -> None:
        labels, count = self._connected.add(strip.mask)
        self._sums.append(_figures(labels, count, strip))

    def joined(self) -> dict[str, np.ndarray]:
        """{pixels, here, landslide, probability (sum), deformation (sum), moved (pixels with
        deformation), top, left, bottom, right, seed}, each (objects,).

        `seed` is row * width + column of the object's first pixel in reading order.
        """
        if not self._connected.count:
            return {name: np.zeros(0) for name in (*_SUMS, *_LOWEST, *_HIGHEST)}
        objects, group = self._connected.groups()
        figures = {n: np.concatenate([s[n] for s in self._sums]) for n in self._sums[0]}
        found = {n: np.bincount(group, figures[n], minlength=objects) for n in _SUMS}
        for names, reduce, start in ((_LOWEST, np.minimum, np.inf), (_HIGHEST, np.maximum, -1)):
            for name in names:
                found[name] = np.full(objects, start)
                reduce.at(found[name], group, figures[name])
        return found


_SUMS = ("pixels", "here", "landslide", "probability", "deformation", "moved")
_LOWEST, _HIGHEST = ("top", "left", "seed"), ("bottom", "right")


@dataclass(frozen=True)
class FoundObjects:
    """Objects that lie wholly in the area: landslides, predicted ones; and the boundary score."""

    landslides: tuple[Object, ...]
    predicted: tuple[Object, ...]
    boundary: Boundary
    threshold: float

    @property
    def missed(self) -> tuple[Object, ...]:
        """Landslides not detected, the largest area x probability first."""
        return _sorted(o for o in self.landslides if not o.hit)

    @property
    def false(self) -> tuple[Object, ...]:
        """Predicted objects that are false, the largest area x probability first."""
        return _sorted(o for o in self.predicted if not o.hit)


def _sorted(objects) -> tuple[Object, ...]:
    return tuple(sorted(objects, key=lambda o: (-o.weight, o.key)))


def find(scene: Scene, probability: Path, inside: np.ndarray, threshold: float) -> FoundObjects:
    """Return the objects of the probability raster `probability` (on the scene's grid) at
    `threshold`, against the scene's inventory, in the tiles that are `inside`, bool (tiles,).

    Kept until one of the files changes, so that a page may ask again.
    """
    metrics.check_threshold(threshold)
    scene.read_mask(Window(0, 0, 1, 1))  # says so where there is no inventory
    files = (probability, scene.needed_mask, scene.stack_path)
    written = tuple(file.stat().st_mtime_ns for file in files)
    area = np.packbits(inside).tobytes()
    return _find(AsKey(scene), probability, area, threshold, written)


class AsKey:
    """A scene as a cache's key: a Scene holds dictionaries, which have no hash."""

    def __init__(self, scene: Scene):
        self.scene = scene
        self._key = (scene.path, scene.mask_path)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AsKey) and self._key == other._key


@lru_cache(maxsize=16)
def _find(asked: AsKey, probability: Path, area: bytes, threshold: float, _written) -> FoundObjects:
    scene = asked.scene
    tiling = tiling_of(scene)
    inside = np.unpackbits(np.frombuffer(area, np.uint8), count=len(tiling)).astype(bool)
    burner, count = detection.numbered(scene)
    reference = _Landslides(count)
    pieces = Pieces(scene.kind == "tiles")
    with rasterio.open(probability) as source:
        for window, here in detection.strips(tiling, inside):
            values = source.read(1, window=window)
            display = bins.to_display(values)
            mask = bins.to_mask(display, threshold) == 1
            numbers = detection.numbers_in(scene, burner, window)
            reference.add(numbers, window.row_off, here, display != bins.NO_DATA, mask, values)
            landslide, moved = numbers > 0, _deformation(scene, window, mask & here)
            pieces.add(Strip(window.row_off, mask, here, landslide, values, moved))
    edges = boundary(scene, probability, tiling, inside, threshold)
    return FoundObjects(reference.objects(scene), _predicted(pieces, scene), edges, threshold)


def _deformation(scene: Scene, window: Window, wanted: np.ndarray) -> np.ndarray:
    """float32 (height, width): deformation of the tiles with a `wanted` pixel, else NaN.

    All bands of a block are decoded for one, so blocks without a predicted pixel are left alone.
    """
    values = np.full(wanted.shape, np.nan, np.float32)
    if not scene.has_deformation:
        return values
    for left in range(0, wanted.shape[1], scene.tile):
        part = np.s_[:, left : left + scene.tile]
        if wanted[part].any():
            width = wanted[part].shape[1]
            tile = Window(window.col_off + left, window.row_off, width, window.height)
            values[part] = scene.read((DEFORMATION,), tile)[..., 0]
    return values


class _Landslides:
    """Sums over the pixels of every landslide of the reference."""

    def __init__(self, count: int):
        self._total, self._here, self._hits, self._sum = np.zeros((4, count + 1))
        self._low = np.full((2, count + 1), np.iinfo(np.int64).max)
        self._high = np.full((2, count + 1), -1)

    def add(self, numbers, top: int, here, seen, mask, probability) -> None:
        """Take a strip: arrays (rows, width), its first row `top` in the scene."""
        rows, columns = np.nonzero((numbers > 0) & seen)
        at = rows, columns
        which, size = numbers[at], len(self._total)
        self._total += np.bincount(which, minlength=size)
        self._here += np.bincount(which, here[at], minlength=size)
        self._hits += np.bincount(which, mask[at], minlength=size)
        self._sum += np.bincount(which, probability[at], minlength=size)
        for axis, place in enumerate((rows + top, columns)):
            np.minimum.at(self._low[axis], which, place)
            np.maximum.at(self._high[axis], which, place + 1)

    def objects(self, scene: Scene) -> tuple[Object, ...]:
        whole = np.flatnonzero(detection.is_whole(self._total, self._here))
        hit = detection.is_detected(self._hits, self._total)
        return tuple(
            Object(
                f"r{n}",
                int(self._total[n]),
                area_ha(int(self._total[n]), scene.grid),
                float(self._sum[n] / self._total[n]),
                float(self._hits[n] / self._total[n]),
                None,
                self._box(int(n)),
                bool(hit[n]),
            )
            for n in whole
        )

    def _box(self, n: int) -> tuple[int, int, int, int]:
        (top, left), (bottom, right) = self._low[:, n], self._high[:, n]
        return int(top), int(left), int(bottom), int(right)


def _predicted(pieces: Pieces, scene: Scene) -> tuple[Object, ...]:
    found = pieces.joined()
    pixels, width = found["pixels"], scene.grid.width
    false = detection.is_false(found["landslide"], pixels)
    objects = []
    for i in np.flatnonzero(found["here"] == pixels):
        row, column = divmod(int(found["seed"][i]), width)
        moved = found["moved"][i]
        top, left, bottom, right = (int(found[n][i]) for n in ("top", "left", "bottom", "right"))
        objects.append(
            Object(
                f"p{row}-{column}",
                int(pixels[i]),
                area_ha(int(pixels[i]), scene.grid),
                float(found["probability"][i] / pixels[i]),
                float(found["landslide"][i] / pixels[i]),
                float(found["deformation"][i] / moved) if moved else None,
                (top, left, bottom, right),
                not false[i],
            )
        )
    return tuple(objects)


def _figures(labels: np.ndarray, count: int, strip: Strip) -> dict[str, np.ndarray]:
    rows, columns = np.nonzero(labels)
    which = labels[rows, columns] - 1
    at = strip.top + rows

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(which, values[rows, columns], minlength=count)

    known = np.isfinite(strip.deformation)
    found = {
        "pixels": np.bincount(which, minlength=count),
        "here": total(strip.here),
        "landslide": total(strip.landslide),
        "probability": total(strip.probability),
        "deformation": total(np.where(known, strip.deformation, 0)),
        "moved": total(known),
    }
    width = labels.shape[1]
    for name, values in (("top", at), ("left", columns), ("seed", at * width + columns)):
        found[name] = np.full(count, np.inf)
        np.minimum.at(found[name], which, values)
    for name, values in (("bottom", at + 1), ("right", columns + 1)):
        found[name] = np.full(count, -1.0)
        np.maximum.at(found[name], which, values)
    return found
