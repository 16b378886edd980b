"""Boundary F1: how well predicted outlines follow the reference (Csurka et al. 2013, BF score)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import ndimage

from core.display import bins
from core.learning.tiles.tiling import Tiling
from core.objects.detection import strips
from core.scene.store import Scene

TOLERANCE_PX = 2


@dataclass(frozen=True)
class Boundary:
    """Boundary pixels, and those of them that have one of the other side within the tolerance."""

    predicted: int
    predicted_near: int
    reference: int
    reference_near: int

    @property
    def precision(self) -> float:
        return self.predicted_near / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.reference_near / self.reference if self.reference else 0.0

    @property
    def f1(self) -> float:
        """
        >>> Boundary(10, 5, 10, 5).f1, Boundary(0, 0, 10, 0).f1
        (0.5, 0.0)
        """
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def boundary(
    scene: Scene, probability: Path, tiling: Tiling, inside: np.ndarray, threshold: float
) -> Boundary:
    """Compare the edges of predicted and reference landslides in the tiles that are `inside`.

    A boundary pixel is a landslide pixel beside one that is none (or has no data); near is a
    distance of at most `TOLERANCE_PX`. In a tile scene nothing beyond the tile counts.
    """
    pad = 0 if scene.kind == "tiles" else TOLERANCE_PX + 1
    found = np.zeros(4, np.int64)
    with rasterio.open(probability) as source:
        for window, here in strips(tiling, inside):
            if not here.any():
                continue
            top = max(0, window.row_off - pad)
            bottom = min(scene.grid.height, window.row_off + window.height + pad)
            padded = Window(0, top, window.width, bottom - top)
            display = bins.to_display(source.read(1, window=padded))
            landslide = (scene.read_mask(padded) == 1) & (display != bins.NO_DATA)
            edges = edge(bins.to_mask(display, threshold) == 1), edge(landslide)
            near = [ndimage.binary_dilation(e, _disc(TOLERANCE_PX)) for e in edges]
            first = window.row_off - top
            own = slice(first, first + window.height)
            predicted, reference = (e[own] & here for e in edges)
            found += (
                predicted.sum(),
                (predicted & near[1][own]).sum(),
                reference.sum(),
                (reference & near[0][own]).sum(),
            )
    return Boundary(*map(int, found))


def edge(mask: np.ndarray) -> np.ndarray:
    """bool: pixels of the mask with a neighbour (of four) that is not; the raster's rim is none.

    >>> edge(np.ones((3, 3), bool)).any()
    np.False_
    """
    return mask & ~ndimage.binary_erosion(mask, border_value=1)


def _disc(radius: int) -> np.ndarray:
    rows, columns = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return np.hypot(rows, columns) <= radius
