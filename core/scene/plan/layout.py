"""Choosing the one grid that all factors of a scene are brought onto (design: Decisions, Grid)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import calculate_default_transform, transform_bounds

from core.errors import SlideScopeError
from core.factors import DEFORMATION, ELEVATION, WITH_GAPS
from core.scene import ground
from core.scene.files import systems
from core.scene.files.gdal_errors import GDAL_ERRORS
from core.scene.files.raster import Raster, short_crs
from core.scene.grid import Grid
from core.scene.plan.extent import (
    Bounds,
    bounds_in,
    covers,
    extent_in_degrees,
    intersection,
    placing,
    union,
)
from core.scene.plan.request import GridChoice

MAX_UTM_DEGREES = 12.0
# Where the map's projection (web Mercator) ends, less a pixel.
MAX_MAP_DEGREES = 85.05


DEFAULT_RESOLUTION_M = 12.5
MAX_PIXELS = 1_000_000_000
# Two rasters of one survey differ by fractions of a millimetre; a hundredth of a pixel is none.
SNAP = 0.01

Rasters = dict[str, tuple[Raster, ...]]


@dataclass(frozen=True)
class SceneGrid:
    """The chosen grid, how its pixels belong together, and why, in sentences."""

    grid: Grid
    kind: Literal["area", "tiles"]
    tile: int
    notes: tuple[str, ...] = ()


def choose(wanted: GridChoice, rasters: Rasters, like: Raster | None = None) -> SceneGrid:
    """Return the layout of a scene of these files.

    `rasters`: the raster files of each factor, vector factors left out; `like` the opened raster
    of that wish.
    """
    if not rasters and like is None:
        raise SlideScopeError(
            "Every factor is a vector file: the grid comes from a raster; add one, or --like."
        )
    every = [r for files in rasters.values() for r in files]
    given = [*([like] if like else []), *every]
    if wanted.tiles:
        layout = _tile_strip(every, wanted.tiles)
    elif _have_crs(given, rasters):
        layout = _like(rasters, like) if like else _area(wanted.resolution, rasters)
    else:
        layout = _pixel_grid(given, wanted.resolution)
    check_size(layout.grid)
    check_on_earth(layout.grid)
    return layout


def reference(rasters: Rasters) -> Raster:
    """The raster that gives coordinates: elevation, else the first that is not deformation."""
    first = next((n for n in rasters if n not in WITH_GAPS), DEFORMATION)
    return rasters[ELEVATION if ELEVATION in rasters else first][0]


def _have_crs(rasters: list[Raster], named: Rasters) -> bool:
    without = [r for r in rasters if r.crs is None]
    if without and len(without) < len(rasters):
        placed = next(r for r in rasters if r.crs is not None)
        name = next((n for n, files in named.items() if without[0] in files), "NAME")
        if without[0].transform == Affine.identity():
            raise SlideScopeError(
                f"'{without[0].path.name}' has no coordinate reference system and no place "
                f"(no geotransform) while '{placed.path.name}' has one: write its corners with "
                "`gdal_translate -a_srs EPSG:n -a_ullr LEFT TOP RIGHT BOTTOM "
                f"{without[0].path.name} placed.tif`, or put a world file and a .prj beside it."
            )
        raise SlideScopeError(
            f"'{without[0].path.name}' has no coordinate reference system while "
            f"'{placed.path.name}' has one: all rasters need one, or none; name it with "
            f"--crs {name}={systems.likely(without[0].bounds)}."
        )
    return not without


def _tile_strip(rasters: list[Raster], tile: int) -> SceneGrid:
    for raster in rasters:
        if raster.width != tile or raster.height % tile:
            raise SlideScopeError(
                f"'{raster.path.name}' has {raster.width} x {raster.height} pixels: a scene of "
                f"separate tiles of {tile} pixels is {tile} wide, its tiles one below the other; "
                "give files of that shape."
            )
    _check_same_shape(rasters)
    notes: tuple[str, ...] = ()
    if any(r.crs for r in rasters):
        notes = ("The coordinates of the files are left out: the tiles of a tile scene are apart.",)
    plain = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    return SceneGrid(Grid(None, plain, rasters[0].width, rasters[0].height), "tiles", tile, notes)


def _check_same_shape(rasters: Iterable[Raster]) -> None:
    first, *others = rasters
    for raster in others:
        if raster.shape != first.shape:
            raise SlideScopeError(
                f"'{raster.path.name}' has {raster.width} x {raster.height} pixels, "
                f"'{first.path.name}' {first.width} x {first.height}: rasters without coordinates "
                "must share one pixel grid; cut them to the same."
            )


def _pixel_grid(rasters: list[Raster], resolution: float | None) -> SceneGrid:
    if resolution:
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
    return SceneGrid(grid, "area", 128, (note,))


def _like(rasters: Rasters, like: Raster) -> SceneGrid:
    if like.rotated or like.transform.e > 0 or like.transform.a < 0:
        raise SlideScopeError(
            f"--like '{like.path.name}' is rotated or upside down: a scene's grid is north-up; "
            "give another raster or --resolution."
        )
    notes: tuple[str, ...] = ()
    if like.crs is not None and not like.crs.is_projected:
        notes = (
            f"The grid of '{like.path.name}' is in degrees: areas in hectares are not shown; "
            "--resolution 12.5 brings the scene into metres.",
        )
    grid = Grid(short_crs(like.crs), tuple(like.transform)[:6], like.width, like.height)
    notes += _stretched_grid(grid)
    for name in rasters:
        _shared(grid.bounds, name, rasters, like.crs, f"the grid of '{like.path.name}'")
    return SceneGrid(grid, "area", 128, notes)


def _area(resolution: float | None, rasters: Rasters) -> SceneGrid:
    """The shared extent of the rasters; deformation has gaps anyway and does not shrink it."""
    base = reference(rasters)
    # Slope, aspect and what comes of them want metres; other rasters keep their own pixels.
    crs = target_crs(base, keep=ELEVATION not in rasters)
    others = f"the other rasters ('{base.path.name}')"
    extent = bounds_in(base, crs)
    base_name = next(n for n, files in rasters.items() if base in files)
    for name in sorted(rasters, key=lambda n: (n != base_name, n in WITH_GAPS)):
        if name == base_name:
            extent = union(bounds_in(r, crs) for r in rasters[name])
        elif name in WITH_GAPS:
            _shared(extent, name, rasters, crs, others)
        else:
            extent = _shared(extent, name, rasters, crs, others)
    size, notes = cell(resolution, base, crs)
    notes += _left(base, crs)
    same = base.crs == crs and not base.rotated
    origin = (base.bounds[0], base.bounds[3]) if same else (0.0, 0.0)
    grid = lattice(short_crs(crs), size, origin, extent)
    return SceneGrid(grid, "area", 128, notes + _stretched_grid(grid))


def _shared(extent: Bounds, name: str, rasters: Rasters, crs: CRS, others: str) -> Bounds:
    if any(covers(raster, extent, crs) for raster in rasters[name]):
        return extent
    shared = intersection(extent, union(bounds_in(r, crs) for r in rasters[name]))
    if shared is None:
        raise SlideScopeError(
            f"No overlap: {name} ('{rasters[name][0].path.name}') does not overlap "
            f"{others}; check their coordinate reference systems."
        )
    return shared


def cell(resolution: float | None, base: Raster, crs: CRS) -> tuple[tuple[float, float], tuple]:
    """Return (x, y) size of a pixel in units of `crs`, and a sentence about the choice."""
    metre = crs.linear_units_factor[1]
    if resolution:
        return (resolution / metre,) * 2, ()
    own = own_cell(base, crs)
    if max(own) * metre > DEFAULT_RESOLUTION_M * (1 + 1e-6):
        return own, (
            f"The grid has pixels of {max(own) * metre:.2f} m, as '{base.path.name}' has: finer "
            f"ones, such as the default {DEFAULT_RESOLUTION_M} m, would add nothing.",
        )
    if np.allclose(np.array(own) * metre, DEFAULT_RESOLUTION_M, rtol=1e-6):
        return own, ()
    return (DEFAULT_RESOLUTION_M / metre,) * 2, ()


def lattice(crs: str, size, origin, bounds: Bounds) -> Grid:
    """The whole pixels of the lattice through `origin` that lie within `bounds`."""
    (dx, dy), (x, y) = size, origin
    left, right = math.ceil((bounds[0] - x) / dx - SNAP), math.floor((bounds[2] - x) / dx + SNAP)
    top, bottom = math.ceil((y - bounds[3]) / dy - SNAP), math.floor((y - bounds[1]) / dy + SNAP)
    if right <= left or bottom <= top:
        raise SlideScopeError(
            f"The rasters share {bounds[2] - bounds[0]:.4g} x {bounds[3] - bounds[1]:.4g} units of "
            f"ground, less than one pixel of {dx:.4g}: choose a finer --resolution or other files."
        )
    return Grid(crs, (dx, 0.0, x + left * dx, 0.0, -dy, y - top * dy), right - left, bottom - top)


def check_size(grid: Grid) -> None:
    pixels = grid.width * grid.height
    if pixels > MAX_PIXELS:
        raise SlideScopeError(
            f"The grid would have {grid.width} x {grid.height} = {pixels / 1e6:.0f} million "
            f"pixels: the limit is {MAX_PIXELS / 1e6:.0f} million; give a coarser --resolution or "
            "cut the rasters."
        )


def target_crs(base: Raster, keep: bool = False) -> CRS:
    """The raster's own CRS if it is projected and true to scale there, else the UTM zone of its
    centre. `keep`: a projected one stays, whatever its scale."""
    if base.crs is not None and base.crs.is_projected and (keep or _stays(base)):
        return base.crs
    systems.check_earth(base.crs, base.path.name)
    left, bottom, right, top = extent_in_degrees(base)
    if base.crs is None or _too_wide((left, bottom, right, top)):
        raise SlideScopeError(
            f"'{base.path.name}' reaches {right - left:.4g} x {top - bottom:.4g} degrees: no UTM "
            f"zone holds more than {MAX_UTM_DEGREES:g} degrees of longitude or the poles; cut it "
            "to the area or give --like with a projected grid."
        )
    return utm_zone((left + right) / 2, (bottom + top) / 2)


def _stays(base: Raster) -> bool:
    """Whether a projected raster is true to scale, or no UTM zone would hold it."""
    if not ground.off(_scale(base)):
        return True
    try:
        return _too_wide(extent_in_degrees(base))
    except SlideScopeError:
        return True


def _too_wide(extent: Bounds) -> bool:
    left, bottom, right, top = extent
    return right - left > MAX_UTM_DEGREES or max(-bottom, top) > 84


def _scale(base: Raster) -> tuple[float, float]:
    left, bottom, right, top = base.bounds
    return ground.scale_at(short_crs(base.crs), (left + right) / 2, (bottom + top) / 2)


def _left(base: Raster, crs: CRS) -> tuple[str, ...]:
    """Why a scene is not in the projected system of its first raster."""
    if base.crs is None or not base.crs.is_projected or base.crs == crs:
        return ()
    along, across = _scale(base)
    return (
        f"The scene is in {_short(short_crs(crs))}: a metre of '{base.path.name}' "
        f"({systems.name_of(base.crs)}) is {along:.3f} m on the ground to the east and "
        f"{across:.3f} m to the north there; --like keeps its grid.",
    )


def _stretched_grid(grid: Grid) -> tuple[str, ...]:
    """What a metre of a grid is, where it is none on the ground."""
    if not grid.is_projected:
        return ()
    x, y = grid.affine * (grid.width / 2, grid.height / 2)
    along, across = ground.scale_at(str(grid.crs), x, y)
    if not ground.off((along, across)):
        return ()
    return (
        f"A metre of the grid's reference system is {along:.3f} m on the ground to the east and "
        f"{across:.3f} m to the north: terrain, areas and distances are of the ground.",
    )


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
