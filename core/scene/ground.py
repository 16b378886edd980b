"""How long a unit of a coordinate reference system is on the ground, at a place.

A metre of Web Mercator is half a metre at 60 degrees of latitude, and one of a UTM zone grows with
the distance from its middle. Within 1 % the system's own unit is taken, as everybody does.
"""

from functools import lru_cache

import numpy as np
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError

# Up to this share a map's metre counts as a metre.
TOLERATED = 0.01
_STEP_M = 100.0


@lru_cache(maxsize=64)
def _measure(crs: str) -> tuple[Transformer, Geod, float] | None:
    """(to longitude and latitude of the same datum, its ellipsoid, metres a unit); None where
    distances need no correction or cannot be told: no projection."""
    system = CRS.from_user_input(crs)
    if not system.is_projected or system.geodetic_crs is None:
        return None
    horizontal = system.sub_crs_list[0] if system.is_compound else system
    geod = system.get_geod()
    if geod is None:
        return None
    metre = horizontal.axis_info[0].unit_conversion_factor
    to_degrees = Transformer.from_crs(horizontal, horizontal.geodetic_crs, always_xy=True)
    return to_degrees, geod, metre


def scales(crs: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres on the ground a metre of the map, along x and along y, each of the shape of `x`.

    `x`, `y` in units of `crs` (EPSG:n or WKT). 1 where there is no projection or no answer.

    >>> along, across = scales("EPSG:3857", np.array([0.0]), np.array([8399737.9]))  # 60 N
    >>> round(float(along[0]), 3), round(float(across[0]), 3)
    (0.501, 0.5)
    """
    x, y = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
    measure = _measure(crs)
    if measure is None:
        return np.ones(x.shape), np.ones(x.shape)
    to_degrees, geod, metre = measure
    step = _STEP_M / metre / 2
    try:
        west, east = to_degrees.transform(x - step, y), to_degrees.transform(x + step, y)
        south, north = to_degrees.transform(x, y - step), to_degrees.transform(x, y + step)
    except ProjError:
        return np.ones(x.shape), np.ones(x.shape)
    return _length(geod, west, east), _length(geod, south, north)


def _length(geod: Geod, start, end) -> np.ndarray:
    known = np.isfinite(start[0]) & np.isfinite(end[0]) & np.isfinite(start[1] + end[1])
    found = np.ones(np.shape(known))
    if known.any():
        _, _, length = geod.inv(start[0][known], start[1][known], end[0][known], end[1][known])
        found[known] = np.asarray(length) / _STEP_M
    return found


@lru_cache(maxsize=256)
def scale_at(crs: str, x: float, y: float) -> tuple[float, float]:
    """`scales` at one place; exactly (1, 1) where both lie within 1 % of it.

    >>> scale_at("EPSG:32648", 500000.0, 3000000.0)
    (1.0, 1.0)
    """
    along, across = scales(crs, np.array([x]), np.array([y]))
    found = float(along[0]), float(across[0])
    return found if off(found) else (1.0, 1.0)


def off(found: tuple[float, float]) -> bool:
    """Whether a metre of the map is no metre on the ground."""
    return any(abs(scale - 1) > TOLERATED for scale in found)
