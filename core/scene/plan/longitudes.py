"""Longitudes of one turn or another: a raster of 0 to 360 degrees under a scene of -106."""

from dataclasses import replace

from rasterio.transform import Affine

from core.errors import SlideScopeError
from core.scene.files import guard
from core.scene.files.raster import Raster, wrap
from core.scene.plan.extent import Bounds, extent_in_degrees
from core.scene.plan.layout import Rasters, reference

TURN = 360.0
# Of a raster round the whole earth a column may be missing or double.
WHOLE = 359.0


def beside(rasters: Rasters, like: Raster | None) -> Rasters:
    """The rasters in degrees, each in the turn of the one that gives coordinates; one round the
    whole earth is cut open opposite of it."""
    base = like or (reference(rasters) if rasters else None)
    if base is None or base.crs is None:
        return rasters
    others = [r for files in rasters.values() for r in files if r is not base]
    if not any(r.crs is not None and r.crs.is_geographic for r in others):
        return rasters
    try:
        extent = extent_in_degrees(base)
    # What has no place on the earth is told where the grid is chosen.
    except SlideScopeError:
        return rasters
    return {
        name: tuple(r if r is base else turned(r, extent) for r in files)
        for name, files in rasters.items()
    }


def turned(raster: Raster, extent: Bounds) -> Raster:
    """The raster where it covers most of `extent` (degrees), its values untouched."""
    if raster.crs is None or not raster.crs.is_geographic or raster.rotated:
        return raster
    left, _, right, _ = raster.bounds
    if right - left > WHOLE and not (left <= extent[0] and extent[2] <= right):
        return _cut_open(raster, (extent[0] + extent[2]) / 2 - TURN / 2)
    turns = max((0, -1, 1), key=lambda n: _shared(left + TURN * n, right + TURN * n, extent))
    if not turns:
        return raster
    return _moved(raster, Affine.translation(TURN * turns, 0) * raster.transform)


def _shared(left: float, right: float, extent: Bounds) -> float:
    return max(0.0, min(right, extent[2]) - max(left, extent[0]))


def _moved(raster: Raster, transform: Affine) -> Raster:
    with guard.gdal_options(), raster.open() as dataset:
        text = wrap(dataset, raster.opened or str(raster.path), raster.crs, transform)
    return replace(raster, transform=transform, opened=text, driver="VRT")


def _cut_open(raster: Raster, start: float) -> Raster:
    """The raster from the column at longitude `start`, what is west of it put at its east end."""
    step = raster.transform.a
    if step <= 0:
        return raster
    first = round((start - raster.transform.c) / step) % raster.width
    # The number of turns that brings that column to `start`.
    turns = round((start - raster.transform.c - first * step) / TURN)
    transform = Affine.translation(first * step + TURN * turns, 0) * raster.transform
    with guard.gdal_options(), raster.open() as dataset:
        name = raster.opened or str(raster.path)
        text = wrap(dataset, name, raster.crs, transform, start=first)
    return replace(raster, transform=transform, opened=text, driver="VRT")
