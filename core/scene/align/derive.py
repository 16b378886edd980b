"""Rasters made on the way: terrain factors on the DEM's own grid, bearings as sine and cosine.

Both are written on the pixels of their source and only then brought onto the scene's grid, so that
a slope is the slope of the ground as measured, not of a resampled one.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform, transform_bounds
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.factors import MORE_TERRAIN
from core.jobs.report import Report, silent
from core.scene.align.mosaic import AlignedMosaic
from core.scene.align.terrain import cell_metres, morphometry, terrain
from core.scene.files.raster import Raster, open_band, short_crs
from core.scene.files.source import Source
from core.scene.grid import Grid

ROWS = 256
# Pixels kept around the scene, so that its edges have neighbours and the kernel its reach.
MARGIN = 8


def own_grid(files: tuple[Raster, ...], scene: Grid, margin: int = MARGIN) -> Grid:
    """The north-up grid of a factor's own pixels (those of its first file), around the scene and
    up to `margin` of them beside it."""
    first = files[0]
    x, y = first.cell
    left, _, _, top = first.bounds
    reach = _scene_bounds(first, scene)
    far = _union(files)
    # Whole pixels of the file, never beyond the union of the files.
    columns = [max(reach[0], far[0]) - left, min(reach[2], far[2]) - left]
    rows = [top - min(reach[3], far[3]), top - max(reach[1], far[1])]
    first_column = max(math.floor(columns[0] / x) - margin, round((far[0] - left) / x))
    first_row = max(math.floor(rows[0] / y) - margin, round((top - far[3]) / y))
    last_column = min(math.ceil(columns[1] / x) + margin, round((far[2] - left) / x))
    last_row = min(math.ceil(rows[1] / y) + margin, round((top - far[1]) / y))
    if last_column <= first_column or last_row <= first_row:
        raise SlideScopeError(
            f"No overlap: elevation ('{first.path.name}') does not lie in the scene; check its "
            "coordinate reference system."
        )
    affine = (x, 0.0, left + first_column * x, 0.0, -y, top - first_row * y)
    return Grid(short_crs(first.crs), affine, last_column - first_column, last_row - first_row)


def _scene_bounds(raster: Raster, scene: Grid) -> tuple[float, float, float, float]:
    """The scene's extent in the raster's system, longitudes in the raster's turn."""
    if CRS.from_user_input(scene.crs) == raster.crs:
        return scene.bounds
    found = transform_bounds(scene.crs, raster.crs, *scene.bounds, densify_pts=21)
    if raster.crs is None or not raster.crs.is_geographic:
        return found
    left, bottom, right, top = found
    right += 360 if right < left else 0
    low, _, high, _ = raster.bounds
    turns = round(((low + high) - (left + right)) / 2 / 360)
    return left + 360 * turns, bottom, right + 360 * turns, top


def _union(files: tuple[Raster, ...]) -> tuple[float, float, float, float]:
    left, bottom, right, top = zip(*(raster.bounds for raster in files))
    return min(left), min(bottom), max(right), max(top)


@dataclass(frozen=True)
class Terrain:
    """Slope, curvature, and sine and cosine of aspect of a DEM, on its own pixels around `scene`;
    `more`: `morphometry`'s four as well."""

    files: tuple[Raster, ...]
    scene: Grid
    more: bool = False

    @cached_property
    def grid(self) -> Grid:
        return own_grid(self.files, self.scene)

    @property
    def names(self) -> tuple[str, ...]:
        return ("slope", "sine", "cosine", "curvature", *(MORE_TERRAIN if self.more else ()))

    @cached_property
    def _metres(self) -> tuple[np.ndarray, np.ndarray]:
        return cell_metres(self.grid)

    @cached_property
    def _turn(self) -> float:
        return turn_of_north(self.files[0].crs, self.scene)

    def rows(self, dem: AlignedMosaic, row: int, rows: int) -> np.ndarray:
        """float32 (names, rows, width) of the rows from `row` on; `dem` lies on the grid."""
        grid, (dx, dy) = self.grid, self._metres
        # One row more on either side, NaN beyond the DEM.
        z = np.full((rows + 2, grid.width), np.nan, np.float32)
        low, high = max(row - 1, 0), min(row + rows + 1, grid.height)
        z[low - row + 1 : high - row + 1] = dem.read(Window(0, low, grid.width, high - low))
        around = np.clip(np.arange(row - 1, row + rows + 1), 0, grid.height - 1)
        slope, aspect, curvature = terrain(z, dx[around], dy[around])
        angle = np.radians(aspect[1:-1] + self._turn)
        layers = [slope[1:-1], np.sin(angle), np.cos(angle), curvature[1:-1]]
        if self.more:
            layers += [v[1:-1] for v in morphometry(z, dx[around], dy[around]).values()]
        return np.stack(layers)

    def write(self, path: Path, first: int, last: int, report: Report = silent) -> None:
        """Write a raster of the rows from `first` to `last`."""
        grid = self.grid.window(Window(0, first, self.grid.width, last - first))
        with (
            AlignedMosaic(self.files, self.grid) as dem,
            new_raster(path, grid, len(self.names)) as target,
        ):
            for row in range(first, last, ROWS):
                report("deriving slope, aspect and curvature", row / self.grid.height)
                rows = min(ROWS, last - row)
                here = Window(0, row - first, self.grid.width, rows)
                target.write(self.rows(dem, row, rows), window=here)

    def bands(self, path: Path) -> dict[str, Raster]:
        """What was written, by name."""
        return {name: open_band(Source(str(path), i + 1)) for i, name in enumerate(self.names)}


