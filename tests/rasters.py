"""Small rasters and polygons on disk, as a user would have them."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.transform import Affine

# A place in UTM zone 48 N; rasters here start at it unless told otherwise.
X, Y = 240000.0, 3020000.0
UTM = "EPSG:32648"


def write(
    path: Path,
    values: np.ndarray,
    cell: float = 12.5,
    origin: tuple[float, float] = (X, Y),
    crs: str | None = UTM,
    nodata: float | None = None,
    transform: Affine | None = None,
    scale: tuple[float, float] | None = None,
    **tags: str,
) -> str:
    """Write (height, width) or (bands, height, width) as a GeoTIFF; return its path as text."""
    layers = values if values.ndim == 3 else values[None]
    place = transform or Affine(cell, 0, origin[0], 0, -cell, origin[1])
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=len(layers),
        height=layers.shape[1],
        width=layers.shape[2],
        dtype=layers.dtype.name,
        crs=crs,
        transform=place if crs or transform else None,
        nodata=nodata,
    ) as target:
        target.write(layers)
        target.update_tags(**tags)
        if scale:
            target.scales, target.offsets = [scale[0]] * len(layers), [scale[1]] * len(layers)
    return str(path)


def ramp(height: int, width: int, cell: float, origin=(X, Y), east=0.5, north=0.25) -> np.ndarray:
    """A plane sampled at pixel centres: `east` and `north` per metre, 0 at (X, Y)."""
    rows, columns = np.mgrid[:height, :width] + 0.5
    x, y = origin[0] + columns * cell, origin[1] - rows * cell
    return (east * (x - X) + north * (y - Y)).astype(np.float32)


def write_polygons(path: Path, geometries: list, crs: str | None = UTM, **fields: list) -> str:
    """Write polygons with attributes; the extension chooses the format."""
    frame = gpd.GeoDataFrame(fields or {"id": range(len(geometries))}, geometry=geometries, crs=crs)
    frame.to_file(path)
    return str(path)
