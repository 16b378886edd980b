"""Units: what a file is in, and the number that brings it to the unit of its factor."""

from dataclasses import asdict, dataclass

import numpy as np

from core.errors import SlideScopeError
from core.factors import BANDS, DEFORMATION, ELEVATION


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


_LENGTHS = {"m": 1.0, "ft": 0.3048, "us-ft": 1200 / 3937, "cm": 0.01, "km": 1000.0}
_ANGLES = {"degrees": 1.0, "radians": 180 / np.pi, "decidegrees": 0.1}
# Factor -> the units that its files come in, as multiples of the factor's own.
KNOWN = {
    DEFORMATION: {"mm/yr": 1.0, "cm/yr": 10.0, "m/yr": 1000.0},
    ELEVATION: _LENGTHS,
    "slope": _ANGLES,
    "aspect": _ANGLES,
    **{band: {"reflectance*10000": 1.0, "reflectance": 1e4, "percent": 100.0} for band in BANDS},
}
_ALIASES = {
    **{text: "m" for text in ("metre", "meter", "metres", "meters")},
    **{text: "ft" for text in ("foot", "feet", "international foot")},
    **{text: "us-ft" for text in ("us survey foot", "foot_us", "us_survey_foot", "ftus")},
    **{text: "m/yr" for text in ("m/year", "meter/year", "m/a", "m yr-1", "m/y")},
    **{text: "cm/yr" for text in ("cm/year", "cm/a", "cm yr-1", "cm/y")},
    **{text: "mm/yr" for text in ("mm/year", "mm/a", "mm yr-1", "mm/y")},
    **{text: "degrees" for text in ("degree", "deg", "°")},
    **{text: "radians" for text in ("radian", "rad")},
}
# Line-of-sight rates of ground that is still mapped by InSAR stay below about 1 m/yr, and a map
# of any interest has some above 1 mm/yr.
METRES_BELOW = 0.3
CENTIMETRES_BELOW = 3.0


@dataclass(frozen=True)
class Unit:
    """`times` brings values to the factor's unit; `how` given, declared, guessed or usual."""

    name: str
    times: float
    how: str
    warning: Problem | None = None


def named(factor: str, text: str) -> str | None:
    """Our name of a unit as others write it; None for one that the factor does not have.

    >>> named("deformation", "m/year"), named("elevation", "US survey foot"), named("slope", "1")
    ('m/yr', 'us-ft', None)
    """
    plain = text.strip().lower()
    name = _ALIASES.get(plain, plain)
    return name if name in KNOWN.get(factor, {}) else None


def given(factor: str, text: str) -> Unit:
    """The unit that a user names."""
    name = named(factor, text)
    if name is None:
        units = KNOWN.get(factor)
        rule = f"it comes in {', '.join(units)}" if units else "its numbers are taken as they are"
        raise SlideScopeError(f"--unit {factor}={text}: '{factor}' has no such unit; {rule}.")
    return Unit(name, KNOWN[factor][name], "given")


def declared(factor: str, text: str) -> Unit | None:
    """The unit that a file names, None where it names none that the factor has."""
    name = named(factor, text) if text else None
    return Unit(name, KNOWN[factor][name], "declared") if name else None


def not_named() -> Unit:
    """Of numbers that nobody has named a unit for, and none is claimed."""
    return Unit("", 1.0, "not named")


def usual(factor: str) -> Unit:
    name = next(iter(KNOWN.get(factor, {"": 1.0})))
    return Unit(name, 1.0, "usual")


def guess_rate(values: np.ndarray, file: str) -> Unit:
    """Guess the unit of deformation rates by their size, and say so.

    values: 1-D, any unit. Rates below .3 in all but 1 % of pixels are taken as m/yr.

    >>> guess_rate(np.array([-0.05, 0.01]), "v.tif").name
    'm/yr'
    >>> guess_rate(np.array([-50.0, 10.0]), "v.tif").warning is None
    True
    """
    size = float(np.quantile(np.abs(values), 0.99)) if values.size else CENTIMETRES_BELOW
    if 0 < size < METRES_BELOW:
        return Unit("m/yr", 1000.0, "guessed", _guessed(file, size, "m/yr", "mm/yr or cm/yr"))
    if size < CENTIMETRES_BELOW:
        return Unit("mm/yr", 1.0, "guessed", _guessed(file, size, "mm/yr", "cm/yr or m/yr"))
    return Unit("mm/yr", 1.0, "guessed")


def _guessed(file: str, size: float, taken: str, others: str) -> Problem:
    return Problem(
        f"'{file}' names no unit and its rates stay below {size:.2g}: they are taken as {taken}",
        f"; if they are not, give --unit deformation={others}",
    )
