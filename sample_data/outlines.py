"""Polygons of the scene: landslide outlines as they would be drawn by hand, and rock units."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
from rasterio.features import shapes
from shapely import union_all
from shapely.geometry import shape

from sample_data.grid import CELL, CRS, transform
from sample_data.lithology import UNITS
from sample_data.noise import generator

LEFT_OUT = 10  # one landslide in so many is missing from the inventory


def polygons(codes: np.ndarray, mask: np.ndarray | None = None) -> dict[int, list]:
    """Polygons along cell borders of every code, in the scene's CRS.

    Cells that meet at a corner alone stay apart: polygons that touch themselves cannot be
    simplified as a coverage.
    """
    found: dict[int, list] = {}
    for geometry, code in shapes(codes, mask=mask, transform=transform(), connectivity=4):
        found.setdefault(int(code), []).append(shape(geometry))
    return found


def drawn(parts: list):
    """Union of parts with the stair steps of the cells rounded off."""
    body = union_all(parts)
    return (
        body.buffer(CELL)
        .buffer(-1.9 * CELL)
        .buffer(0.9 * CELL)
        .union(body.buffer(-0.5 * CELL).buffer(0.45 * CELL))
        .simplify(2.0)
    )


def landslides(label: np.ndarray, table: list[dict], seed: int) -> gpd.GeoDataFrame:
    """All landslides with id, kind, area_ha, speed_mm_yr and mapped (0: left out)."""
    parts = polygons(label.astype(np.int32), label > 0)
    frame = gpd.GeoDataFrame(table, geometry=[drawn(parts[row["id"]]) for row in table], crs=CRS)
    frame["area_ha"] = (frame.area / 1e4).round(3)
    missing = generator(seed, "left out").permutation(frame["id"])[: round(len(frame) / LEFT_OUT)]
    frame["mapped"] = (~frame["id"].isin(missing)).astype("int32")
    return frame[["id", "kind", "area_ha", "speed_mm_yr", "mapped", "geometry"]]


def lithology(unit: np.ndarray) -> gpd.GeoDataFrame:
    """Rock units with code and name; borders stay shared where they are simplified."""
    rows = [(code, body) for code, parts in sorted(polygons(unit).items()) for body in parts]
    frame = gpd.GeoDataFrame(
        {"code": [code for code, _ in rows], "name": [UNITS[code].name for code, _ in rows]},
        geometry=[body for _, body in rows],
        crs=CRS,
    )
    frame["geometry"] = frame.geometry.simplify_coverage(1.5 * CELL)
    return frame.astype({"code": "int32"})


@contextlib.contextmanager
def fixed_date() -> Iterator[None]:
    """A GeoPackage holds its date of writing; a fixed one makes the same scene the same file."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write(path: Path, frame: gpd.GeoDataFrame) -> Path:
    """Write one layer, named as the file, as GeoPackage."""
    path.unlink(missing_ok=True)
    with fixed_date():
        frame.to_file(path, driver="GPKG", layer=path.stem)
    return path
