"""One landslide of the reference or one predicted object: its size class, and its pixels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import ndimage

from core.display import bins
from core.language.translation import message
from core.objects import detection
from core.scene.connected import EIGHT
from core.scene.grid import Grid
from core.scene.store import Scene

# Hectares; on a grid without a metric CRS the same in pixels of 12.5 m (64 a hectare).
SMALL_HA, LARGE_HA = 1.0, 5.0
PIXELS_A_HA = 64


@dataclass(frozen=True)
class SizeClass:
    """Landslides of `least` <= size < `most` (None: no limit), in `unit` ha or px."""

    name: str
    least: float
    most: float | None
    unit: str

    def holds(self, size: float) -> bool:
        return self.least <= size and (self.most is None or size < self.most)

    @property
    def words(self) -> str:
        """
        >>> [c.words for c in classes(Grid(None, (1, 0, 0, 0, -1, 0), 9, 9))]
        ['small: under 64 px', 'medium: 64 to 320 px', 'large: 320 px and more']
        """
        if not self.least:
            return f"{self.name}: under {self.most:g} {self.unit}"
        if self.most is None:
            return f"{self.name}: {self.least:g} {self.unit} and more"
        return f"{self.name}: {self.least:g} to {self.most:g} {self.unit}"


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


def classes(grid: Grid) -> tuple[SizeClass, ...]:
    """Small, medium and large, in hectares where the grid is metric, else in pixels."""
    metric = grid.pixel_km2 is not None
    unit, factor = ("ha", 1.0) if metric else ("px", PIXELS_A_HA)
    small, large = SMALL_HA * factor, LARGE_HA * factor
    return (
        SizeClass(message("small"), 0.0, small, unit),
        SizeClass(message("medium"), small, large, unit),
        SizeClass(message("large"), large, None, unit),
    )


def area_ha(pixels: int, grid: Grid) -> float | None:
    """Area of so many pixels in hectares, None on a grid without metres.

    >>> area_ha(64, Grid("EPSG:32643", (12.5, 0, 0, 0, -12.5, 0), 9, 9))
    1.0
    """
    return None if grid.pixel_km2 is None else round(pixels * grid.pixel_km2 * 100, 6)
