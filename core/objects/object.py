"""One landslide of the reference or one predicted object, and the pixels that it is."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import ndimage

from core.display import bins
from core.learning.prediction.outlining import EIGHT
from core.objects import detection
from core.scene.store import Scene

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Object:
    """One landslide of the reference, or one connected predicted object.

    `key`: 'r' and the number in the inventory, or 'p' and row-column of the first pixel. `box`:
    (top, left, bottom, right) in pixels, the last two beyond. `probability`: mean over the object.
    `share`: of a landslide what is predicted, of a predicted object what is landslide.
    `deformation`: mean in the factor's unit, None where there is none. `hit`: the landslide is
    detected, or the predicted object is not false.
    """

    key: str
    pixels: int
    area_ha: float | None
    probability: float
    share: float
    deformation: float | None
    box: Box
    hit: bool

    @property
    def predicted(self) -> bool:
        return self.key.startswith("p")

    @property
    def weight(self) -> float:
        """Area x probability, in pixels: what missed and false objects are sorted by."""
        return self.pixels * self.probability

    @property
    def size(self) -> float:
        """Hectares, or pixels where there are no metres."""
        return self.pixels if self.area_ha is None else self.area_ha


def pixels_of(
    scene: Scene, probability: Path, item: Object, threshold: float
) -> tuple[Window, np.ndarray]:
    """Return the window around an object and bool (height, width) of its pixels."""
    top, left, bottom, right = item.box
    window = Window(left, top, right - left, bottom - top)
    if not item.predicted:
        burner, _ = detection.numbered(scene)
        return window, detection.numbers_in(scene, burner, window) == int(item.key[1:])
    with rasterio.open(probability) as source:
        display = bins.to_display(source.read(1, window=window))
    labels, _ = ndimage.label(bins.to_mask(display, threshold) == 1, EIGHT)
    row, column = map(int, item.key[1:].split("-"))
    return window, labels == labels[row - top, column - left]
