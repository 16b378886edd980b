"""Choosing the one grid that all factors of a scene are brought onto (design: Decisions, Grid)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.warp import calculate_default_transform, transform_bounds

from core.errors import SlideScopeError
from core.factors import DEFORMATION, ELEVATION
from core.scene.grid import Grid
from core.scene.request import ImportRequest
from core.scene.sources import Raster, short_crs

DEFAULT_RESOLUTION_M = 12.5
MAX_PIXELS = 1_000_000_000
MAX_UTM_DEGREES = 12.0
# Two rasters of one survey differ by fractions of a millimetre; a hundredth of a pixel is none.
SNAP = 0.01

Bounds = tuple[float, float, float, float]
Rasters = dict[str, tuple[Raster, ...]]


@dataclass(frozen=True)
class Layout:
    """The chosen grid, how its pixels belong together, and why, in sentences."""

    grid: Grid
    kind: Literal["area", "tiles"]
    tile: int
    notes: tuple[str, ...] = ()


def choose(request: ImportRequest, rasters: Rasters, like: Raster | None = None) -> Layout:
    """Return the layout of the scene that `request` asks for.

    `rasters`: the raster files of each factor, vector factors left out.
    """
    if not rasters and like is None:
        raise SlideScopeError(
            "Every factor is a vector file: the grid comes from a raster; add one, or --like."
        )
    every = [r for files in rasters.values() for r in files]
    if request.tiles:
        layout = _tile_strip(every, request.tiles)
    elif _have_crs([*every, *([like] if like else [])]):
        layout = _area(request, rasters, like)
    else:
        layout = _pixel_grid([*([like] if like else []), *every], request)
    return _check_size(layout)


def reference(rasters: Rasters) -> Raster:
    """The raster that gives coordinates: elevation, else the first that is not deformation."""
    first = next((n for n in rasters if n != DEFORMATION), DEFORMATION)
    return rasters[ELEVATION if ELEVATION in rasters else first][0]


def _have_crs(rasters: list[Raster]) -> bool:
    without = [r for r in rasters if r.crs is None]
    if without and len(without) < len(rasters):
        placed = next(r for r in rasters if r.crs is not None)
        raise SlideScopeError(
            f"'{without[0].path.name}' has no coordinate reference system while "
            f"'{placed.path.name}' has one: all rasters need one, or none; set it with "
            "`gdal_edit -a_srs EPSG:n`."
        )
    return not without


def _tile_strip(rasters: list[Raster], tile: int) -> Layout:
    for raster in rasters:
        if raster.width != tile or raster.height % tile:
            raise SlideScopeError(
                f"'{raster.path.name}' has {raster.width} x {raster.height} pixels: a tile scene "
                f"is {tile} pixels wide, its tiles one below the other; give the width of the "
                "file as --tiles."
            )
    _check_same_shape(rasters)
    notes = ()
    if any(r.crs for r in rasters):
        notes = ("The coordinates of the files are left out: the tiles of a tile scene are apart.",)
    first = rasters[0]
    return Layout(_plain(first), "tiles", tile, notes)


def _plain(raster: Raster) -> Grid:
    return Grid(None, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), raster.width, raster.height)


def _check_same_shape(rasters: Iterable[Raster]) -> None:
    first, *others = rasters
    for raster in others:
        if raster.shape != first.shape:
            raise SlideScopeError(
                f"'{raster.path.name}' has {raster.width} x {raster.height} pixels, "
                f"'{first.path.name}' {first.width} x {first.height}: rasters without coordinates "
                "must share one pixel grid; cut them to the same."
            )


def _pixel_grid(rasters: list[Raster], request: ImportRequest) -> Layout:
    if request.resolution:
        raise SlideScopeError(
            "--resolution needs a coordinate reference system, and the rasters have none: "
            "leave it out or set one with `gdal_edit -a_srs EPSG:n`."
        )
    _check_same_shape(rasters)
    first = rasters[0]
    for raster in rasters[1:]:
        if not np.allclose(raster.transform, first.transform, atol=SNAP * min(first.cell)):
            raise SlideScopeError(
                f"'{raster.path.name}' and '{first.path.name}' have no coordinate reference system "
                "and different origins: they must share one pixel grid; set a system first."
            )
    note = (
        "The rasters have no coordinate reference system: the scene is a plain pixel grid, without "
        "areas in hectares and without derived terrain factors."
    )
    grid = Grid(None, tuple(first.transform)[:6], first.width, first.height)
    return Layout(grid, "area", 128, (note,))


def _area(request: ImportRequest, rasters: Rasters, like: Raster | None) -> Layout:
    if like is not None:
        layout = _taken_over(like)
        for name, files in rasters.items():
            _overlap(name, files, CRS.from_user_input(layout.grid.crs), layout.grid.bounds)
        return layout
    base = reference(rasters)
    crs = _target_crs(base)
    extent = None
    for name, files in rasters.items():
        if name != DEFORMATION or len(rasters) == 1:
            bounds = _union(_bounds_in(raster, crs) for raster in files)
            extent = _intersect(extent, bounds, name, files[0], base)
    if DEFORMATION in rasters:
        _overlap(DEFORMATION, rasters[DEFORMATION], crs, extent)
    cell, notes = _cell(request, base, crs)
    same = base.crs == crs and not base.rotated
    origin = (base.bounds[0], base.bounds[3]) if same else (0.0, 0.0)
    return Layout(_lattice(short_crs(crs), cell, origin, extent), "area", 128, notes)


def _taken_over(like: Raster) -> Layout:
    if like.rotated or like.transform.e > 0 or like.transform.a < 0:
        raise SlideScopeError(
            f"--like '{like.path.name}' is rotated or upside down: a scene's grid is north-up; "
            "give another raster or --resolution."
        )
    notes = ()
    if not like.crs.is_projected:
        notes = (
            f"The grid of '{like.path.name}' is in degrees: areas in hectares are not shown; "
            "--resolution 12.5 brings the scene into metres.",
        )
    grid = Grid(short_crs(like.crs), tuple(like.transform)[:6], like.width, like.height)
    return Layout(grid, "area", 128, notes)


def _target_crs(base: Raster) -> CRS:
    """The raster's own CRS if it is projected, else the UTM zone of its centre."""
    if base.crs.is_projected:
        return base.crs
    left, bottom, right, top = base.bounds
    if not base.crs.is_geographic or right - left > MAX_UTM_DEGREES or max(-bottom, top) > 84:
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


