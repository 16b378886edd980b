"""Units: what a file is in, and the number that brings it to the unit of its factor."""

import re
from dataclasses import asdict, dataclass

import numpy as np

from core.errors import SlideScopeError
from core.factors import DEFORMATION, ELEVATION, OPTICAL
from core.language.translation import message
from core.scene.files import forms


@dataclass(frozen=True)
class Problem:
    """`told` says what is wrong, without a full stop. `option` = `value` cures it and `does` says
    how; where there is no such cure `advice`, which goes on after `told`, may name a way.

    >>> Problem("it ends at 1", option="unit", value="radians", does="reads it").sentence("slope")
    'it ends at 1: --unit slope=radians reads it.'
    """

    told: str
    advice: str = ""
    option: str | None = None
    value: str = ""
    does: str = ""

    def sentence(self, key: str) -> str:
        """The whole for the command line; `key` names the file there."""
        if self.option:
            return f"{self.told}: --{self.option} {key}={self.value} {self.does}."
        return f"{self.told}{self.advice}."

    def to_json(self) -> dict:
        return asdict(self)


_LENGTHS = {
    **{"m": 1.0, "ft": 0.3048, "us-ft": 1200 / 3937, "cm": 0.01, "km": 1000.0},
    **{"dm": 0.1, "mm": 0.001, "in": 0.0254},
}
_ANGLES = {"degrees": 1.0, "radians": 180 / np.pi, "decidegrees": 0.1, "gon": 0.9}
# Days of a Julian year.
YEAR = 365.25
_PERIODS = {"yr": 1.0, "month": 12.0, "day": YEAR}
RATES = {
    **{"mm/yr": 1.0, "cm/yr": 10.0, "m/yr": 1000.0, "in/yr": 25.4, "ft/yr": 304.8},
    **{
        f"{length}/{period}": times * _PERIODS[period]
        for period in ("month", "day")
        for length, times in (("mm", 1.0), ("cm", 10.0), ("m", 1000.0))
    },
}
INCIDENCE, HEADING = "incidence", "heading"
# Factor -> the units that its files come in, as multiples of the factor's own.
KNOWN = {
    DEFORMATION: RATES,
    ELEVATION: _LENGTHS,
    "slope": _ANGLES | {"percent": 1.0, "ratio": 100.0},
    # GRASS counts from the east over the north.
    "aspect": _ANGLES | {"grass": -1.0},
    **{band: {"reflectance*10000": 1.0, "reflectance": 1e4, "percent": 100.0} for band in OPTICAL},
    # The angles of an orbit, in the conventions of those who write them as rasters.
    "second": RATES,
    INCIDENCE: {"degrees": 1.0, "radians": 180 / np.pi, "cosine": 1.0, "lv_theta": -180 / np.pi},
    HEADING: {"degrees": 1.0, "radians": 180 / np.pi, "lv_phi": -180 / np.pi, "azimuth": -1.0},
}
# What is no multiple: (factor, unit) -> what is added to the multiple, or the form of the number.
# HyP3's lv_theta is the look vector's angle above the horizon, lv_phi its direction from the east
# over the north (HyP3 InSAR product guide); "azimuth" is from the north over the west, as MintPy
# and ISCE write it. The satellite is to the left of a flight that looks to the right.
_PLUS = {
    ("aspect", "grass"): 90.0,
    (INCIDENCE, "lv_theta"): 90.0,
    (HEADING, "lv_phi"): 180.0,
    (HEADING, "azimuth"): 90.0,
}
_FORMS = {
    ("slope", "percent"): forms.PERCENT,
    ("slope", "ratio"): forms.PERCENT,
    ("aspect", "grass"): forms.BEARING,
    (INCIDENCE, "cosine"): forms.COSINE,
}
_ALIASES = {
    **{text: "m" for text in ("metre", "meter", "metres", "meters", "米")},
    **{text: "ft" for text in ("foot", "feet", "international foot")},
    **{text: "us-ft" for text in ("us survey foot", "foot_us", "us_survey_foot", "ftus")},
    **{text: "degrees" for text in ("degree", "deg", "°", "度")},
    **{text: "radians" for text in ("radian", "rad", "弧度")},
    **{text: "decidegrees" for text in ("decidegree", "decideg")},
    **{text: "gon" for text in ("grad", "gradian", "gradians", "gons")},
    **{text: "percent" for text in ("%", "pct", "perc", "percentage", "percent_rise")},
    **{text: "ratio" for text in ("tangent", "tan", "m/m", "rise/run")},
    **{text: "reflectance*10000" for text in (message("reflectance × 10⁴"), "reflectance*1e4")},
    **{text: "cosine" for text in ("cos",)},
    **{text: "in" for text in ("inch", "inches")},
    **{text: "cm" for text in ("centimetre", "centimeter", "centimetres", "centimeters", "厘米")},
    **{text: "mm" for text in ("millimetre", "millimeter", "millimetres", "millimeters", "毫米")},
    **{text: "dm" for text in ("decimetre", "decimeter", "decimetres", "decimeters")},
    **{text: "km" for text in ("kilometre", "kilometer", "kilometres", "kilometers")},
}
_LENGTH = (
    r"(mm|cm|m|ft|in|millimet(?:er|re)s?|centimet(?:er|re)s?|met(?:er|re)s?|feet|foot|inch|inches"
    r"|毫米|厘米|米)"
)
_PERIOD = r"(yr|year|years|y|a|annum|day|days|d|month|months|mon|mo|年|天|月)"
_RATE = re.compile(rf"{_LENGTH}(?: ?/ ?| ?per ?| ?\. ?|\*| )?{_PERIOD}(?:\^?-1|⁻¹)?")
# Within a name a lone m, in or ft speaks of a length only where the period is written out.
_IN_NAME = re.compile(
    r"(?<![a-z])(?:(mm|cm)_?(?:per_?)?(yr|year|y|a|day|d|month|mon)"
    r"|(m|ft|in)_?(?:per_?)?(yr|year|day|month))(?:_?1)?(?![a-z])"
)
_LENGTH_NAMES = {"毫米": "mm", "厘米": "cm", "米": "m", "foot": "ft", "feet": "ft"}
_PERIOD_NAMES = {"y": "yr", "a": "yr", "d": "day", "年": "yr", "天": "day", "月": "month"}
# Line-of-sight rates of ground that is still mapped by InSAR stay below about 1 m/yr, and a map
# of any interest has some above 1 mm/yr.
METRES_BELOW = 0.3
CENTIMETRES_BELOW = 3.0


