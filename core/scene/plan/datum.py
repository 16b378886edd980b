"""From the datum of a file to that of the grid: by which transformation, and how exact it is."""

import math
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyproj
import pyproj.aoi
from pyproj.transformer import TransformerGroup
from rasterio.crs import CRS
from rasterio.warp import transform_bounds

from core.scene.files import systems
from core.scene.files.gdal_errors import GDAL_ERRORS
from core.scene.grid import Grid

# Datums on these ellipsoids are realisations of one frame and agree within a metre or two.
_MODERN_AXIS_M, _MODERN_FLATTENING = 6378137.0, 298.2572
GEOCENTRIC = "dx,dy,dz"


@dataclass(frozen=True)
class Transformation:
    """`name` as EPSG has it; `accuracy_m` as stated there, None for none; `ballpark` whether
    coordinates are only taken over, from a datum that lies elsewhere."""

    source: str
    target: str
    name: str
    accuracy_m: float | None
    ballpark: bool

    @property
    def told(self) -> str:
        """How a datum is brought to another, without a full stop."""
        if self.ballpark:
            return (
                f"no transformation from {self.source} to {self.target} is known for this area, so "
                "its place may be off by tens of metres, over 100 m in places"
            )
        if self.accuracy_m is None:
            return f"{self.source} is taken as {self.target}: they agree within a metre or two"
        if math.isnan(self.accuracy_m):
            return f"brought from {self.source} to {self.target} by {self.name}"
        return (
            f"brought from {self.source} to {self.target} by '{self.name}', accurate to "
            f"{self.accuracy_m:g} m"
        )


def cure(key: str) -> str:
    return (
        f"if you know the shift, give --shift {key}=dx,dy (metres to the east and north) or "
        f"--shift {key}=dx,dy,dz (geocentric, to WGS 84)"
    )


def to_grid(crs: CRS | None, grid: Grid) -> Transformation | None:
    """The transformation that brings coordinates in `crs` onto the grid; None for the same datum
    or where one of them has none."""
    if crs is None or grid.crs is None:
        return None
    return _between(systems.short(crs), str(grid.crs), _area(str(grid.crs), grid.bounds))


def to_map(grid: Grid) -> Transformation | None:
    """The transformation from the grid to WGS 84, in which maps are shown and exports read."""
    if grid.crs is None:
        return None
    return _between(str(grid.crs), "EPSG:4326", _area(str(grid.crs), grid.bounds))


@lru_cache(maxsize=64)
def _area(crs: str, bounds: tuple[float, ...]) -> tuple[float, ...] | None:
    try:
        found = transform_bounds(crs, "EPSG:4326", *bounds)
    except GDAL_ERRORS:
        return None
    return tuple(round(v, 2) for v in found) if all(map(math.isfinite, found)) else None


@lru_cache(maxsize=256)
def _between(source: str, target: str, area: tuple[float, ...] | None) -> Transformation | None:
    both = [pyproj.CRS.from_user_input(text) for text in (source, target)]
    first, second = (system.geodetic_crs for system in both)
    if any(system.is_bound for system in both) and first and second and source != target:
        return _bound(_name(first), _name(second))
    if first is None or second is None or _name(first) == _name(second):
        return None
    if any(
        one.ellipsoid is None or one.ellipsoid.inverse_flattening == 0 for one in (first, second)
    ):
        # Coordinates on a sphere stand for those of the ellipsoid, as everybody reads them.
        return None
    of: Any = pyproj.aoi.AreaOfInterest(*area) if area else None
    with warnings.catch_warnings():
        # A better one that needs a grid which is not installed: the one that is used is told.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(first, second, always_xy=True, area_of_interest=of)
    found = group.transformers
    if not found:
        return None
    best = found[0]
    accuracy = best.accuracy if best.accuracy >= 0 else None
    rough = "ballpark" in best.description.lower()
    old = not (_modern(first) and _modern(second))
    steps = best.description.split(" + ")
    name = " + ".join(step for step in steps if not step.startswith("axis order change"))
    return Transformation(
        _name(first), _name(second), name, None if rough else accuracy, rough and old
    )


def _bound(first: str, second: str) -> Transformation:
    """What a reference system brings along itself (TOWGS84), with no accuracy stated."""
    name = "the parameters in the file's own reference system (TOWGS84)"
    return Transformation(first, second, name, math.nan, False)


def _name(system: pyproj.CRS) -> str:
    """The datum's name, without what tells realisations apart."""
    name = system.datum.name if system.datum else system.name
    return {
        "World Geodetic System 1984 ensemble": "WGS 84",
        "World Geodetic System 1984": "WGS 84",
    }.get(name, system.name)


def _modern(system: pyproj.CRS) -> bool:
    """Whether a datum's ellipsoid is geocentric."""
    ellipsoid = system.ellipsoid
    if ellipsoid is None:
        return True
    same_axis = abs(ellipsoid.semi_major_metre - _MODERN_AXIS_M) < 1
    return same_axis and abs(ellipsoid.inverse_flattening - _MODERN_FLATTENING) < 0.001
