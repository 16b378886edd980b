"""The landslide inventory on the grid: reference mask and outlines.

Polygons are burnt by pixel centre; those that get no pixel are counted (design: Decisions).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.features import shapes
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.jobs.report import Report
from core.scene.align.mosaic import AlignedMosaic
from core.scene.files import guard, vectors
from core.scene.files.raster import Raster, open_band
from core.scene.files.source import Source
from core.scene.grid import Grid
from core.scene.plan.layout import SceneGrid
from core.scene.polygons import Burner, box_of, on_grid
from core.scene.store import IMPORTED, Scene

ROWS = 256


def outlines_of(path: Path, layout: SceneGrid | Scene) -> gpd.GeoDataFrame:
    """Trace the landslides of a mask raster, pixels joined across corners too; in a tile scene
    tile by tile, as nothing crosses a tile's border."""
    grid = layout.grid
    found: list[shapely.Geometry] = []
    rows = layout.tile if layout.kind == "tiles" else grid.height
    with rasterio.open(path, driver="GTiff") as source:
        for row in range(0, grid.height, rows):
            window = Window(0, row, grid.width, min(rows, grid.height - row))
            mask = source.read(1, window=window)
            affine = grid.window(window).affine
            traced = shapes(mask, mask=mask == 1, connectivity=8, transform=affine)
            found.extend(shapely.geometry.shape(shape) for shape, _ in traced)
    data = {"id": np.arange(1, len(found) + 1), "has_pixel": np.ones(len(found), np.int64)}
    return gpd.GeoDataFrame(data, geometry=found, crs=grid.crs)


def write_outlines(path: Path, outlines: gpd.GeoDataFrame, grid: Grid) -> None:
    """Write polygons with id, area_ha (only where the CRS is metric) and has_pixel."""
    pixel_km2 = grid.pixel_km2
    if pixel_km2 is not None:
        x, y = grid.resolution
        outlines["area_ha"] = outlines.area * (pixel_km2 / (x * y)) * 100
    vectors.write(path, outlines, "landslides")


def rows_of(grid: Grid) -> Iterator[Window]:
    for row in range(0, grid.height, ROWS):
        yield Window(0, row, grid.width, min(ROWS, grid.height - row))


def mask_file(path: Path, grid: Grid):
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=grid.width,
        height=grid.height,
        count=1,
        dtype="uint8",
        crs=grid.crs,
        transform=grid.affine,
        tiled=True,
        blockxsize=128,
        blockysize=128,
        compress="DEFLATE",
    )


@dataclass(frozen=True)
class Counts:
    """Polygons in the scene, those of them without a pixel, those outside it, landslide pixels."""

    polygons: int
    without_pixel: int
    outside: int
    pixels: int


def write(
    source: Source, layout: SceneGrid, folder: Path, report: Report, mask: Raster | None = None
) -> tuple[dict, list[str]]:
    """Write outlines.gpkg and mask.tif (uint8, 1 = landslide); return the scene's inventory entry
    and sentences about it. `mask`: the raster that `source` names, as it was decided to be read."""
    folder.mkdir(parents=True)
    grid = layout.grid
    if guard.is_vector(source.path):
        counts, outlines = _burn_polygons(source, grid, folder / "mask.tif", report)
    else:
        counts, outlines = _copy_mask(
            source, mask or open_band(source), layout, folder / "mask.tif", report
        )
    write_outlines(folder / "outlines.gpkg", outlines, grid)
    entry = {
        "version": IMPORTED,
        "source": str(source),
        "polygons": counts.polygons,
        "polygons_without_pixel": counts.without_pixel,
        "landslide_share": counts.pixels / (grid.width * grid.height),
    }
    return entry, _sentences(counts)


def _sentences(counts: Counts) -> list[str]:
    notes = []
    if counts.without_pixel:
        share = counts.without_pixel / counts.polygons
        notes.append(
            f"{counts.without_pixel} of {counts.polygons} landslide polygons ({100 * share:.0f} %) "
            "hold no pixel centre and are left out of the reference mask."
        )
    if counts.outside:
        notes.append(f"Landslide polygons outside the scene, left out: {counts.outside}.")
    return notes