def _cell(request: ImportRequest, base: Raster, crs: CRS) -> tuple[tuple[float, float], tuple]:
    """Return (x, y) size of a pixel in units of `crs`, and a sentence about the choice."""
    metre = crs.linear_units_factor[1]
    own = _own_cell(base, crs)
    if request.resolution:
        return (request.resolution / metre,) * 2, ()
    if max(own) * metre > DEFAULT_RESOLUTION_M * (1 + 1e-6):
        return own, (
            f"The grid has pixels of {max(own) * metre:.2f} m, as '{base.path.name}' has: finer "
            f"ones, such as the default {DEFAULT_RESOLUTION_M} m, would add nothing.",
        )
    if np.allclose(np.array(own) * metre, DEFAULT_RESOLUTION_M, rtol=1e-6):
        return own, ()
    return (DEFAULT_RESOLUTION_M / metre,) * 2, ()


def _own_cell(base: Raster, crs: CRS) -> tuple[float, float]:
    if base.crs == crs and not base.rotated:
        return base.cell
    with _placing(base):
        bounds = dict(zip(("left", "bottom", "right", "top"), base.bounds))
        affine, _, _ = calculate_default_transform(base.crs, crs, base.width, base.height, **bounds)
    size = round(math.sqrt(abs(affine.a * affine.e)), 2) or abs(affine.a)
    return size, size


def _lattice(crs: str, cell, origin, bounds: Bounds) -> Grid:
    """The whole pixels of the lattice through `origin` that lie within `bounds`."""
    (dx, dy), (x, y) = cell, origin
    first, last = math.ceil((bounds[0] - x) / dx - SNAP), math.floor((bounds[2] - x) / dx + SNAP)
    top, bottom = math.ceil((y - bounds[3]) / dy - SNAP), math.floor((y - bounds[1]) / dy + SNAP)
    if last <= first or bottom <= top:
        raise SlideScopeError(
            f"The rasters share {bounds[2] - bounds[0]:.4g} x {bounds[3] - bounds[1]:.4g} units of "
            f"ground, less than one pixel of {dx:.4g}: choose a finer --resolution or other files."
        )
    transform = (dx, 0.0, x + first * dx, 0.0, -dy, y - top * dy)
    return Grid(crs, transform, last - first, bottom - top)


def _bounds_in(raster: Raster, crs: CRS) -> Bounds:
    if raster.crs == crs:
        return raster.bounds
    with _placing(raster):
        bounds = transform_bounds(raster.crs, crs, *raster.bounds, densify_pts=21)
    if not np.isfinite(bounds).all():
        raise SlideScopeError(
            f"'{raster.path.name}' cannot be brought into {short_crs(crs)[:60]}: it lies outside "
            "that system's area; cut it to the area first."
        )
    return bounds


class _placing:
    """Turns PROJ's and GDAL's complaints about a raster's coordinates into one sentence."""

    def __init__(self, raster: Raster):
        self._name = raster.path.name

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, (RasterioError, CPLE_BaseError)):
            raise SlideScopeError(
                f"'{self._name}' cannot be brought into the grid's coordinate reference system: "
                "its own is unusual or broken; reproject it with gdalwarp first."
            ) from error


def _union(all_bounds: Iterable[Bounds]) -> Bounds:
    left, bottom, right, top = zip(*all_bounds)
    return min(left), min(bottom), max(right), max(top)


def _intersect(
    extent: Bounds | None, bounds: Bounds, name: str, raster: Raster, base: Raster
) -> Bounds:
    if extent is None:
        return bounds
    shared = (*np.maximum(extent[:2], bounds[:2]), *np.minimum(extent[2:], bounds[2:]))
    if shared[0] >= shared[2] or shared[1] >= shared[3]:
        raise SlideScopeError(
            f"No overlap: {name} ('{raster.path.name}') does not lie where the other rasters "
            f"('{base.path.name}') do; check their coordinate reference systems."
        )
    return tuple(float(v) for v in shared)


def _overlap(name: str, files: tuple[Raster, ...], crs: CRS, extent: Bounds) -> None:
    for raster in files:
        _intersect(extent, _bounds_in(raster, crs), name, raster, replace(raster))


def _check_size(layout: Layout) -> Layout:
    grid = layout.grid
    if grid.width * grid.height > MAX_PIXELS:
        raise SlideScopeError(
            f"The grid would have {grid.width} x {grid.height} = "
            f"{grid.width * grid.height / 1e6:.0f} million pixels: the limit is "
            f"{MAX_PIXELS / 1e6:.0f} million; give a coarser --resolution or cut the rasters."
        )
    return layout
