"""The rasters that the chain writes, on the grid of the stack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio

from core import atomic
from core.scene.grid import Grid


@dataclass(frozen=True)
class Layer:
    """A raster of the result: title, unit and, where it has one, direction and names of bands."""

    title: str
    unit: str
    direction: str = ""
    bands: tuple[str, ...] = ()


LAYERS: Mapping[str, Layer] = {
    "deformation": Layer(
        "Deformation rate along the line of sight", "mm/yr", "positive towards the satellite"
    ),
    "rate": Layer("The same before anything was masked", "mm/yr", "positive towards the satellite"),
    "rate_error": Layer("Standard error of the rate", "mm/yr"),
    "temporal_coherence": Layer("Temporal coherence", "1"),
    "pairs": Layer("Valid pairs", "1"),
    "islands": Layer("Groups of two or more dates that pairs join", "1"),
    "closures": Layer(
        "Share of triplets that are whole cycles off",
        "1",
        bands=("before the correction", "after the correction"),
    ),
    "cycles": Layer("Share of pairs whose cycles were changed", "1"),
    "mean_coherence": Layer("Mean coherence", "1"),
}


def write(folder: Path, name: str, values: np.ndarray, grid: Grid) -> Path:
    """Write a layer, (H, W) or (bands, H, W), as a float32 GeoTIFF that appears whole."""
    about = LAYERS[name]
    bands = values if values.ndim == 3 else values[None]
    how = {"driver": "GTiff", "count": len(bands), "dtype": "float32", "nodata": np.nan}
    # Tiles are a multiple of 16; a map smaller than one takes one.
    how |= {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"}
    how |= {"crs": grid.crs, "transform": grid.affine, "predictor": 3, "zlevel": 1}
    path = folder / f"{name}.tif"
    with (
        atomic.whole_file(path) as temporary,
        rasterio.open(temporary, "w", height=grid.height, width=grid.width, **how) as out,
    ):
        tags = {"TITLE": about.title, "UNIT": about.unit}
        out.update_tags(**tags, **({"DIRECTION": about.direction} if about.direction else {}))
        for n, band in enumerate(bands, 1):
            out.write(band.astype(np.float32, copy=False), n)
            out.set_band_unit(n, about.unit)
            if about.bands:
                out.set_band_description(n, about.bands[n - 1])
    return path
