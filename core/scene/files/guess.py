"""What a file probably is, by its name: a suggestion that the user confirms."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from core.factors import BANDS
from core.scene.files import guard

INVENTORY = "inventory"

_SENTINEL = {"2": "blue", "3": "green", "4": "red", "8": "nir"}
# The first pattern that the name holds wins; names are cut into words at every non-letter.
_PATTERNS = (
    (r"landslides?|inventory|slides|scars?|rgi|mask", INVENTORY),
    (r"litho\w*|geolog\w*|rocks?|petro\w*", "lithology"),
    (r"deform\w*|velocity|vel|insar|los|displacement|rate", "deformation"),
    (r"land_?cover|lulc|worldcover|land_?use", "landcover"),
    (r"slope", "slope"),
    (r"aspect", "aspect"),
    (r"curv\w*", "curvature"),
    (
        r"dem|dtm|dsm|elev\w*|height|hgt|srtm\w*|aw3d\w*|alos|nasadem|copdem|cop\d+|glo\d+",
        "elevation",
    ),
    (r"blue", "blue"),
    (r"green", "green"),
    (r"red", "red"),
    (r"nir", "nir"),
)
_CLASSES = ("landcover", "lithology")
_VECTORS = (INVENTORY, "lithology")


@dataclass(frozen=True)
class Guess:
    """`name`: a factor, INVENTORY, or None for "leave it out"."""

    name: str | None
    categorical: bool = False


def guess(
    path: str, band: int = 1, bands: int = 1, description: str = "", points: bool = False
) -> Guess:
    """Return what band `band` of a file with `bands` probably is; points carry rates.

    >>> guess("S2_B4.tif").name, guess("T48RUV_20200101_B08_10m.jp2").name
    ('red', 'nir')
    >>> guess("AW3D30.tif").name, guess("landslides.shp").name, guess("Geology.tif").name
    ('elevation', 'inventory', 'lithology')
    >>> guess("train_rgb.tif", band=3, bands=3).name, guess("faults.shp").name
    ('blue', None)
    >>> guess("x_water_mask.tif").name is None
    True
    >>> guess("Landcover.tif")
    Guess(name='landcover', categorical=True)
    """
    name = _by_words(description) if description else None
    if name is None and bands == 1:
        name = _by_words(Path(path).stem)
    if name is None and bands >= 3 and re.search(r"rgb", Path(path).stem, re.IGNORECASE):
        name = dict(zip((1, 2, 3), BANDS[2::-1])).get(band)
    if points:
        return Guess("deformation")
    if guard.is_vector(path) and name not in _VECTORS:
        name = None
    return Guess(name, name in _CLASSES)


def _by_words(text: str) -> str | None:
    if re.search(r"(water|cloud|snow|shadow|valid|nodata)_?mask|conn_?comp", text.lower()):
        return None
    band = re.search(r"(?:^|[^a-z0-9])b0?([2348])(?![a-z0-9])", text.lower())
    if band:
        return _SENTINEL[band[1]]
    words = re.split(r"[^a-z0-9]+", text.lower())
    joined = [*words, *("_".join(pair) for pair in pairwise(words))]
    for pattern, name in _PATTERNS:
        if any(re.fullmatch(pattern, word) for word in joined):
            return name
    return None
