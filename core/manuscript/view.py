"""The part of a scene that a figure draws, and its rasters at the figure's own resolution."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_bounds
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from core.display import bins, stretch
from core.display.raster import georeferenced
from core.errors import SlideScopeError
from core.factors import ELEVATION
from core.runs import run_files
from core.runs.store import Run
from core.scene.grid import Grid
from core.scene.store import Scene

PIXELS = 1 << 22  # read at once
LEAST_SIDE = 16  # pixels of the scene


@dataclass(frozen=True)
class View:
    """`window` of the scene's pixels, drawn as `shape` (height, width): as many pixels or fewer."""

    scene: Scene
    window: Window
    shape: tuple[int, int]

    @property
    def grid(self) -> Grid:
        """That of the pixels as they are drawn."""
        part = self.scene.grid.window(self.window)
        affine = from_bounds(*part.bounds, self.shape[1], self.shape[0])
        return Grid(part.crs, tuple(affine)[:6], self.shape[1], self.shape[0])

    @property
    def metres(self) -> tuple[float, float] | None:
        """(width, height) on the ground; None where pixels have no metres."""
        if self.scene.grid.crs is None:
            return None
        x, y = stretch.pixel_metres(self.scene.grid)
        return x * self.window.width, y * self.window.height


def window_of(scene: Scene, box: tuple[float, float, float, float] | None) -> Window:
    """Whole pixels of the scene that lie in a box of the map's coordinates: degrees, or column and
    minus row where the scene has no place. All of them without a box."""
    grid = scene.grid
    if box is None:
        return Window(0, 0, grid.width, grid.height)
    if georeferenced(scene):
        west, south, east, north = transform_bounds("EPSG:4326", grid.crs, *box)
        left, top = ~grid.affine * (west, north)
        right, bottom = ~grid.affine * (east, south)
    else:
        left, top, right, bottom = box[0], -box[3], box[2], -box[1]
    columns = np.clip([round(left), round(right)], 0, grid.width)
    rows = np.clip([round(top), round(bottom)], 0, grid.height)
    width, height = int(np.diff(columns)[0]), int(np.diff(rows)[0])
    if min(width, height) < LEAST_SIDE:
        raise SlideScopeError(
            f"The part {', '.join(f'{side:g}' for side in box)} holds {width} x {height} pixels of "
            f"scene '{scene.name}': at least {LEAST_SIDE} a side can be drawn; give a larger part "
            "of it."
        )
    return Window(int(columns[0]), int(rows[0]), width, height)


def view(scene: Scene, window: Window, most: tuple[int, int]) -> View:
    """The window, drawn with at most `most` (height, width) pixels and no more than there are."""
    shape = (min(int(window.height), most[0]), min(int(window.width), most[1]))
    return View(scene, window, (max(shape[0], 2), max(shape[1], 2)))


def band(view: View, name: str) -> np.ndarray:
    """float32 values of a factor, NaN where there is no data."""
    number = view.scene.factor_names.index(name) + 1
    averaged = view.scene.factor(name).kind == "continuous"
    how = Resampling.average if averaged else Resampling.nearest
    with rasterio.open(view.scene.stack_path, driver="GTiff") as source:
        return source.read(number, window=view.window, out_shape=view.shape, resampling=how)


def relief(view: View) -> np.ndarray:
    """Brightness 0..1 of the ground below: hillshade of the elevation, else the first factor."""
    if ELEVATION in view.scene.factor_names:
        x, y = stretch.pixel_metres(view.scene.grid)
        wide = x * view.window.width / view.shape[1], y * view.window.height / view.shape[0]
        return stretch.shade(band(view, ELEVATION), wide)
    item = view.scene.factors[0]
    shown = stretch.of(item).to_display(band(view, item.name)).astype(np.float32)
    return np.where(shown > 0, (shown - 1) / stretch.STEPS, np.nan)


def probability(view: View, run: Run) -> np.ndarray:
    """float32 mean of the pixels that share one, NaN where there is no data."""
    path = run.prediction(view.scene.name) / run_files.PROBABILITY
    with rasterio.open(path, driver="GTiff") as source:
        found = source.read(
            1, window=view.window, out_shape=view.shape, resampling=Resampling.average
        )
    return found


def reference(view: View) -> np.ndarray:
    """bool: a mapped landslide lies in the pixel."""
    with view.scene.reading_mask() as read:
        return _largest(view, lambda window: read(window) == 1) > 0


def predicted(view: View, run: Run, threshold: float) -> np.ndarray:
    """bool: a pixel of the mask at `threshold` lies in the pixel."""
    return errors(view, run, threshold, scored=False) > 0


def errors(view: View, run: Run, threshold: float, scored: bool = True) -> np.ndarray:
    """uint8: 3 hit, 2 missed, 1 false alarm, 0 neither; of the pixels that share one the largest,
    so that a small landslide does not vanish. Not `scored`: 1 where a landslide is predicted."""
    path = run.prediction(view.scene.name) / run_files.PROBABILITY
    with rasterio.open(path, driver="GTiff") as source:

        def codes(window: Window) -> np.ndarray:
            mask = bins.to_mask(bins.to_display(source.read(1, window=window)), threshold)
            if not scored:
                return mask == 1
            truth = read(window) == 1
            return np.where(mask == 255, 0, np.where(truth, 2 + (mask == 1), mask == 1))

        if not scored:
            return _largest(view, codes)
        with view.scene.reading_mask() as read:
            return _largest(view, codes)


def _largest(view: View, read: Callable[[Window], np.ndarray]) -> np.ndarray:
    """uint8 largest value of the scene's pixels in each pixel of the view, read strip by strip."""
    window, (height, width) = view.window, view.shape
    full_height, full_width = int(window.height), int(window.width)
    tops = np.arange(height) * full_height // height
    lefts = np.arange(width) * full_width // width
    found = np.empty(view.shape, np.uint8)
    step = max(1, PIXELS * height // (full_height * full_width))
    for first in range(0, height, step):
        last = min(first + step, height)
        bottom = tops[last] if last < height else full_height
        rows = bottom - tops[first]
        part = Window(window.col_off, window.row_off + tops[first], full_width, rows)
        values = read(part).astype(np.uint8)
        joined = np.maximum.reduceat(values, tops[first:last] - tops[first])
        found[first:last] = np.maximum.reduceat(joined, lefts, axis=1)
    return found
