"""Outlines of the reference inventory as GeoJSON, for drawing on the map."""

from pathlib import Path

import geopandas as gpd
import numpy as np
from rasterio.features import shapes
from shapely import affinity
from shapely.geometry import shape

from core import atomic
from core.display.raster import georeferenced
from core.scene.store import Scene

DECIMALS = 6  # of a degree: a tenth of a metre


def write(scene: Scene, target: Path) -> int:
    """Write the outlines, simplified by half a pixel, and return their number.

    Coordinates are longitude and latitude; on a pixel grid they are column and minus row, which
    is how Leaflet's CRS.Simple puts row 0 on top.
    """
    frame = _polygons(scene)
    frame.geometry = frame.geometry.simplify(max(scene.grid.resolution) / 2)
    if georeferenced(scene):
        frame = frame.to_crs("EPSG:4326")
    else:
        to_pixels = ~scene.grid.affine
        flipped = [to_pixels.a, to_pixels.b, -to_pixels.d, -to_pixels.e, to_pixels.c, -to_pixels.f]
        frame.geometry = [affinity.affine_transform(g, flipped) for g in frame.geometry]
    frame.geometry = frame.geometry.set_precision(10.0**-DECIMALS, mode="pointwise")
    atomic.write_text(target, frame[["geometry"]].to_json(drop_id=True))
    return len(frame)


def _polygons(scene: Scene) -> gpd.GeoDataFrame:
    """The inventory's polygons on the scene's CRS, or what the reference mask outlines."""
    stored = scene.needed_mask.with_name("outlines.gpkg")
    if stored.exists() and georeferenced(scene):
        frame = gpd.read_file(stored).to_crs(scene.grid.crs)
        return frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    mask = scene.read_mask()
    values = mask.copy()
    if scene.kind == "tiles":
        # Neighbouring tiles get different values, so that no outline crosses their border.
        values += (np.arange(scene.grid.height) // scene.tile % 2).astype(np.uint8)[:, None]
    transform = scene.grid.affine
    found = shapes(values, mask=mask == 1, transform=transform, connectivity=8)
    return gpd.GeoDataFrame(geometry=[shape(g) for g, _ in found], crs=scene.grid.crs)
