"""Terrain factors that need more than a pixel's neighbours: relief, roughness, water.

They are made of the whole elevation raster at once, as a watershed has no windows.
"""

from pathlib import Path

import numpy as np
from rasterio.windows import Window
from scipy import ndimage

from core.errors import SlideScopeError
from core.factors import WIDE_TERRAIN
from core.jobs.report import Report
from core.scene.align import drainage
from core.scene.align.derive import new, new_raster, own_grid
from core.scene.align.mosaic import AlignedMosaic
from core.scene.align.terrain import cell_metres, terrain
from core.scene.files.raster import Raster, open_band
from core.scene.files.source import Source
from core.scene.grid import Grid

# What lies around the scene in the raster counts up to so many pixels: water comes from there.
MARGIN = 2000
# Held in memory at once, some ninety bytes a pixel.
MOST_PIXELS = 40_000_000
# Half the side of the square that relief and roughness look at, in metres.
REACH_M = 250.0


def wide_rasters(
    files: tuple[Raster, ...], scene: Grid, names: tuple[str, ...], folder: Path, report: Report
) -> dict[str, Raster]:
    """Write the factors `names` of a DEM on its own pixels, unless they are there; return them by
    name."""
    path = folder / "wide.tif"
    if not path.exists():
        _write(files, scene, names, path, report)
    return {name: open_band(Source(str(path), n)) for n, name in enumerate(names, 1)}


def _write(
    files: tuple[Raster, ...], scene: Grid, names: tuple[str, ...], path: Path, report: Report
) -> None:
    grid = own_grid(files, scene, MARGIN)
    if grid.width * grid.height > MOST_PIXELS:
        raise SlideScopeError(
            f"{names[0]} is made of the whole elevation at once, here {grid.width} x {grid.height} "
            f"pixels, and {MOST_PIXELS / 1e6:.0f} million are the most: cut the raster to the "
            "watershed, give a coarser one, or leave the factor out."
        )
    report("deriving relief and drainage", 0.0)
    with AlignedMosaic(files, grid) as dem:
        z = dem.read(Window(0, 0, grid.width, grid.height))
    layers = of_elevation(z, *cell_metres(grid), names)
    with new(path) as temporary, new_raster(temporary, grid, len(names)) as target:
        for band, name in enumerate(names, 1):
            target.write(layers[name].astype(np.float32), band)


def of_elevation(
    z: np.ndarray, dx: np.ndarray, dy: np.ndarray, names: tuple[str, ...] = WIDE_TERRAIN
) -> dict[str, np.ndarray]:
    """Return the factors `names` of an elevation, each (height, width).

    z: float32 (height, width) in metres, NaN = no data; dx, dy: float64 (height,), metres between
    columns and between rows. `relief`: m, highest less lowest within `REACH_M`; `roughness`:
    degrees, standard deviation of slope there (Grohmann, Smith and Riccomini 2011, IEEE TGRS 49,
    1200-1213); `flow_accumulation`: log10 of the contributing area in m²; `twi`;
    `distance_to_drainage`: m.
    """
    found: dict[str, np.ndarray] = {}
    sides = _sides(dx, dy)
    if "relief" in names:
        high = ndimage.maximum_filter(np.where(np.isnan(z), -np.inf, z), sides)
        low = ndimage.minimum_filter(np.where(np.isnan(z), np.inf, z), sides)
        found["relief"] = np.where(np.isnan(z), np.nan, high - low)
    if {"roughness", "twi"} & set(names):
        slope = terrain(z, dx, dy)[0]
    if "roughness" in names:
        found["roughness"] = deviation(slope, sides)
    if not {"flow_accumulation", "twi", "distance_to_drainage"} & set(names):
        return found
    area = drainage.contributing_area(z, dx, dy)
    found["flow_accumulation"] = np.log10(area)
    if "twi" in names:
        found["twi"] = drainage.wetness(area, slope, np.sqrt(dx * dy))
    if "distance_to_drainage" in names:
        found["distance_to_drainage"] = drainage.distance_to_streams(area, dx, dy)
    return found


def _sides(dx: np.ndarray, dy: np.ndarray) -> tuple[int, int]:
    """Rows and columns of the square within `REACH_M`, three at least.

    >>> _sides(np.array([25.0]), np.array([100.0]))
    (5, 21)
    """
    down, across = (2 * max(1, int(REACH_M / float(np.mean(cell)))) + 1 for cell in (dy, dx))
    return down, across


def deviation(values: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
    """Standard deviation of the known values in a square around each pixel, NaN where its own is
    not known.

    >>> deviation(np.array([[1.0, 3.0, np.nan]]), (1, 3)).round(3).tolist()
    [[1.0, 1.0, nan]]
    """
    known = np.isfinite(values)
    shift = float(values[known].mean()) if known.any() else 0.0
    centred = np.where(known, values - shift, 0.0).astype(np.float64)
    share, total, squares = (
        ndimage.uniform_filter(a, sides, mode="constant")
        for a in (known.astype(np.float64), centred, centred**2)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / share
        found = np.sqrt(np.maximum(squares / share - mean**2, 0))
    return np.where(known, found, np.nan)
