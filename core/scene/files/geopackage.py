"""Writing GeoPackages: the one place that says which version of the format."""

import warnings
from pathlib import Path

import geopandas as gpd

# What GDAL before 3.7 reads without a warning and its validator passes; 1.4 is GDAL's default.
VERSION = "1.3"


def write(target: Path, frame: gpd.GeoDataFrame, layer: str, mode: str = "w", **how) -> None:
    """Write `frame` into `layer` of the GeoPackage `target`; `mode` "a" appends to what is there,
    `how` is what pyogrio takes besides."""
    created = {"VERSION": VERSION} if mode == "w" else {}
    with warnings.catch_warnings():
        # A plain pixel grid has no CRS to write, and means it.
        warnings.filterwarnings("ignore", "'crs' was not provided")
        frame.to_file(target, driver="GPKG", layer=layer, mode=mode, **created, **how)
