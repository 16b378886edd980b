"""Polygons of the predicted landslides, strip by strip, in memory that does not grow with the
scene: a landslide that crosses strips is kept open until the strip where it ends."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.features import shapes
from rasterio.transform import Affine
from rasterio.windows import Window
from scipy import ndimage

from core.cluster.pool import Pool
from core.cluster.task import Task
from core.jobs.report import Report, silent
from core.runs import run_files
from core.scene.connected import EIGHT, groups, touching
from core.scene.files import vectors
from core.scene.grid import Grid
from core.scene.store import Scene

PIXELS = 1 << 22  # of a strip
BLOCK = 256  # rows of the rasters' blocks
AT_ONCE = 20_000  # polygons in memory before they are written
LAYER = "landslides"


# measure(window, labels, count) -> what else is known of each label's pixels, in their order; it
# has a method `take(other)` that adds another's.
Measure = Callable[[Window, np.ndarray, int], list]


@dataclass
class Landslide:
    """Parts of one landslide so far: polygons, sum of their probability, pixels, and what a
    `Measure` found."""

    parts: list = field(default_factory=list)
    total: float = 0.0
    pixels: int = 0
    measured: Any = None

    def take(self, other: "Landslide") -> None:
        self.parts += other.parts
        self.total += other.total
        self.pixels += other.pixels
        if self.measured is None:
            self.measured = other.measured
        elif other.measured is not None:
            self.measured.take(other.measured)

    def polygon(self):
        if len(self.parts) == 1:
            return self.parts[0]
        return shapely.union_all(shapely.make_valid(self.parts))


def write(
    folder: Path,
    scene: Scene,
    rows: int | None = None,
    pool: Pool | None = None,
    report: Report = silent,
    also: Sequence[Task] = (),
) -> int:
    """Write landslides.gpkg from mask.tif and probability.tif: a polygon with area_ha and mean
    probability for every connected landslide. Returns their number. A strip is `rows` high; `pool`:
    who outlines the strips, and does `also` what else is to be made of the map."""
    target, found, waiting = folder / run_files.LANDSLIDES, 0, []
    from core.learning.prediction import outlined  # here: it takes what is above

    strips = outlined.strips(folder, scene, rows, pool, report, also) if pool else None
    for landslide in landslides(folder, scene, rows, strips=strips):
        waiting.append(landslide)
        if len(waiting) == AT_ONCE:
            _append(target, scene.grid, waiting, found)
            found, waiting = found + len(waiting), []
    if waiting or not found:
        _append(target, scene.grid, waiting, found)
    return found + len(waiting)


@dataclass(frozen=True)
class Outlined:
    """A strip: labels of its first and last row, int32 (width,), from 1 on, and the piece of
    landslide that each label marks."""

    first: np.ndarray
    last: np.ndarray
    pieces: list[Landslide]


def landslides(
    folder: Path,
    scene: Scene,
    rows: int | None = None,
    measure: Measure | None = None,
    strips: Iterable[Outlined] | None = None,
) -> Iterator[Landslide]:
    """Yield every connected landslide of mask.tif and probability.tif once it is complete.

    In a tile scene a strip is a tile, and nothing crosses its border. `strips`: where others
    outlined them.
    """
    alone = scene.kind == "tiles"
    above = np.zeros(scene.grid.width, np.int32)  # numbers of the open ones in the row before
    unfinished: list[Landslide] = []
    for strip in strips or _strips(folder, scene, rows, measure):
        old, pieces = len(unfinished), strip.pieces
        numbers, touched = touching(above, strip.first)
        _, group = groups(old + len(pieces), [np.stack([numbers - 1, old + touched - 1])])
        together = _put_together([*unfinished, *pieces], group)
        # Number of the landslide of every pixel in the last row, 0 where there is none.
        numbers = np.concatenate([[0], group[old:] + 1])[strip.last]
        below = np.zeros(0, int) if alone else np.unique(numbers[numbers > 0])
        ended = np.setdiff1d(np.arange(1, len(together) + 1), below)
        yield from (together[n - 1] for n in ended)
        unfinished = [together[n - 1] for n in below]
        above = np.where(np.isin(numbers, below), np.searchsorted(below, numbers) + 1, 0)
    yield from unfinished


def windows_of(scene: Scene, rows: int | None = None) -> list[Window]:
    """The strips, from the top."""
    height, width = scene.grid.shape
    rows = rows or max(1, PIXELS // (BLOCK * width)) * BLOCK
    step = scene.tile if scene.kind == "tiles" else rows
    return [Window(0, top, width, min(step, height - top)) for top in range(0, height, step)]


def _strips(
    folder: Path, scene: Scene, rows: int | None, measure: Measure | None
) -> Iterator[Outlined]:
    with (
        rasterio.open(folder / run_files.MASK) as masks,
        rasterio.open(folder / run_files.PROBABILITY) as probabilities,
    ):
        for window in windows_of(scene, rows):
            yield outline(masks, probabilities, scene.grid, window, measure)


def outline(
    masks: Any, probabilities: Any, grid: Grid, window: Window, measure: Measure | None = None
) -> Outlined:
    """Outline one strip of two open rasters."""
    labels, count = ndimage.label(masks.read(1, window=window) == 1, EIGHT)
    probability = probabilities.read(1, window=window)
    where = grid.affine * Affine.translation(0, window.row_off)
    pieces = _pieces(labels, count, probability, where)
    if measure and count:
        for piece, found in zip(pieces, measure(window, labels, count)):
            piece.measured = found
    return Outlined(labels[0], labels[-1], pieces)


def _pieces(labels, count: int, probability, transform: Affine) -> list[Landslide]:
    inside = labels > 0
    values = np.where(inside, probability, 0).ravel().astype(np.float64)
    sums = np.bincount(labels.ravel(), values, minlength=count + 1)[1:]
    pixels = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    found = [Landslide([], float(s), int(n)) for s, n in zip(sums, pixels)]
    for geometry, label in shapes(labels, mask=inside, transform=transform, connectivity=8):
        found[int(label) - 1].parts.append(shapely.geometry.shape(geometry))
    return found


def _put_together(pieces: list[Landslide], group: np.ndarray) -> list[Landslide]:
    found = [Landslide() for _ in range(group.max(initial=-1) + 1)]
    for piece, number in zip(pieces, group):
        found[number].take(piece)
    return found


def _append(target: Path, grid: Grid, found: list[Landslide], already: int) -> None:
    polygons = [item.polygon() for item in found]
    frame = gpd.GeoDataFrame(geometry=polygons, crs=grid.crs)
    frame["probability"] = [item.total / item.pixels for item in found]
    x, y = grid.resolution
    frame["area_ha"] = frame.geometry.area * (100 * (grid.pixel_km2 or np.nan) / (x * y))
    mode = "a" if already else "w"
    vectors.write(target, frame, LAYER, mode)
