"""Coordinate reference systems as people name them, and coordinates that cannot be theirs."""

import math
from pathlib import Path

import pyproj
from pyproj.exceptions import CRSError as ProjectionError
from rasterio.crs import CRS
from rasterio.errors import CRSError

from core.errors import SlideScopeError

# Files that hold a system as text.
SYSTEM_FILES = (".prj", ".qpj", ".wkt", ".wkt2")
MAX_TEXT = 100_000
_NO_NAMES = ("", "unknown", "unnamed", "undefined", "custom")
# (left, bottom, right, top)
Bounds = tuple[float, float, float, float]

# Codes of Gauss-Kruger systems: datum -> (first zone of 3 degrees with its number in the easting,
# the same without, first zone of 6 degrees with and without). Zones count from 25 and from 13.
_CODES = {
    "cgcs": (4513, 4534, 4491, 4502),
    "xian": (2349, 2370, 2327, 2338),
    "beijing": (2401, 2422, 21413, 21453),
}
_WIDE, _NARROW = range(13, 24), range(25, 46)


def read(text: str) -> str:
    """Return `EPSG:n` or WKT of a system as typed: EPSG:n, a bare code, a name, WKT, a PROJ string,
    or a file that holds one (FILE.prj).

    >>> read("32648"), read("epsg:4326"), read("WGS 84 / UTM zone 48N")
    ('EPSG:32648', 'EPSG:4326', 'EPSG:32648')
    """
    words = text.strip()
    if Path(words).suffix.lower() in SYSTEM_FILES:
        return short(_placing(_read_file(words), text))
    found = parse(words) if words and "://" not in words else None
    if found is None:
        raise SlideScopeError(
            f"--crs '{_cut(text)}' is no coordinate reference system: write EPSG:n, for example "
            "EPSG:32643, or give a FILE.prj that holds one."
        )
    return short(_placing(found, text))


def _placing(found: CRS, text: str) -> CRS:
    """Refuse a system that places nothing on a map."""
    known = pyproj.CRS.from_user_input(found.to_wkt())
    if known.is_geographic or known.is_projected:
        return found
    kinds = {"a system of heights": known.is_vertical, "a local system": known.is_engineering}
    kinds["a geocentric system"] = known.is_geocentric
    what = next((words for words, is_one in kinds.items() if is_one), "a system of another kind")
    raise SlideScopeError(
        f"--crs '{_cut(text)}' is {what}, which places nothing on a map: give a projected or "
        "geographic one, for example EPSG:32643."
    )


def _read_file(text: str) -> CRS:
    try:
        path = Path(text).expanduser()
        is_there = path.is_file()
    except (OSError, ValueError, RuntimeError):
        is_there = False
    if not is_there:
        raise SlideScopeError(
            f"--crs '{text}' is no file on this machine: give the path of a .prj file, or write "
            "EPSG:n."
        )
    with open(path, "rb") as file:
        found = parse(words_of(file.read(MAX_TEXT)))
    if found is None:
        raise SlideScopeError(
            f"--crs '{text}' holds no coordinate reference system that can be read: write EPSG:n "
            "instead (`gdalsrsinfo` may tell the code)."
        )
    return found


