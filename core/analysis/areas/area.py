"""Where statistics are taken: the whole scene, or the pixels that all of some conditions leave.

As text (`factors --area`, several at once: all have to hold):

    box:W,S,E,N         as the map shows it: degrees; in a scene without coordinates x = column and
                        y = minus row
    polygon:FILE        the polygons of a file, or GeoJSON itself in the map's coordinates
    landslides          inside the reference mask;      outside: outside it
    buffer:METRES       landslides and what lies within so many metres of one
    class:FACTOR=CLASS  one class of a categorical factor, by code or by name
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from rasterio.windows import Window

from core.scene.grid import Grid
from core.scene.store import Scene

# layer(name): float32 (height, width) of the window's factor.
Layer = Callable[[str], np.ndarray]


class Part(Protocol):
    """One condition. `key` says the same of the same pixels only, `words` end a sentence."""

    @property
    def key(self) -> str: ...
    @property
    def words(self) -> str: ...

    def mask(self, scene: Scene, window: Window, layer: Layer) -> np.ndarray:
        """bool (height, width) of the window."""


@dataclass(frozen=True)
class Shape:
    """Pixels whose centre lies in a geometry, given in the coordinates of `map_grid`."""

    geometry: shapely.Geometry
    words: str

    @property
    def key(self) -> str:
        return "shape:" + hashlib.sha256(shapely.to_wkb(self.geometry)).hexdigest()[:16]

    def mask(self, scene: Scene, window: Window, layer: Layer) -> np.ndarray:
        from core.scene.polygons import Burner  # here: it draws in GeoPandas

        shapes = np.array([self.geometry], dtype=object)
        burner = Burner(shapes, np.ones(1, np.uint8), map_grid(scene))
        return burner.read(window, 0, "uint8") == 1


@dataclass(frozen=True)
class Landslides:
    """Inside or outside the reference mask."""

    inside: bool

    @property
    def key(self) -> str:
        return "landslides" if self.inside else "outside"

    @property
    def words(self) -> str:
        return "inside landslides" if self.inside else "outside landslides"

    def mask(self, scene: Scene, window: Window, layer: Layer) -> np.ndarray:
        return (scene.read_mask(window) == 1) == self.inside


@dataclass(frozen=True)
class Buffer:
    """Landslides and the pixels whose centre is at most `reach` from a landslide pixel's.

    `unit` is m, or px in a scene without metres; `side` is the (row, column) size of a pixel.
    """

    reach: float
    unit: str
    side: tuple[float, float]

    @property
    def key(self) -> str:
        return f"buffer:{self.reach:g}"

    @property
    def words(self) -> str:
        return f"landslides and {self.reach:g} {self.unit} around them"

    def mask(self, scene: Scene, window: Window, layer: Layer) -> np.ndarray:
        from scipy import ndimage

        rows, columns = (int(np.ceil(self.reach / side)) for side in self.side)
        top, left = max(0, window.row_off - rows), max(0, window.col_off - columns)
        bottom = min(scene.grid.height, window.row_off + window.height + rows)
        right = min(scene.grid.width, window.col_off + window.width + columns)
        near = scene.read_mask(Window(left, top, right - left, bottom - top)) == 1
        if not near.any():
            return np.zeros((window.height, window.width), bool)
        # Squared distances of whole pixels are exact; the hair is for the root.
        within = ndimage.distance_transform_edt(~near, sampling=self.side) <= self.reach + 1e-9
        row, column = window.row_off - top, window.col_off - left
        return within[row : row + window.height, column : column + window.width]


@dataclass(frozen=True)
class OneClass:
    """One class of a categorical factor."""

    factor: str
    code: float
    words: str

    @property
    def key(self) -> str:
        return f"class:{self.factor}={self.code:g}"

    def mask(self, scene: Scene, window: Window, layer: Layer) -> np.ndarray:
        return layer(self.factor) == self.code


@dataclass(frozen=True)
class Area:
    """Pixels for which all `parts` hold; without parts the whole scene."""

    parts: tuple[Part, ...] = ()

    @property
    def key(self) -> str:
        return " & ".join(sorted(part.key for part in self.parts))

    @property
    def words(self) -> str:
        return "; ".join(part.words for part in self.parts) or "whole scene"

    def mask(self, scene: Scene, window: Window, layer: Layer) -> np.ndarray:
        found = np.ones((window.height, window.width), bool)
        for part in self.parts:
            if not found.any():
                break
            found &= part.mask(scene, window, layer)
        return found

    def touches(self, scene: Scene, window: Window) -> bool:
        """False where no pixel of the window can belong to it: it need not be read."""
        left, bottom, right, top = map_grid(scene).window(window).bounds
        box = shapely.box(left, bottom, right, top)
        return all(box.intersects(p.geometry) for p in self.parts if isinstance(p, Shape))


WHOLE = Area()


def map_grid(scene: Scene) -> Grid:
    """The scene's grid, or pixels as a map without coordinates counts them."""
    if scene.kind == "area" and scene.grid.crs is not None:
        return scene.grid
    return Grid(None, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), scene.grid.width, scene.grid.height)


def reader(scene: Scene, names: Sequence[str], values: np.ndarray, window: Window) -> Layer:
    """Layers out of `values` (factors, height, width), read already; others from the stack."""

    def layer(name: str) -> np.ndarray:
        if name in names:
            return values[list(names).index(name)]
        return scene.read([name], window)[..., 0]

    return layer
