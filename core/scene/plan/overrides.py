"""What a user decides otherwise than the files say: for a factor, or for one file of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from core.errors import SlideScopeError
from core.scene.files.wrapping import KEEP
from core.scene.plan.override_values import OPTIONS, read, written

# What is not a factor and has files of its own all the same.
INVENTORY, SECOND = "inventory", "second"
# Of the factor as a whole, not of one file of it.
OF_FACTOR = ("kernel", "fill")


@dataclass(frozen=True)
class Override:
    """`nodata` is KEEP, a value, or None for "every value counts"; the others None for "as the
    files say". `scale` is (times, plus)."""

    nodata: float | str | None = KEEP
    unit: str | None = None
    scale: tuple[float, float] | None = None
    sign: str | None = None
    crs: str | None = None
    kernel: str | None = None
    fill: float | None = None

    def given(self) -> dict[str, str]:
        """What is decided, as the command line writes it.

        >>> Override(nodata=None, scale=(0.1, -5.0)).given()
        {'nodata': 'none', 'scale': '0.1,-5'}
        """
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {n: written(v) for n, v in found.items() if v != getattr(Override, n)}

    def without(self, options: Sequence[str]) -> "Override":
        return replace(self, **{name: getattr(Override, name) for name in options})


def parse(options: Mapping[str, Sequence[str]]) -> dict[str, Override]:
    """Read lists of NAME=VALUE, one list an option.

    >>> parse({"unit": ["deformation=m/yr"], "nodata": ["red=none"]})["deformation"].unit
    'm/yr'
    """
    found: dict[str, Override] = {}
    for option, texts in options.items():
        for text in texts:
            name, equals, value = text.partition("=")
            if not equals or not value:
                raise SlideScopeError(
                    f"--{option} '{text}' names no factor and value: write {OPTIONS[option]}."
                )
            found[name] = put(found.get(name, Override()), option, value)
    return found


def put(old: Override, option: str, text: str) -> Override:
    """Return `old` with one decision more, as the command line writes it."""
    return replace(old, **{option: read(option, text)})


def of_file(overrides: Mapping[str, Override], name: str, number: int = 1) -> Override:
    """What is decided about a factor's file, counted from 1: its own decisions come first.

    >>> of_file({"red": Override(nodata=0.0), "red:2": Override(unit="percent")}, "red", 2).given()
    {'nodata': '0', 'unit': 'percent'}
    """
    found = overrides.get(name, Override())
    for option, text in overrides.get(f"{name}:{number}", Override()).given().items():
        found = put(found, option, text)
    return found


def to_argv(overrides: Mapping[str, Override]) -> list[str]:
    """The options that ask for the same.

    >>> to_argv({"red": Override(nodata=0.0, kernel="average")})
    ['--nodata=red=0', '--kernel=red=average']
    """
    return [
        f"--{option}={name}={text}"
        for name, item in overrides.items()
        for option, text in item.given().items()
    ]
