"""Satellite images without a map grid (GF-1/2/6, ZY-3 L1A ...), warped with a DEM by their rational
polynomials (RPC)."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine, array_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject, transform_bounds
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.scene.align.mosaic import AlignedMosaic
from core.scene.files import guard, openings
from core.scene.files.gdal_errors import GDAL_ERRORS
from core.scene.files.raster import Raster, open_band, short_crs
from core.scene.files.source import Source
from core.scene.grid import Grid

ROWS = 512
# Around the image's own extent, as a share of it: what stands at its edge is seen from aside.
MARGIN = 0.15
MAX_PIXELS = 400_000_000


def is_needed(source: Source) -> bool:
    """Whether a raster is placed by rational polynomials alone."""
    with guard.gdal_options():
        opening = openings.find(source.path, source.part)
        with guard.open_checked(opening.path, opening.name, opening.driver) as dataset:
            return dataset.transform == Affine.identity() and dataset.rpcs is not None


def warped(source: Source, dem: Sequence[Raster], crs: CRS, cell: float) -> Raster:
    """The band that `source` names as a raster in `crs` with pixels of at least `cell` metres.

    The heights of `dem` are taken as those of the ellipsoid, as RPCs want them; from sea level they
    differ by the geoid's height, which moves what is seen obliquely by about that times the tangent
    of the view angle. Raises SlideScopeError where DEM and image do not overlap.
    """
    about = Path(source.path).stat()
    plain = replace(source, crs=None, shift=None)
    path = _copy(plain, tuple(dem), short_crs(crs), cell, about.st_mtime_ns)
    found = open_band(Source(str(path), shift=source.shift))
    told = (
        f"'{Path(source.path).name}' is orthorectified by its RPC on '{dem[0].path.name}', whose "
        "heights are taken as above the ellipsoid; 0 is no data"
    )
    return replace(found, path=Path(source.path), told=(told,))


@lru_cache(maxsize=64)
def _copy(source: Source, dem: tuple[Raster, ...], crs: str, cell: float, changed: int) -> Path:
    folder = openings.temporary()
    key = abs(hash((source, dem, crs, cell, changed)))
    heights, target = folder / f"rpc-{key}-dem.tif", folder / f"rpc-{key}.tif"
    opening = openings.find(source.path, source.part)
    with (
        guard.gdal_options(),
        guard.open_checked(opening.path, opening.name, opening.driver) as dataset,
    ):
        band = _band(source, dataset)
        _write_heights(dataset.rpcs, dem, heights, opening.path.name)
        try:
            _warp(dataset, band, heights, crs, cell, target)
        except GDAL_ERRORS as error:
            raise SlideScopeError(
                f"'{opening.path.name}' cannot be warped by its RPC on '{dem[0].path.name}': they "
                "hardly overlap, or the RPC is broken; orthorectify it first, for example with "
                "`gdalwarp -rpc -to RPC_DEM=dem.tif`."
            ) from error
    heights.unlink()
    return target


def _band(source: Source, dataset) -> int:
    if isinstance(source.band, int) and 1 <= source.band <= dataset.count:
        return source.band
    if source.band is None and dataset.count == 1:
        return 1
    name = Path(source.path).name
    raise SlideScopeError(
        f"'{name}' has {dataset.count} bands: say which one, as {name}:1 to {name}:{dataset.count}."
    )


def _write_heights(rpcs, dem: tuple[Raster, ...], target: Path, file: str) -> None:
    """The part of the DEM under an image, on the DEM's own pixels, as GDAL's warper wants it."""
    first = dem[0]
    box = (
        rpcs.long_off - (1 + MARGIN) * rpcs.long_scale,
        rpcs.lat_off - (1 + MARGIN) * rpcs.lat_scale,
        rpcs.long_off + (1 + MARGIN) * rpcs.long_scale,
        rpcs.lat_off + (1 + MARGIN) * rpcs.lat_scale,
    )
    west, south, east, north = transform_bounds("EPSG:4326", first.crs, *box)
    left, bottom, right, top = (f(v) for f, v in zip((min, min, max, max), zip(*_edges(dem))))
    west, south, east, north = (
        max(west, left),
        max(south, bottom),
        min(east, right),
        min(north, top),
    )
    x, y = first.cell
    if east - west < 2 * x or north - south < 2 * y:
        raise SlideScopeError(
            f"'{file}' is placed by RPC near {rpcs.long_off:.4f} E, {rpcs.lat_off:.4f} N, where "
            f"'{first.path.name}' has no heights: give an elevation that covers it."
        )
    height, width = math.floor((north - south) / y), math.floor((east - west) / x)
    grid = Grid(short_crs(first.crs), (x, 0.0, west, 0.0, -y, north), width, height)
    with AlignedMosaic(dem, grid) as heights, _new(target, grid, "float32", math.nan) as copy:
        for row in range(0, grid.height, ROWS):
            window = Window(0, row, grid.width, min(ROWS, grid.height - row))
            copy.write(heights.read(window), 1, window=window)


def _edges(dem: tuple[Raster, ...]) -> list[tuple[float, float, float, float]]:
    return [raster.bounds for raster in dem]


def _warp(dataset, band: int, heights: Path, crs: str, cell: float, target: Path) -> None:
    how = {"RPC_DEM": str(heights), "RPC_DEMINTERPOLATION": "bilinear"}
    affine, width, height = calculate_default_transform(
        "EPSG:4326", crs, dataset.width, dataset.height, rpcs=dataset.rpcs, **how
    )
    metre = CRS.from_user_input(crs).linear_units_factor[1]
    size = max(abs(affine.a), cell / metre)
    left, bottom, right, top = array_bounds(height, width, affine)
    width, height = math.ceil((right - left) / size), math.ceil((top - bottom) / size)
    if width * height > MAX_PIXELS:
        raise SlideScopeError(
            f"'{Path(dataset.name).name}' would be warped to {width} x {height} pixels: over "
            f"{MAX_PIXELS / 1e6:.0f} million are refused; give a coarser --resolution."
        )
    grid = Grid(crs, (size, 0.0, left, 0.0, -size, top), width, height)
    coarser = size > 1.5 * abs(affine.a)
    with _new(target, grid, dataset.dtypes[band - 1], 0) as copy:
        reproject(
            rasterio.band(dataset, band),
            rasterio.band(copy, 1),
            src_crs="EPSG:4326",
            dst_transform=grid.affine,
            dst_crs=crs,
            dst_nodata=0,
            rpcs=dataset.rpcs,
            resampling=Resampling.average if coarser else Resampling.bilinear,
            **how,
        )


def _new(path: Path, grid: Grid, dtype: str, nodata: float):
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=grid.width,
        height=grid.height,
        count=1,
        dtype=np.dtype(dtype).name,
        crs=grid.crs,
        transform=grid.affine,
        nodata=nodata,
        tiled=True,
        BIGTIFF="IF_SAFER",
    )