@dataclass(frozen=True)
class Unit:
    """`times` brings values to the factor's unit, then `plus` is added, and `form` (one of
    `core.scene.files.forms`) turned into degrees; `how` given, declared, guessed or usual."""

    name: str
    times: float
    how: str
    warning: Problem | None = None
    plus: float = 0.0
    form: str = ""


def rate(text: str) -> str | None:
    """Our name of a unit of a rate, None for what is none.

    >>> rate("mm/year"), rate("Meters per day"), rate("cm yr-1"), rate("mm")
    ('mm/yr', 'm/day', 'cm/yr', None)
    """
    found = _RATE.fullmatch(text.strip().lower())
    return _rate_name(found[1], found[2]) if found else None


def rate_in(name: str) -> str | None:
    """The unit of a rate that the name of a file, a band or a column speaks of.

    >>> rate_in("vel_cm_yr"), rate_in("hor_mm_day"), rate_in("VEL (mm/a)"), rate_in("m_y_dem")
    ('cm/yr', 'mm/day', 'mm/yr', None)
    """
    found = _IN_NAME.search(re.sub(r"[^a-z0-9]+", "_", name.lower()))
    chinese = re.search(r"(毫米|厘米|米|mm|cm|m) ?[/每_] ?(年|天|月)", name.lower())
    if chinese:
        return _rate_name(chinese[1], chinese[2])
    return _rate_name(found[1] or found[3], found[2] or found[4]) if found else None


def _rate_name(length: str, period: str) -> str | None:
    length = _LENGTH_NAMES.get(length) or re.sub(
        r"^(milli|centi)?(m)et(?:er|re)s?$", lambda m: (m[1] or "")[:1] + "m", length
    )
    length = "in" if length.startswith("in") else length
    start = _PERIOD_NAMES.get(period) or ("yr" if period[0] in "ya" else period)
    period = "month" if start.startswith("mo") else "day" if start.startswith("day") else "yr"
    name = f"{length}/{period}"
    return name if name in RATES else None


def named(factor: str, text: str) -> str | None:
    """Our name of a unit as others write it; None for one that the factor does not have.

    >>> named("deformation", "m/year"), named("elevation", "US survey foot"), named("slope", "1")
    ('m/yr', 'us-ft', None)
    """
    plain = text.strip().lower()
    name = rate(plain) if factor in (DEFORMATION, "second") else _ALIASES.get(plain, plain)
    return name if name in KNOWN.get(factor, {}) else None


def made(factor: str, name: str, how: str) -> Unit:
    """A unit of KNOWN."""
    key = (factor, name)
    times = KNOWN[factor][name]
    return Unit(name, times, how, plus=_PLUS.get(key, 0.0), form=_FORMS.get(key, ""))


def given(factor: str, text: str) -> Unit:
    """The unit that a user names."""
    name = named(factor, text)
    if name is None:
        units = KNOWN.get(factor)
        rule = f"it comes in {', '.join(units)}" if units else "its numbers are taken as they are"
        other = f"; for another, give --scale {factor}=TIMES[,PLUS]" if units else ""
        raise SlideScopeError(
            f"--unit {factor}={text}: '{factor}' has no such unit; {rule}{other}."
        )
    return made(factor, name, "given")


def declared(factor: str, text: str) -> Unit | None:
    """The unit that a file names, None where it names none that the factor has."""
    name = named(factor, text) if text else None
    return made(factor, name, "declared") if name else None


def not_named() -> Unit:
    """Of numbers that nobody has named a unit for, and none is claimed."""
    return Unit("", 1.0, "not named")


def usual(factor: str) -> Unit:
    name = next(iter(KNOWN.get(factor, {"": 1.0})))
    return Unit(name, 1.0, "usual")


def guess_rate(values: np.ndarray, file: str, key: str = DEFORMATION) -> Unit:
    """Guess the unit of deformation rates by their size, and say so.

    values: 1-D, any unit. Rates below .3 in all but 1 % of pixels are taken as m/yr.

    >>> guess_rate(np.array([-0.05, 0.01]), "v.tif").name
    'm/yr'
    >>> guess_rate(np.array([-50.0, 10.0]), "v.tif").warning is None
    True
    """
    size = float(np.quantile(np.abs(values), 0.99)) if values.size else CENTIMETRES_BELOW
    if 0 < size < METRES_BELOW:
        told = _guessed(file, size, "m/yr", f"{key}=mm/yr or cm/yr")
        return Unit("m/yr", 1000.0, "guessed", told)
    if size < CENTIMETRES_BELOW:
        told = _guessed(file, size, "mm/yr", f"{key}=cm/yr or m/yr")
        return Unit("mm/yr", 1.0, "guessed", told)
    return Unit("mm/yr", 1.0, "guessed")


def _guessed(file: str, size: float, taken: str, others: str) -> Problem:
    return Problem(
        f"'{file}' names no unit and its rates stay below {size:.2g}: they are taken as {taken}",
        f"; if they are not, give --unit {others}",
    )
