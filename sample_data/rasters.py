"""Writing rasters the way a user would have them, and the warp to geographic coordinates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine, array_bounds
from rasterio.warp import Resampling, reproject, transform_bounds

from sample_data.grid import CRS, GEOGRAPHIC_CELL, GEOGRAPHIC_CRS, transform

HEIGHT_STEP, RATE_STEP = 1 / 32, 1 / 16  # m and mm/yr; powers of two compress well as floats


def quantise(values: np.ndarray, step: float) -> np.ndarray:
    """Round to multiples of step, float32.

    >>> quantise(np.array([0.1, 0.24]), 1 / 16).tolist()
    [0.125, 0.25]
    """
    return (np.round(values / step) * step).astype(np.float32)


def write(path: Path, band: np.ndarray, description: str, **profile) -> Path:
    """Write one band as a tiled, deflated GeoTIFF tagged as synthetic; profile gives the rest."""
    settings = {
        "driver": "GTiff",
        "count": 1,
        "height": band.shape[0],
        "width": band.shape[1],
        "dtype": band.dtype,
        "crs": CRS,
        "transform": transform(),
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "deflate",
        "predictor": 3 if band.dtype.kind == "f" else 2,
    }
    with rasterio.open(path, "w", **(settings | profile)) as file:
        file.write(band, 1)
        file.set_band_description(1, description)
        file.update_tags(SYNTHETIC="yes", DESCRIPTION=f"Synthetic: {description}")
    return path


def geographic_grid(shape: tuple[int, int]) -> tuple[Affine, tuple[int, int]]:
    """Transform and shape of the smallest geographic grid that covers the ground grid."""
    bounds = array_bounds(*shape, transform())
    west, south, east, north = transform_bounds(CRS, GEOGRAPHIC_CRS, *bounds, densify_pts=51)
    cell = GEOGRAPHIC_CELL
    left, top = np.floor(west / cell) * cell, np.ceil(north / cell) * cell
    cols, rows = int(np.ceil((east - left) / cell)), int(np.ceil((top - south) / cell))
    return Affine(cell, 0, left, 0, -cell, top), (rows, cols)


def to_geographic(rate: np.ndarray, holes: np.ndarray) -> tuple[np.ndarray, Affine]:
    """Warp rates to geographic coordinates, NaN in the holes and outside the ground grid.

    The rates go bilinearly, the holes by nearest cell, so that holes do not grow.
    """
    at, shape = geographic_grid(rate.shape)
    common = {
        "src_transform": transform(),
        "src_crs": CRS,
        "dst_transform": at,
        "dst_crs": GEOGRAPHIC_CRS,
    }
    warped = np.full(shape, np.nan, np.float32)
    measured = np.zeros(shape, np.uint8)
    bilinear, nearest = Resampling.bilinear, Resampling.nearest
    reproject(rate, warped, dst_nodata=np.nan, resampling=bilinear, **common)
    reproject((~holes).astype(np.uint8), measured, resampling=nearest, **common)
    return np.where(measured == 1, warped, np.float32(np.nan)), at
