"""The geometry of one orbit, as a user gives it: two numbers or two rasters, and two signs."""

import math
from dataclasses import MISSING, dataclass

from core.errors import SlideScopeError
from core.request import option
from core.scene.files.source import Source, parse_source, typed

# Degrees; radars look at 15 to 60.
STEEPEST = 5.0
LOOKS = ("right", "left")
SIGNS = {"towards": "towards the satellite", "away": "away from the satellite"}
EXAMPLE = "incidence=39.3,heading=-169.6,look=right,positive=towards"


@dataclass(frozen=True)
class Orbit:
    """`incidence` (degrees from the vertical, at the ground) and `heading` (direction of flight,
    degrees clockwise from north): a number or a raster. `look`: the side the antenna looks to;
    `positive`: whether a positive rate is a motion towards the satellite (as MintPy, EGMS and most
    others write) or away from it (a growing range)."""

    incidence: float | Source = option(
        "from the vertical, at the ground",
        MISSING,
        title="Incidence, degrees",
        least=STEEPEST,
        most=89.9,
        step=0.1,
    )
    heading: float | Source = option(
        "direction of flight, clockwise from north, about -12 ascending and -168 descending",
        MISSING,
        title="Heading, degrees",
        least=-360.0,
        most=360.0,
        step=0.1,
    )
    look: str = option(
        "the side to which the antenna looks",
        "right",
        title="Looks to the",
        choices={side: side for side in LOOKS},
    )
    positive: str = option(
        "as MintPy, EGMS and most others write: towards; away where a growing range is positive",
        "towards",
        title="A positive rate means",
        choices=SIGNS,
    )

    def __str__(self) -> str:
        return (
            f"incidence={_typed(self.incidence)},heading={_typed(self.heading)},"
            f"look={self.look},positive={self.positive}"
        )


def parse(text: str) -> Orbit:
    """Read `incidence=...,heading=...[,look=...][,positive=...]`.

    >>> parse("incidence=39.3,heading=-169.6").look
    'right'
    >>> str(parse("incidence=inc.tif:1,heading=-12,positive=away"))
    'incidence=inc.tif:1,heading=-12.0,look=right,positive=away'
    """
    found = dict(part.partition("=")[::2] for part in text.split(",") if part.strip())
    found = {key.strip(): value.strip() for key, value in found.items()}
    unknown = sorted(set(found) - {"incidence", "heading", "look", "positive"})
    if unknown or not {"incidence", "heading"} <= set(found):
        raise SlideScopeError(
            f"Geometry '{text}' is not understood: write both angles (numbers in degrees, or "
            f"rasters) as in {EXAMPLE}."
        )
    look, positive = found.get("look", "right"), found.get("positive", "towards")
    if look not in LOOKS or positive not in SIGNS:
        raise SlideScopeError(
            f"Geometry '{text}' is not understood: look is {' or '.join(LOOKS)}, positive is "
            f"{' or '.join(SIGNS)}; write as in {EXAMPLE}."
        )
    incidence, heading = _angle(found["incidence"]), _angle(found["heading"])
    if isinstance(incidence, float) and not 0 < incidence < 90:
        raise SlideScopeError(
            f"Incidence {incidence:g} is out of range: it is the angle from the vertical at the "
            "ground, above 0 and below 90 degrees."
        )
    if isinstance(incidence, float) and incidence < STEEPEST:
        raise SlideScopeError(
            f"Incidence {incidence:g} is steeper than any radar looks, as if it were radians or a "
            f"cosine: write degrees, {math.degrees(incidence):.4g} or "
            f"{math.degrees(math.acos(min(incidence, 1))):.4g}."
        )
    if isinstance(heading, float) and not -360 <= heading <= 360:
        raise SlideScopeError(
            f"Heading {heading:g} is out of range: it is the direction of flight in degrees "
            "clockwise from north, about -12 ascending and -168 descending."
        )
    return Orbit(incidence, heading, look, positive)


def _angle(text: str) -> float | Source:
    try:
        return float(text)
    except ValueError:
        return parse_source(text)


def _typed(value: float | Source) -> str:
    return str(value) if isinstance(value, float) else typed(value)
