"""The factors: the only place for their names, units, kinds and colours."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from core.language.translation import message, messages

Kind = Literal["continuous", "circular", "categorical"]

DEFORMATION = "deformation"
ELEVATION = "elevation"
LITHOLOGY = "lithology"


@dataclass(frozen=True)
class Factor:
    """A landslide causative factor or an image band.

    `kind`: `circular` is an angle in degrees (aspect), `categorical` a class code.
    `colours`: a colour map's name; `centre`: the value a diverging map is centred on.
    `unit` is empty for plain numbers and classes.
    """

    name: str
    title: str
    unit: str = ""
    kind: Kind = "continuous"
    colours: str = "crameri:batlow"
    centre: float | None = None

    @property
    def categorical(self) -> bool:
        return self.kind == "categorical"


_KNOWN = (
    Factor("blue", message("Blue (B2)"), "reflectance × 10⁴", colours="crameri:grayC"),
    Factor("green", message("Green (B3)"), "reflectance × 10⁴", colours="crameri:grayC"),
    Factor("red", message("Red (B4)"), "reflectance × 10⁴", colours="crameri:grayC"),
    Factor("nir", "Near infrared (B8)", "reflectance × 10⁴", colours="crameri:grayC"),
    Factor(ELEVATION, "Elevation", "m"),
    Factor("slope", "Slope", "°", colours="crameri:lajolla"),
    Factor("aspect", "Aspect", "°", "circular", colours="crameri:romaO"),
    Factor("curvature", "Curvature", "1/100 m", colours="crameri:vik", centre=0.0),
    Factor(LITHOLOGY, "Lithology", "", "categorical", colours="crameri:batlowS"),
    Factor(DEFORMATION, "Deformation rate", "mm/yr", colours="crameri:vik_r", centre=0.0),
)
# Factors that are derived only where they are asked for.
_EXTRA = (
    Factor("profile_curvature", "Profile curvature", "1/100 m", colours="crameri:vik", centre=0.0),
    Factor("plan_curvature", "Plan curvature", "1/100 m", colours="crameri:vik", centre=0.0),
    Factor("tri", "Terrain ruggedness", "m", colours="crameri:lajolla"),
    Factor("tpi", "Topographic position", "m", colours="crameri:vik", centre=0.0),
    Factor("relief", "Relief within 250 m", "m", colours="crameri:lajolla"),
    Factor("roughness", "Roughness (deviation of slope)", "°", colours="crameri:lajolla"),
    Factor("flow_accumulation", "Contributing area", "log₁₀ m²", colours="crameri:oslo_r"),
    Factor("twi", "Wetness index", "", colours="crameri:oslo_r"),
    Factor("distance_to_drainage", "Distance to drainage", "m", colours="crameri:lajolla_r"),
    Factor("ndvi", "Vegetation index", "", colours="crameri:bamako_r"),
    Factor("ndvi_change", "Change of the vegetation index", colours="crameri:vik_r", centre=0.0),
    Factor("v_slope", "Rate down the slope", "mm/yr", colours="crameri:vik_r", centre=0.0),
    Factor("visibility", "Visibility to the radar", "", "categorical", colours="crameri:batlowS"),
    Factor("uphill", "Rate runs uphill", "", "categorical", colours="crameri:batlowS"),
    Factor("east_rate", "Rate to the east", "mm/yr", colours="crameri:vik_r", centre=0.0),
    Factor("up_rate", "Rate upwards", "mm/yr", colours="crameri:vik_r", centre=0.0),
)
# How good a rate from interferograms is, pixel by pixel: looked at, and no factor unless chosen.
_QUALITY = (
    Factor("rate_error", "Standard error of the rate", "mm/yr", colours="crameri:lajolla"),
    Factor("temporal_coherence", "Temporal coherence", "", colours="crameri:batlow"),
    Factor("pairs", "Valid pairs", "", colours="crameri:batlow"),
    Factor("islands", "Islands of dates", "", colours="crameri:batlow"),
    Factor("closures", "Triplets that do not close", "", colours="crameri:lajolla"),
    Factor("cycles", "Pairs put right by cycles", "", colours="crameri:lajolla"),
    Factor("mean_coherence", "Mean coherence", "", colours="crameri:batlow"),
)
# Metres to the nearest line, polygon or point of a layer: distance_to_faults and the like.
DISTANCE = "distance_to_"
# Bands of an earlier date, for what changed since.
_EARLIER = tuple(
    replace(each, name=f"{each.name}_before", title=f"{each.title}, before")
    for each in _KNOWN
    if each.name in ("red", "nir")
)
EXTRA = {factor.name: factor for factor in _EXTRA}
QUALITY = {factor.name: factor for factor in _QUALITY}
EARLIER = {factor.name: factor for factor in _EARLIER}
FACTORS = {factor.name: factor for factor in _KNOWN}
ORDER = tuple(FACTORS)
BANDS = ("blue", "green", "red", "nir")
OPTICAL = (*BANDS, *EARLIER)
# The six of the paper's section 4.1, in the order of its Table 2.
CAUSATIVE = (DEFORMATION, ELEVATION, "slope", "aspect", "curvature", LITHOLOGY)
TERRAIN = ("slope", "aspect", "curvature")
MORE_TERRAIN = ("profile_curvature", "plan_curvature", "tri", "tpi")
WIDE_TERRAIN = ("relief", "roughness", "flow_accumulation", "twi", "distance_to_drainage")
# Those that tell of water, which knows no windows.
WATER = WIDE_TERRAIN[2:]
FROM_BANDS = ("ndvi", "ndvi_change")
FROM_ORBIT = ("v_slope", "visibility", "uphill")
FROM_TWO_ORBITS = ("east_rate", "up_rate")
# What comes of InSAR: it has gaps, which count as 0, and a dataset without deformation has none.
MOTION = (DEFORMATION, "v_slope", "uphill", *FROM_TWO_ORBITS)
# Where these have gaps a pixel still counts.
WITH_GAPS = (*MOTION, *QUALITY)


# Factors that tell much the same, and their titles: what one does not say the next one does.
FAMILIES = {
    "bands": "Bands and vegetation",
    "terrain": "Terrain and water",
    "motion": "Motion",
    "distances": "Distances to layers",
}
_OF_FAMILY = {
    "bands": (*OPTICAL, *FROM_BANDS),
    "terrain": (ELEVATION, *TERRAIN, *MORE_TERRAIN, *WIDE_TERRAIN),
    "motion": MOTION,
}


def members(family: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that belong to a family, in their order.

    >>> members("terrain", ("red", "slope", "elevation")), members("distances", ("distance_to_x",))
    (('slope', 'elevation'), ('distance_to_x',))
    """
    derived = _OF_FAMILY["terrain"]
    if family == "distances":
        return tuple(n for n in names if n.startswith(DISTANCE) and n not in derived)
    return tuple(n for n in names if n in _OF_FAMILY[family])


