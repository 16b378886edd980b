"""Extents: where rasters lie in a coordinate reference system, and what they share."""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from rasterio.crs import CRS
from rasterio.warp import calculate_default_transform, transform_bounds

from core.errors import SlideScopeError
from core.scene.files.gdal_errors import GDAL_ERRORS
from core.scene.files.raster import Raster, short_crs
from core.scene.grid import Grid

MAX_UTM_DEGREES = 12.0
# Where the map's projection (web Mercator) ends, less a pixel.
MAX_MAP_DEGREES = 85.05

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


def target_crs(base: Raster) -> CRS:
    """The raster's own CRS if it is projected, else the UTM zone of its centre."""
    if base.crs is not None and base.crs.is_projected:
        return base.crs
    left, bottom, right, top = base.bounds
    geographic = base.crs is not None and base.crs.is_geographic
    if not geographic or right - left > MAX_UTM_DEGREES or max(-bottom, top) > 84:
        raise SlideScopeError(
            f"'{base.path.name}' reaches {right - left:.4g} x {top - bottom:.4g} degrees: no UTM "
            f"zone holds more than {MAX_UTM_DEGREES:g} degrees of longitude or the poles; cut it "
            "to the area or give --like with a projected grid."
        )
    return utm_zone((left + right) / 2, (bottom + top) / 2)


def utm_zone(longitude: float, latitude: float) -> CRS:
    """The WGS 84 UTM zone of a place.

    >>> utm_zone(73.5, 34.5).to_epsg(), utm_zone(-99.1, -19.4).to_epsg()
    (32643, 32714)
    """
    zone = int((longitude + 180) // 6) % 60 + 1
    return CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


def own_cell(base: Raster, crs: CRS) -> tuple[float, float]:
    """(x, y) size of the raster's pixels in units of `crs`; square where they are resampled."""
    if base.crs == crs:
        size = round(math.sqrt(base.cell[0] * base.cell[1]), 2)
        return (size, size) if base.rotated and size else base.cell
    with placing(base):
        sides = dict(zip(("left", "bottom", "right", "top"), base.bounds))
        affine, _, _ = calculate_default_transform(base.crs, crs, base.width, base.height, **sides)
    size = round(abs(affine.a), 2) or abs(affine.a)
    return size, size


def check_on_earth(grid: Grid) -> None:
    """Refuse a grid with corners in space, such as a geostationary full disk: no map shows it."""
    if grid.crs is None:
        return
    try:
        bounds = transform_bounds(grid.crs, "EPSG:4326", *grid.bounds, densify_pts=21)
    except GDAL_ERRORS:
        bounds = (math.inf,)
    if np.isfinite(bounds).all() and max(-bounds[1], bounds[3]) > MAX_MAP_DEGREES:
        raise SlideScopeError(
            f"The grid reaches {bounds[1]:.2f} to {bounds[3]:.2f} degrees north: the map ends at "
            f"{MAX_MAP_DEGREES} degrees; cut the rasters to the area."
        )
    if not np.isfinite(bounds).all():
        raise SlideScopeError(
            f"The grid in {_short(grid.crs)} reaches beyond the earth: a scene lies on the map "
            "wholly; cut the rasters to the area or give --like with another grid."
        )


def _short(crs: str) -> str:
    return crs if len(crs) < 40 else short_crs(CRS.from_user_input(crs))[:40] + "..."
