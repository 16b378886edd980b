"""How the landslides of a scene moved, where its rate was made of interferograms."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import rasterio
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.numerals import fixed
from core.objects import detection
from core.objects.object import Box, area_ha
from core.scene import inventory, store
from core.scene.grid import Grid
from core.scene.sbas import displacement, outcome
from core.scene.sbas.displacement import Displacement
from core.scene.store import Scene


@dataclass(frozen=True)
class Slide:
    """A landslide of the inventory: its `number` there, `pixels` of the scene and `box` (top, left,
    bottom, right) about them; `rows` and `columns` (K,) of the stack's pixels that it touches;
    mean `rate` (mm/yr) of the `kept` ones, None where the mask keeps none."""

    number: int
    pixels: int
    area_ha: float | None
    box: Box
    rows: np.ndarray
    columns: np.ndarray
    kept: int
    rate: float | None

    @property
    def title(self) -> str:
        return f"landslide {self.number}"

    @property
    def words(self) -> str:
        """
        >>> none = np.zeros(0, int)
        >>> Slide(3, 64, 1.0, (0, 0, 8, 8), none, none, 0, None).words
        'Landslide 3, 1.00 ha: no rate'
        """
        size = f"{self.pixels} px" if self.area_ha is None else f"{fixed(self.area_ha, 2)} ha"
        rate = "no rate" if self.rate is None else f"{fixed(self.rate, 1, signed=True)} mm/yr"
        return f"Landslide {self.number}, {size}: {rate}"


def possible(scene: Scene) -> bool:
    """Whether the scene's rate was made of interferograms and its displacements were kept."""
    return displacement.has_series(displacement.folder_of(scene.path))


def of_pixel(scene: Scene, row: int, column: int) -> Displacement | None:
    """The displacement at a pixel of the scene; None where there is none."""
    folder = displacement.folder_of(scene.path)
    if not (0 <= row < scene.grid.height and 0 <= column < scene.grid.width):
        raise SlideScopeError(
            f"Invalid pixel {row},{column}: scene '{scene.name}' has {scene.grid.height} rows and "
            f"{scene.grid.width} columns, counted from 0; give one of them."
        )
    rows, columns = displacement.on_stack(scene.grid, _grid(folder), [row], [column])
    if rows[0] < 0:
        return None
    return displacement.of_pixel(folder, int(rows[0]), int(columns[0]))


def of_slide(scene: Scene, number: int) -> Displacement | None:
    """The mean displacement of a landslide's kept pixels; None where the mask keeps none."""
    slide = next((s for s in slides(scene) if s.number == number), None)
    if slide is None:
        raise SlideScopeError(
            f"Scene '{scene.name}' has no landslide {number} on the ground of its interferograms: "
            "choose another."
        )
    folder = displacement.folder_of(scene.path)
    return displacement.of_pixels(folder, slide.rows, slide.columns, slide.title)


def slide_at(scene: Scene, row: int, column: int) -> Slide | None:
    """The landslide that a pixel of the scene belongs to."""
    if scene.mask_path is None:
        return None
    burner, _ = detection.numbered(scene)
    number = int(detection.numbers_in(scene, burner, Window(column, row, 1, 1))[0, 0])
    return next((s for s in slides(scene) if s.number == number), None) if number else None


def slides(scene: Scene) -> tuple[Slide, ...]:
    """The landslides that have pixels, the fastest first."""
    if scene.mask_path is None:
        return ()
    written = (displacement.folder_of(scene.path) / outcome.FILE).stat().st_mtime_ns
    return _slides(scene.name, scene.needed_inventory["version"], scene.fingerprint, written)


@lru_cache(maxsize=8)
def _slides(name: str, version: int, fingerprint: str, written: int) -> tuple[Slide, ...]:
    scene = store.load(name)
    folder = displacement.folder_of(scene.path)
    grid = _grid(folder)
    numbers, rows, columns = _pixels(scene)
    down, across = displacement.on_stack(scene.grid, grid, rows, columns)
    with rasterio.open(folder / "deformation.tif", driver="GTiff") as file:
        rate = file.read(1)
    order = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    found = [
        _slide(scene, numbers[part[0]], rows[part], columns[part], down[part], across[part], rate)
        for part in np.split(order, starts[1:])
        if len(part)
    ]
    return tuple(sorted(found, key=lambda s: -abs(s.rate or 0)))


def _pixels(scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number, row and column (P,) of every landslide pixel."""
    burner, _ = detection.numbered(scene)
    found = []
    for window in inventory.rows_of(scene.grid):
        numbers = detection.numbers_in(scene, burner, window)
        rows, columns = np.nonzero(numbers)
        found.append((numbers[rows, columns], rows + int(window.row_off), columns))
    numbers, rows, columns = (np.concatenate(each) for each in zip(*found))
    return numbers, rows, columns


def _slide(scene: Scene, number, rows, columns, down, across, rate: np.ndarray) -> Slide:
    inside = down >= 0
    places = np.unique(np.stack([down[inside], across[inside]]), axis=1)
    known = rate[places[0], places[1]]
    kept = np.isfinite(known)
    box = (int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1)
    mean = round(float(known[kept].mean(dtype=np.float64)), 2) if kept.any() else None
    size = area_ha(len(rows), scene.grid)
    return Slide(int(number), len(rows), size, box, places[0], places[1], int(kept.sum()), mean)


def _grid(folder) -> Grid:
    return Grid.from_json(outcome.read(folder).grid)
