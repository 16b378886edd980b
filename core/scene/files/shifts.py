"""A shift of place that a user knows: on the map, or of the datum's centre of the earth."""

import math

import pyproj
from rasterio.crs import CRS

from core.errors import SlideScopeError

MOST_M = 20_000.0
WRITE = "dx,dy in metres to the east and north, or dx,dy,dz of a geocentric shift to WGS 84"


def read(text: str) -> tuple[float, ...]:
    """
    >>> read("95,-12.5"), read("15.8,-154.4,-82.3")
    ((95.0, -12.5), (15.8, -154.4, -82.3))
    """
    try:
        found = tuple(float(word) for word in text.split(","))
    except ValueError:
        found = ()
    if len(found) not in (2, 3) or not all(abs(value) <= MOST_M for value in found):
        raise SlideScopeError(
            f"--shift '{text}' is no shift of up to {MOST_M / 1000:g} km: write {WRITE}."
        )
    return found


def on_map(crs: CRS | None, x: float, y: float, shift: tuple[float, ...]) -> tuple[float, float]:
    """What to add to coordinates in units of `crs` for a shift, as it is at (x, y).

    A geocentric shift is that of the position vector (EPSG method 9603) from the datum of `crs`
    to WGS 84; over 50 km of a scene it differs by less than a metre from that at the middle.

    >>> on_map(CRS.from_epsg(32648), 500000.0, 3300000.0, (10.0, -20.0))
    (10.0, -20.0)
    """
    if crs is None:
        raise SlideScopeError(
            "--shift needs a coordinate reference system, and the file has none: name it with "
            "--crs NAME=EPSG:n."
        )
    system = pyproj.CRS.from_wkt(crs.to_wkt())
    if len(shift) == 3:
        return _geocentric(system, x, y, shift)
    east, north = shift
    if crs.is_projected:
        metre = crs.linear_units_factor[1]
        return east / metre, north / metre
    azimuth, length = math.degrees(math.atan2(east, north)), math.hypot(east, north)
    geod = system.get_geod() or pyproj.Geod(ellps="WGS84")
    longitude, latitude, _ = geod.fwd(x, y, azimuth, length)
    return longitude - x, latitude - y


def _geocentric(
    system: pyproj.CRS, x: float, y: float, shift: tuple[float, ...]
) -> tuple[float, float]:
    own = system.geodetic_crs or system
    to_degrees = pyproj.Transformer.from_crs(system, own, always_xy=True)
    ellipsoid = own.ellipsoid
    if ellipsoid is None:
        raise SlideScopeError(
            "--shift of three numbers needs a reference system with an ellipsoid: name it with "
            "--crs NAME=EPSG:n."
        )
    dx, dy, dz = shift
    axes = f"+a={ellipsoid.semi_major_metre} +b={ellipsoid.semi_minor_metre}"
    moved = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart {axes} +step +proj=helmert +x={dx} +y={dy} +z={dz} "
        "+step +inv +proj=cart +ellps=WGS84 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    longitude, latitude, _ = moved.transform(*to_degrees.transform(x, y), 0.0)
    # What is done to the file afterwards is PROJ's own way to WGS 84, whatever that is.
    back = pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True)
    there = back.transform(longitude, latitude)
    if not all(map(math.isfinite, there)):
        raise SlideScopeError(
            f"--shift {','.join(f'{v:g}' for v in shift)} leads out of the file's reference "
            "system: check it and --crs."
        )
    return there[0] - x, there[1] - y


def sentence(shift: tuple[float, ...]) -> str:
    """
    >>> sentence((10.0, -20.0))
    'moved by 10 m to the east and -20 m to the north, as asked'
    """
    if len(shift) == 3:
        return f"moved by a geocentric shift of {', '.join(f'{v:g}' for v in shift)} m, as asked"
    return f"moved by {shift[0]:g} m to the east and {shift[1]:g} m to the north, as asked"
