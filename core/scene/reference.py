"""The files of a reference inventory: mask.tif (uint8, 1 = landslide) and outlines.gpkg."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.features import shapes
from rasterio.windows import Window

from core.scene.files import geopackage
from core.scene.grid import Grid
from core.scene.plan.layout import SceneGrid
from core.scene.store import Scene

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
    geopackage.write(path, outlines, "landslides")


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
