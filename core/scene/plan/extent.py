"""Extents: where rasters lie in a coordinate reference system, and what they share."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from rasterio.crs import CRS
from rasterio.warp import transform_bounds

from core.errors import SlideScopeError
from core.scene.files.gdal_errors import GDAL_ERRORS
from core.scene.files.raster import Raster

# (left, bottom, right, top) in units of a CRS.
Bounds = tuple[float, float, float, float]


@contextmanager
def placing(raster: Raster) -> Iterator[None]:
    """Turn PROJ's and GDAL's complaints about a raster's coordinates into one sentence."""
    try:
        yield
    except GDAL_ERRORS as error:
        raise SlideScopeError(
            f"'{raster.path.name}' cannot be brought into the grid's coordinate reference system: "
            "its own is unusual or broken; reproject it with gdalwarp first."
        ) from error


def bounds_in(raster: Raster, crs: CRS) -> Bounds:
    """The raster's extent in `crs`; its edges are bent, so they are followed at 21 points."""
    if raster.crs == crs:
        return raster.bounds
    with placing(raster):
        bounds = transform_bounds(raster.crs, crs, *raster.bounds, densify_pts=21)
    if not np.isfinite(bounds).all():
        raise SlideScopeError(
            f"'{raster.path.name}' cannot be brought into the grid's coordinate reference system: "
            "it reaches beyond that system's area; cut it to the area first."
        )
    return bounds


def covers(raster: Raster, extent: Bounds, crs: CRS) -> bool:
    """Whether a raster covers the whole of an extent in `crs`: one of the whole earth has no
    extent in a zone."""
    if raster.crs is None or raster.rotated:
        return False
    try:
        left, bottom, right, top = transform_bounds(crs, raster.crs, *extent, densify_pts=21)
    except GDAL_ERRORS:
        return False
    low, down, high, up = raster.bounds
    if raster.crs.is_geographic:
        right += 360 if right < left else 0
        turns = round(((low + high) - (left + right)) / 720)
        left, right = left + 360 * turns, right + 360 * turns
    return low <= left and right <= high and down <= bottom and top <= up


def union(extents: Iterable[Bounds]) -> Bounds:
    """
    >>> union([(0, 0, 2, 2), (1, 1, 3, 3)])
    (0, 0, 3, 3)
    """
    left, bottom, right, top = zip(*extents)
    return min(left), min(bottom), max(right), max(top)


def intersection(one: Bounds, other: Bounds) -> Bounds | None:
    """
    >>> intersection((0, 0, 2, 2), (1, 1, 3, 3))
    (1, 1, 2, 2)
    >>> intersection((0, 0, 1, 1), (1, 1, 3, 3)) is None
    True
    """
    left, bottom = max(one[0], other[0]), max(one[1], other[1])
    right, top = min(one[2], other[2]), min(one[3], other[3])
    return (left, bottom, right, top) if left < right and bottom < top else None


def extent_in_degrees(base: Raster) -> Bounds:
    """The extent in longitude and latitude, the east beyond 180 where it lies across it."""
    if base.crs is None or base.crs.is_geographic:
        return base.bounds
    left, bottom, right, top = bounds_in(base, CRS.from_epsg(4326))
    return left, bottom, right + (360 if right < left else 0), top
