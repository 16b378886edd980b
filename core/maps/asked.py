"""What an address of ours asks for, as numbers that can be: anything else is one sentence."""

import math
from collections.abc import Mapping

from core.errors import SlideScopeError
from core.maps import tiles

# Farther than any degree, and than any row of a scene without a map grid.
FARTHEST = 1e9
LONGEST = 12


def tile_of(zoom: str, column: str, row: str) -> tuple[int, int, int]:
    """(zoom, column, row) of a tile.

    >>> tile_of("3", "5", "2")
    (3, 5, 2)
    """
    words = (zoom, column, row)
    good = all(word.isascii() and word.isdecimal() and len(word) <= LONGEST for word in words)
    z, x, y = (int(word) for word in words) if good else (tiles.MAX_ZOOM + 1, 0, 0)
    if z > tiles.MAX_ZOOM or max(x, y) >= 2**tiles.MAX_ZOOM:
        raise SlideScopeError(
            f"No tile '{'/'.join(map(_short, words))}': zoom, column and row are whole numbers "
            f"from 0, the zoom at most {tiles.MAX_ZOOM}; ask for one that the map shows."
        )
    return z, x, y


def place_of(query: Mapping[str, str]) -> tuple[float, float]:
    """(lat, lng) of a point.

    >>> place_of({"lat": "27.5", "lng": "102"})
    (27.5, 102.0)
    """
    words = query.get("lat", ""), query.get("lng", "")
    try:
        lat, lng = map(float, words)
    except ValueError:
        lat = lng = math.nan
    if not (abs(lat) <= FARTHEST and abs(lng) <= FARTHEST):
        raise SlideScopeError(
            f"No place at lat '{_short(words[0])}', lng '{_short(words[1])}': both are numbers, "
            "degrees or rows and columns; ask for ?lat=27.5&lng=102.4."
        )
    return lat, lng


def _short(word: str, most: int = 20) -> str:
    """
    >>> _short("9" * 400)
    '99999999999999999999...'
    """
    plain = "".join(c if c.isprintable() else "?" for c in word[: most + 1])
    return plain if len(plain) <= most else f"{plain[:most]}..."