# Words of factors that a catalogue cannot tell: what a distance is most often to, units, controls.
_WORDS = messages("faults", "rivers", "roads", "reflectance × 10⁴", "noise", "shuffled labels")


def factor(name: str, categorical: bool = False) -> Factor:
    """Return the known factor of that name, or a new one.

    >>> factor("slope").unit
    '°'
    >>> factor("landcover", categorical=True).kind
    'categorical'
    >>> factor("distance_to_faults").title, factor("distance_to_faults").unit
    ('Distance to faults', 'm')
    """
    known = {**FACTORS, **EXTRA, **QUALITY, **EARLIER}
    if name in known:
        return known[name]
    if name.startswith(DISTANCE) and not categorical:
        to = name.removeprefix(DISTANCE).replace("_", " ")
        return Factor(name, f"Distance to {to}", "m", colours="crameri:lajolla_r")
    title = name.replace("_", " ").capitalize()
    if categorical:
        return Factor(name, title, "", "categorical", colours="crameri:batlowS")
    return Factor(name, title)


def in_order(names) -> tuple[str, ...]:
    """Sort factor names: the known ones in the table's order, then the others as given."""
    names = list(names)
    rank = {name: i for i, name in enumerate(ORDER)}
    return tuple(sorted(names, key=lambda n: (rank.get(n, len(ORDER)), names.index(n))))
