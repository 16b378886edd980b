"""A place that somebody writes down: degrees in the usual ways, or x and y of the scene's grid."""

import re
from collections.abc import Iterator

from rasterio.crs import CRS
from rasterio.warp import transform

from core.display.raster import georeferenced
from core.errors import SlideScopeError
from core.language.translation import message
from core.maps import place
from core.scene.files import systems
from core.scene.files.gdal_errors import GDAL_ERRORS
from core.scene.store import Scene

# A number, or degrees with minutes and seconds, with the letter of its hemisphere before or after.
_ONE = re.compile(
    r"""([NSEW])?\s*([+-]?\d+(?:\.\d+)?)\s*
    (?:°\s*(?:(\d+(?:\.\d+)?)\s*'\s*(?:(\d+(?:\.\d+)?)\s*")?)?)?
    (?(1)|\s*([NSEW])?)""",
    re.VERBOSE | re.IGNORECASE,
)
# As text processors write them.
_ALIKE = str.maketrans("\u2212\u2032\u2019\u2033\u201d\u00ba", "-''\"\"\u00b0")
_BETWEEN = re.compile(r"[\s,;]*")
_LONGEST = 80
Place = tuple[float, float]


def find(scene: Scene, text: str) -> Place:
    """Return (latitude, longitude) on the scene's map; without CRS (minus row, column).

    `text` is latitude and longitude in degrees, x and y in the scene's reference system, or row and
    column of a scene without one. SlideScopeError: what is neither, or lies outside the scene.
    """
    numbers = _numbers(text)
    if numbers is None:
        raise SlideScopeError(
            f"'{_short(text)}' is no place: write {_ways(scene)}, with a comma between them."
        )
    for lat, lng in _candidates(scene, *numbers):
        if place.pixel(scene, lat, lng) is not None:
            return lat, lng
    raise SlideScopeError(
        f"{_short(text)} lies outside scene '{scene.name}', which has {_extent(scene)}: give a "
        f"place in it.{_swapped(scene, *numbers)}"
    )


def _candidates(scene: Scene, first: float, second: float) -> Iterator[Place]:
    if not georeferenced(scene):
        yield -(first + 0.5), second + 0.5
        return
    if abs(first) <= 90 and abs(second) <= 360:
        yield first, second
    try:
        (lng,), (lat,) = transform(scene.grid.crs, "EPSG:4326", [first], [second])
    except GDAL_ERRORS:
        return  # no place that its reference system knows
    yield lat, lng


def _numbers(text: str) -> tuple[float, float] | None:
    """The two numbers of a text, latitude before longitude where letters tell them apart.

    >>> _numbers("27.2651° N, 102.3812° E"), _numbers("102°22'30\\"E 27.5S"), _numbers("27.2; one")
    ((27.2651, 102.3812), (-27.5, 102.375), None)
    """
    plain, found, at = text.translate(_ALIKE).strip(), [], 0
    for match in _ONE.finditer(plain[:_LONGEST]):
        if not _BETWEEN.fullmatch(plain, at, match.start()):
            return None
        found.append(match)
        at = match.end()
    if len(plain) > _LONGEST or at < len(plain) or len(found) != 2:
        return None
    values, letters = [_value(match) for match in found], [_letter(match) for match in found]
    if letters == ["", ""]:
        return values[0], values[1]
    axes = ["NS".find(letter) < 0 for letter in letters]
    if "" in letters or axes[0] == axes[1]:
        return None
    return (values[1], values[0]) if axes[0] else (values[0], values[1])


def _letter(match: re.Match) -> str:
    return (match[1] or match[5] or "").upper()


def _value(match: re.Match) -> float:
    degrees, minutes, seconds = (float(match[n] or 0) for n in (2, 3, 4))
    size = abs(degrees) + minutes / 60 + seconds / 3600
    south = _letter(match) in ("S", "W")
    return -size if south != match[2].startswith("-") else size


def _ways(scene: Scene) -> str:
    """What can be written, with an example in the middle of the scene."""
    row, column = (n // 2 for n in scene.grid.shape)
    if not georeferenced(scene):
        return f"row and column of the scene, such as {row}, {column}"
    lat, lng = place.point(scene, row, column)
    x, y = scene.grid.affine * (column, row)
    if not scene.grid.is_projected:
        return f"latitude and longitude in degrees, such as {lat:.4f}, {lng:.4f}"
    return (
        f"latitude and longitude in degrees, such as {lat:.4f}, {lng:.4f}, or x and y in "
        f"{_system(scene)}, such as {x:.0f}, {y:.0f}"
    )


def _extent(scene: Scene) -> str:
    height, width = scene.grid.shape
    if not georeferenced(scene):
        return f"{height} rows and {width} columns, counted from 0"
    corners = [place.point(scene, row, col) for row in (0, height - 1) for col in (0, width - 1)]
    axes = zip((message("latitudes"), message("longitudes")), zip(*corners))
    words = ", ".join(f"{name} {min(axis):.4f} to {max(axis):.4f}" for name, axis in axes)
    if not scene.grid.is_projected:
        return words
    left, bottom, right, top = scene.grid.bounds
    return (
        f"{words}, x {left:.0f} to {right:.0f} and y {bottom:.0f} to {top:.0f} in {_system(scene)}"
    )


def _system(scene: Scene) -> str:
    return systems.name_of(CRS.from_user_input(scene.grid.crs))


def _swapped(scene: Scene, first: float, second: float) -> str:
    other = any(place.pixel(scene, *at) for at in _candidates(scene, second, first))
    return (
        " The other way round it would lie in it: latitude, x or row comes first." if other else ""
    )


def _short(text: str, most: int = 40) -> str:
    plain = "".join(c if c.isprintable() else "?" for c in text.strip()[: most + 1])
    return plain if len(plain) <= most else f"{plain[:most]}..."