def _burn_polygons(
    source: Source, grid: Grid, path: Path, report: Report
) -> tuple[Counts, gpd.GeoDataFrame]:
    frame = on_grid(source, grid)
    inside = frame[frame.intersects(box_of(grid))]
    if inside.empty:
        raise SlideScopeError(
            f"The inventory '{source}' has {len(frame)} polygons and none of them lies in the "
            "scene; check its coordinate reference system or choose another."
        )
    # Small ones last, so that overlap does not hide them.
    inside = inside.iloc[np.argsort(-inside.area.to_numpy(), kind="stable")]
    geometries = inside.geometry.to_numpy()
    numbers = np.arange(1, len(geometries) + 1, dtype=np.int32)
    burner = Burner(geometries, numbers, grid)
    found = np.zeros(len(geometries) + 1, np.int64)
    with mask_file(path, grid) as target:
        for window in rows_of(grid):
            report("burning the landslide inventory", window.row_off / grid.height)
            ids = burner.read(window, 0, "int32")
            found += np.bincount(ids.ravel(), minlength=len(found))
            target.write((ids > 0).astype(np.uint8), 1, window=window)
    pixels = int(found[1:].sum())
    if not pixels:
        raise SlideScopeError(
            f"The inventory '{source}' has {len(inside)} polygons in the scene but all of them are "
            "smaller than a pixel; choose a finer --resolution."
        )
    held = found[1:] > 0
    for i in np.flatnonzero(~held):
        held[i] = holds_pixel(geometries[i], grid)
    outlines = gpd.GeoDataFrame(
        {"id": numbers, "has_pixel": held.astype(int)}, geometry=geometries, crs=grid.crs
    )
    outside = len(frame) - len(inside)
    return Counts(len(inside), int((~held).sum()), outside, pixels), outlines


def holds_pixel(geometry, grid: Grid) -> bool:
    """Whether a polygon hidden under others holds a pixel's centre all the same."""
    left, bottom, right, top = geometry.bounds
    inverse = ~grid.affine
    columns, rows = zip(inverse * (left, top), inverse * (right, bottom))
    column, row = max(math.floor(min(columns)), 0), max(math.floor(min(rows)), 0)
    width = min(math.ceil(max(columns)), grid.width) - column
    height = min(math.ceil(max(rows)), grid.height) - row
    if width <= 0 or height <= 0:
        return False
    window = Window(column, row, width, height)
    return bool(Burner(np.array([geometry]), np.array([1]), grid).read(window, 0, "uint8").any())


def _copy_mask(
    source: Source, raster: Raster, layout: SceneGrid, path: Path, report: Report
) -> tuple[Counts, gpd.GeoDataFrame]:
    grid = layout.grid
    if (raster.crs is None) != (grid.crs is None) and layout.kind == "area":
        raise SlideScopeError(
            f"The inventory '{source}' {'lacks' if grid.crs else 'has'} a coordinate reference "
            f"system, the scene {'has one' if grid.crs else 'has none'}: both need one, or none."
        )
    if grid.crs is None and raster.shape != grid.shape:
        raise SlideScopeError(
            f"The inventory '{source}' has {raster.width} x {raster.height} pixels, the scene "
            f"{grid.width} x {grid.height}: without coordinates both must have the same."
        )
    pixels = 0
    plain = raster if layout.kind == "area" else _without_place(raster, grid)
    with AlignedMosaic((plain,), grid, nearest=True) as mask, mask_file(path, grid) as target:
        for window in rows_of(grid):
            report("copying the landslide mask", window.row_off / grid.height)
            values = mask.read(window)
            landslide = np.isfinite(values) & (values != 0)
            pixels += int(landslide.sum())
            target.write(landslide.astype(np.uint8), 1, window=window)
    if not pixels:
        raise SlideScopeError(
            f"The inventory '{source}' marks no landslide in the scene: a mask is 0 elsewhere and "
            "another number on landslides; check its place and values."
        )
    if pixels == grid.width * grid.height:
        raise SlideScopeError(
            f"The inventory '{source}' marks every pixel of the scene as landslide: a mask is 0 "
            "elsewhere; choose another band or file."
        )
    outlines = outlines_of(path, layout)
    return Counts(len(outlines), 0, 0, pixels), outlines


def _without_place(raster, grid: Grid):
    return replace(raster, crs=None, transform=grid.affine)