def words_of(data: bytes) -> str:
    """The text of a .prj file; a Chinese one may be in GBK."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data[:MAX_TEXT].decode(encoding).strip().strip("\x00")
        except UnicodeDecodeError:
            continue
    return ""


def parse(text: str) -> CRS | None:
    """A system from what a program or a person wrote; None where it is none.

    No file and no address is followed, whatever the text says.
    """
    for words in (text, _of_arcinfo(text)):
        if not words:
            continue
        try:
            return CRS.from_wkt(pyproj.CRS.from_user_input(words).to_wkt())
        except (ProjectionError, CRSError, ValueError):
            continue
    return None


def _of_arcinfo(text: str) -> str | None:
    """A PROJ string for the commonest systems of ArcInfo's older .prj files (keyword, value).

    >>> _of_arcinfo("Projection    UTM\\nZone   48\\nDatum   WGS84\\nUnits  METERS\\n")
    '+proj=utm +zone=48 +datum=WGS84 +units=m'
    """
    pairs = (line.split(None, 1) for line in text.splitlines() if line.strip())
    known = {p[0].upper(): p[1].strip().upper() for p in pairs if len(p) == 2}
    if known.get("DATUM", "WGS84") not in ("WGS84", "WGS_1984", "WGS 84"):
        return None
    if known.get("PROJECTION") == "GEOGRAPHIC":
        return "EPSG:4326"
    zone = known.get("ZONE", "")
    if known.get("PROJECTION") == "UTM" and zone.isdigit() and known.get("UNITS") == "METERS":
        south = " +south" if known.get("YSHIFT", "0.0").startswith("1000000") else ""
        return f"+proj=utm +zone={zone}{south} +datum=WGS84 +units=m"
    return None


def short(crs: CRS) -> str:
    """`EPSG:n` where there is such a code, else WKT.

    >>> short(CRS.from_epsg(32643))
    'EPSG:32643'
    """
    code = crs.to_epsg()
    return f"EPSG:{code}" if code and CRS.from_epsg(code) == crs else crs.to_wkt()


def name_of(crs: CRS) -> str:
    """What people call it: its code, else its name."""
    words = short(crs)
    if words.startswith("EPSG:"):
        return words
    try:
        name = pyproj.CRS.from_wkt(words).name
    except ProjectionError:
        name = ""
    return "a system without a name" if name.lower() in _NO_NAMES else name


def check_earth(crs: CRS | None, file: str) -> None:
    """Refuse a system that is not one of longitude and latitude or of a map of the earth."""
    if crs is None or crs.is_projected or crs.is_geographic:
        return
    raise SlideScopeError(
        f"'{file}' has the coordinate reference system '{name_of(crs)}', which is local (a plain "
        "plane or space) and tied to no place on the earth: name the real one with "
        "--crs NAME=EPSG:n."
    )


def check_coordinates(crs: CRS | None, bounds: Bounds, file: str, cell: float = 0.0) -> None:
    """Refuse coordinates that cannot be of their system, with the one they look like.

    `cell`: size of a raster's pixels, 0 for points and polygons.
    """
    if crs is None or not all(map(math.isfinite, bounds)):
        return
    told = _in_degrees(bounds) if crs.is_geographic else _on_map(crs, bounds, cell)
    if told:
        raise SlideScopeError(f"'{file}' {told}.")


def _in_degrees(bounds: Bounds) -> str | None:
    left, bottom, right, top = bounds
    if bottom >= -91 and top <= 91 and left >= -361 and right <= 541:
        return None
    if left >= -90 and right <= 90 and bottom >= -180 and top <= 180:
        return (
            f"says it is in degrees but reaches {left:g} to {right:g} E and {bottom:g} to {top:g} "
            "N: x and y are swapped; export it again with longitude first"
        )
    return (
        f"says it is in degrees but reaches {left:.10g} to {right:.10g} E and {bottom:.10g} to "
        f"{top:.10g} N: its coordinate reference system is wrong; name the right one with "
        f"--crs NAME={_likely_plane((left + right) / 2)}"
    )


def likely(bounds: Bounds) -> str:
    """A system that coordinates alone suggest, or EPSG:n with an example.

    >>> likely((102.9, 30.6, 103.0, 30.7)), likely((35.5e6, 3.3e6, 35.6e6, 3.4e6))
    ('EPSG:4326 (its coordinates look like degrees)', 'EPSG:4523 (CGCS2000, zone 35)')
    """
    left, bottom, right, top = bounds
    degrees = left >= -181 and right <= 361 and bottom >= -90.1 and top <= 90.1
    if degrees and max(abs(left), abs(right)) > 5 and right - left < 60:
        return "EPSG:4326 (its coordinates look like degrees)"
    if _zone_in((left + right) / 2) in (*_WIDE, *_NARROW):
        return _likely_plane((left + right) / 2)
    return "EPSG:n"


def _likely_plane(x: float) -> str:
    """The system that an easting alone suggests.

    >>> _likely_plane(35_500_000), _likely_plane(512_000)
    ('EPSG:4523 (CGCS2000, zone 35)', 'EPSG:n (UTM and Gauss-Kruger have such eastings)')
    """
    zone = _zone_in(x)
    if zone in _NARROW:
        return f"EPSG:{4513 + zone - 25} (CGCS2000, zone {zone})"
    if zone in _WIDE:
        return f"EPSG:{4491 + zone - 13} (CGCS2000, zone {zone})"
    return "EPSG:n (UTM and Gauss-Kruger have such eastings)"


def _zone_in(x: float) -> int:
    """The zone number in front of an easting, 0 without one.

    >>> _zone_in(35_612_000.0), _zone_in(612_000.0)
    (35, 0)
    """
    zone = round((x - 500_000) / 1e6)
    return zone if 1 <= zone <= 60 and abs(x - zone * 1e6 - 500_000) < 450_000 else 0


def _on_map(crs: CRS, bounds: Bounds, cell: float) -> str | None:
    left, bottom, right, top = bounds
    degrees = left >= -181 and right <= 361 and bottom >= -90.1 and top <= 90.1
    # Polygons of a drawing's corner may be near 0, 0 of any plane.
    if degrees and cell < 0.5 and max(abs(left), abs(right)) > 5:
        return (
            f"says it is in {name_of(crs)} but its coordinates ({left:.6g} to {right:.6g} and "
            f"{bottom:.6g} to {top:.6g}) are degrees: give --crs NAME=EPSG:4326, or that of its "
            "own datum"
        )
    tm = _transverse_mercator(crs)
    return _in_zone(crs, tm, bounds) if tm else None


def _transverse_mercator(crs: CRS) -> tuple[float, float] | None:
    """(false easting in metres, central meridian) of a Transverse Mercator system in metres."""
    if not crs.is_projected or abs(crs.linear_units_factor[1] - 1) > 1e-9:
        return None
    operation = pyproj.CRS.from_wkt(crs.to_wkt()).coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    values = {p.name.lower(): p.value for p in operation.params}
    wanted = ("false easting", "longitude of natural origin")
    easting, meridian = (float(values.get(name, 0.0)) for name in wanted)
    return easting, meridian


def _in_zone(crs: CRS, tm: tuple[float, float], bounds: Bounds) -> str | None:
    """What is wrong with the eastings of a zone: its number is in front of them, or should be."""
    left, bottom, right, top = bounds
    x, y = (left + right) / 2, (bottom + top) / 2
    declared, found = _zone_in(tm[0]), _zone_of(crs, tm[1], x)
    if not found and 1.5e6 < x < 6.5e6 and (0.1e6 < y < 0.9e6 or _zone_in(y)):
        return (
            f"has x of {left:.10g} to {right:.10g} and y of {bottom:.10g} to {top:.10g}: x and y "
            "are swapped (in China X is the northing); export it again with the easting first"
        )
    if found == declared or not (found or 0 < x < 1e6):
        return None
    told = f"has eastings of {left:.10g} to {right:.10g}, "
    if found:
        told += f"with the zone number {found} in front, which {name_of(crs)} has not"
    else:
        told += f"without the zone number {declared} that {name_of(crs)} has in front"
    cure = _same_with(crs, tm, found)
    return f"{told}: " + (
        f"give --crs NAME={cure}" if cure else "name the system they are in with --crs NAME=EPSG:n"
    )


def _zone_of(crs: CRS, meridian: float, x: float) -> int:
    """The zone number in front of an easting, if it may be one: that of the system's own meridian,
    or a Gauss-Kruger zone of China. Far outside its zone an easting has a million in front too."""
    zone = _zone_in(x)
    own = meridian in (3 * zone, 6 * zone - 3, 6 * zone - 183)
    chinese = zone in (*_WIDE, *_NARROW) and _family(crs) is not None
    return zone if zone and (own or chinese) else 0


def _same_with(crs: CRS, tm: tuple[float, float], zone: int) -> str | None:
    """The system of the same datum with `zone` in front of its eastings, 0: without."""
    family = _family(crs)
    declared = _zone_in(tm[0])
    wide = (zone or declared) in _WIDE
    if family is None:
        return _utm_with(crs, tm, zone)
    with3, without3, with6, without6 = _CODES[family]
    number = zone or declared
    first = 13 if wide else 25
    if number not in (_WIDE if wide else _NARROW):
        return None
    if zone:
        return f"EPSG:{(with6 if wide else with3) + number - first}"
    return f"EPSG:{(without6 if wide else without3) + number - first}"


def _family(crs: CRS) -> str | None:
    system = pyproj.CRS.from_wkt(crs.to_wkt()).geodetic_crs
    if system is None:
        return None
    words = f"{system.name} {system.datum.name if system.datum else ''}".lower()
    if "new beijing" in words:
        return None
    for family, signs in {
        "cgcs": ("cgcs2000", "china geodetic", "china_2000", "china 2000", "china_geodetic"),
        "xian": ("xian",),
        "beijing": ("beijing",),
    }.items():
        if any(sign in words for sign in signs):
            return family
    return None


def _utm_with(crs: CRS, tm: tuple[float, float], zone: int) -> str | None:
    """WGS 84's UTM zone with its number in front of eastings, as some programs write them."""
    system = pyproj.CRS.from_wkt(crs.to_wkt())
    own = system.geodetic_crs
    if not zone or system.utm_zone is None or own is None or own.to_epsg() != 4326:
        return None
    return (
        f"'+proj=tmerc +lon_0={zone * 6 - 183} +k=0.9996 +x_0={zone}500000 +datum=WGS84 +units=m'"
    )


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