# derive(terrain, path, report) writes the whole of it.
Derive = Callable[[Terrain, Path, Report], None]


def derive_here(of: Terrain, path: Path, report: Report) -> None:
    """Write the terrain factors in this process."""
    with new(path) as temporary:
        of.write(temporary, 0, of.grid.height, report)


@contextmanager
def new(path: Path) -> Iterator[Path]:
    """A temporary path that becomes `path`: where that is there, it is whole."""
    temporary = path.with_name(f".{path.name}")
    yield temporary
    temporary.replace(path)


def turn_of_north(crs: CRS | None, scene: Grid) -> float:
    """Degrees by which the north of a projected system is turned clockwise on the scene's grid, at
    the scene's middle; 0 within a degree, where nobody tells grid north from true north."""
    if crs is None or not crs.is_projected or scene.crs is None:
        return 0.0
    target = CRS.from_user_input(scene.crs)
    if crs == target:
        return 0.0
    x, y = scene.affine * (scene.width / 2, scene.height / 2)
    (x0,), (y0,) = transform(target, crs, [x], [y])
    east, north = transform(crs, target, [x0, x0], [y0, y0 + 1000 / crs.linear_units_factor[1]])
    found = math.degrees(math.atan2(east[1] - east[0], north[1] - north[0]))
    return found if math.isfinite(found) and abs(found) > 1 else 0.0


def bearing_rasters(raster: Raster, path: Path, turn: float = 0.0) -> tuple[Raster, Raster]:
    """Write sine and cosine of an aspect raster on its own pixels, turned clockwise by degrees,
    unless they are there; return the two.

    Anything outside 0..360 (such as -1, which some software writes for flat ground) is no aspect.
    """
    if not path.exists():
        _write_bearings(raster, path, turn)
    return open_band(Source(str(path), 1)), open_band(Source(str(path), 2))


def _write_bearings(raster: Raster, path: Path, turn: float) -> None:
    grid = Grid(short_crs(raster.crs), tuple(raster.transform)[:6], raster.width, raster.height)
    with (
        new(path) as temporary,
        AlignedMosaic((raster,), grid) as aspect,
        new_raster(temporary, grid, 2) as target,
    ):
        for row in range(0, grid.height, ROWS):
            window = Window(0, row, grid.width, min(ROWS, grid.height - row))
            angle = np.radians(only_bearings(aspect.read(window)) + turn)
            target.write(np.stack((np.sin(angle), np.cos(angle))), window=window)


def only_bearings(degrees: np.ndarray) -> np.ndarray:
    """Return degrees 0..360 (360 as 0), NaN for anything else.

    >>> only_bearings(np.float32([-1, 0, 90, 360, 400])).tolist()
    [nan, 0.0, 90.0, 0.0, nan]
    """
    inside = (degrees >= 0) & (degrees <= 360)
    return np.where(inside, degrees % 360, np.nan).astype(np.float32)


def new_raster(path: Path, grid: Grid, bands: int):
    return rasterio.open(path, "w", **profile_of_terrain(grid, bands))


def profile_of_terrain(grid: Grid, bands: int) -> dict:
    """Keywords of `rasterio.open` for a raster that is made on the way."""
    return {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": bands,
        "dtype": "float32",
        "crs": grid.crs,
        "transform": Affine(*grid.transform),
        "nodata": math.nan,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "interleave": "pixel",
        "BIGTIFF": "IF_SAFER",
    }
