"""What a user decides otherwise than the files say: for a factor, or for one file of it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.errors import SlideScopeError
from core.factors import DEFORMATION, MOTION, factor
from core.scene.files import encoding, places, shifts, systems
from core.scene.insar.orbit import SIGNS
from core.scene.plan.override import KERNELS, OPTIONS, Override, flag, usage


def read(option: str, text: str):
    """The value of an option as the command line writes it.

    >>> read("scale", "0.1"), read("nodata", "none"), read("unit", "ft")
    ((0.1, 0.0), None, 'ft')
    """
    return _READ.get(option, _same)(option, text.strip())


def _same(option: str, text: str) -> str:
    return text


def _nodata(option: str, text: str) -> float | None:
    return None if text.lower() == "none" else _number(option, text)


def _number(option: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError as error:
        or_none = ", or none" if option == "nodata" else ""
        raise SlideScopeError(
            f"--{flag(option)} '{text}' is no number: write {OPTIONS[option].metavar}{or_none}."
        ) from error
    if not math.isfinite(found):
        raise SlideScopeError(
            f"--{flag(option)} '{text}' is not finite, and what is not counts as no data anyway: "
            "give a number, or leave the option out."
        )
    return found


def _scale(option: str, text: str) -> tuple[float, float]:
    times, _, plus = text.partition(",")
    found = _number(option, times), _number(option, plus or "0")
    if not (0 < abs(found[0]) < float("inf") and abs(found[1]) < float("inf")):
        raise SlideScopeError(
            f"--scale '{text}' makes every number the same: give a factor that is not 0."
        )
    return found


def _choice(option: str, text: str) -> str:
    known = KERNELS if option == "kernel" else SIGNS
    if text not in known:
        raise SlideScopeError(
            f"--{option} '{text}' is unknown: there are {', '.join(known)}; choose one."
        )
    return text


def _crs(option: str, text: str) -> str:
    return systems.read(text)


def _values(option: str, text: str) -> tuple[float, ...] | str:
    """
    >>> _values("landslide_value", "1,2"), _values("landslide_value", "any")
    ((1.0, 2.0), 'any')
    """
    if text.lower() == "any":
        return "any"
    return tuple(_number(option, each) for each in text.split(","))


def _encoding(option: str, text: str) -> str:
    return encoding.check(text)


def _columns(option: str, text: str) -> str:
    """Checked, as it is written: ROLE=COLUMN, each role once, places in pairs."""
    pairs = columns_of(text)
    kinds = [
        "x" if role in places.X_ROLES else "y" if role in places.Y_ROLES else "value"
        for role, _ in pairs
    ]
    known = (*places.X_ROLES, *places.Y_ROLES, *places.VALUE_ROLES)
    wrong = [role for role, column in pairs if role not in known or not column]
    if wrong or len(set(kinds)) < len(kinds) or ("x" in kinds) != ("y" in kinds):
        raise SlideScopeError(
            f"--columns '{text}' does not name columns: write lon=COLUMN,lat=COLUMN,rate=COLUMN "
            "(x and y for eastings and northings), each by its name or its number from 1."
        )
    return text


def columns_of(text: str) -> tuple[tuple[str, str], ...]:
    """
    >>> columns_of("lon=POINT_X, lat=2")
    (('lon', 'POINT_X'), ('lat', '2'))
    """
    parts = (piece.partition("=") for piece in text.split(",") if piece.strip())
    return tuple((role.strip().lower(), column.strip()) for role, _, column in parts)


def _radius(option: str, text: str) -> float:
    found = _number(option, text)
    if not 0 < found <= 10_000:
        raise SlideScopeError(
            f"--point-radius {text}: a landslide's radius is above 0 and at most 10,000 m; give "
            "metres."
        )
    return found


_READ = {
    "landslide_value": _values,
    "encoding": _encoding,
    "columns": _columns,
    "point_radius": _radius,
    "nodata": _nodata,
    "scale": _scale,
    "fill": _number,
    "sign": _choice,
    "kernel": _choice,
    "crs": _crs,
    "shift": lambda option, text: shifts.read(text),
}


@contextmanager
def called(name: str) -> Iterator[None]:
    """Put the name by which options call a file into what is said about it."""
    try:
        yield
    except SlideScopeError as error:
        told = str(error)
        if "NAME=" not in told:
            raise
        raise type(error)(told.replace("NAME=", f"{name}=")) from error


# What is not a factor and has files of its own all the same.
INVENTORY, SECOND = "inventory", "second"
# Of the factor as a whole, not of one file of it.
OF_FACTOR = ("kernel", "fill")


def parse(options: Mapping[str, Sequence[str]]) -> dict[str, Override]:
    """Read lists of NAME=VALUE, one list an option.

    >>> parse({"unit": ["deformation=m/yr"], "nodata": ["red=none"]})["deformation"].unit
    'm/yr'
    """
    found: dict[str, Override] = {}
    for option, texts in options.items():
        for text in texts:
            name, equals, value = _named(option, text)
            if not equals or not value:
                raise SlideScopeError(
                    f"--{flag(option)} '{text}' names no factor and value: write {usage(option)}."
                )
            found[name] = put(found.get(name, Override()), option, value)
    return found


def _named(option: str, text: str) -> tuple[str, str, str]:
    """NAME, "=" and VALUE; some options may leave the name out: a radius and the value of
    landslides are the inventory's, columns are those of the only table, which has the name "" until
    it is known.

    >>> _named("columns", "lon=a,lat=b")[0], _named("columns", "v=lon=a,lat=b")[0]
    ('', 'v')
    >>> _named("columns", "deformation:lon=a,lat=b")
    ('deformation', '=', 'lon=a,lat=b')
    """
    name, equals, value = text.partition("=")
    if option in ("point_radius", "landslide_value") and not equals:
        return INVENTORY, "=", text
    if option == "columns" and equals:
        owner, colon, role = name.rpartition(":")
        roles = (*places.X_ROLES, *places.Y_ROLES, *places.VALUE_ROLES)
        if role.strip().lower() in roles and (colon or "=" not in value.split(",")[0]):
            return owner, "=", f"{role}={value}"
    return name, equals, value


def put(old: Override, option: str, text: str) -> Override:
    """Return `old` with one decision more, as the command line writes it."""
    return replace(old, **{option: read(option, text)})


def of_file(overrides: Mapping[str, Override], name: str, number: int = 1) -> Override:
    """What is decided about a factor's file, counted from 1: its own decisions come first.

    >>> of_file({"red": Override(nodata=0.0), "red:2": Override(unit="percent")}, "red", 2).given()
    {'nodata': '0', 'unit': 'percent'}
    """
    return overrides.get(name, Override()).under(overrides.get(f"{name}:{number}", Override()))


def to_argv(overrides: Mapping[str, Override]) -> list[str]:
    """The options that ask for the same.

    >>> to_argv({"red": Override(nodata=0.0, kernel="average")})
    ['--nodata=red=0', '--kernel=red=average']
    """
    return [
        f"--{flag(option)}={name}={text}"
        for name, item in overrides.items()
        for option, text in item.given().items()
    ]


# What says nothing about a kind of file: given all the same, it would do nothing.
_MEASURED = ("nodata", "unit", "scale", "sign", "kernel")
IDLE = {
    "raster": ("landslide_value",),
    "points": ("kernel", "landslide_value"),
    "polygons": (*_MEASURED, "landslide_value"),
    "mask": ("unit", "scale", "kernel"),
    "outlines": (*_MEASURED, "landslide_value"),
    "layer": (*_MEASURED, "landslide_value", "fill"),
    "angle": ("sign", "kernel", "fill", "landslide_value"),
}
_OF = {
    "raster": "a factor",
    "points": "a file of points, which are gridded by inverse distance",
    "polygons": "polygons of classes",
    "mask": "a mask, of which only the values that mean landslide count",
    "outlines": "polygons of landslides",
    "layer": "the distance to what a layer holds",
    "angle": "an angle of the radar's geometry",
}


def check_effect(name: str, item: Override, kind: str) -> None:
    """Refuse an option that would do nothing for a kind of file, one of IDLE."""
    idle = next((option for option in item.given() if option in IDLE[kind]), None)
    if idle is None:
        return
    raise SlideScopeError(
        f"--{flag(idle)} {name}={item.given()[idle]} would do nothing: '{name}' is {_OF[kind]}; "
        "leave the option out."
    )


FOR_CLASSES = ("nearest", "mode")


def check(overrides: Mapping[str, Override], files: Mapping[str, int]) -> None:
    """Refuse decisions about what is not there; `files`: name -> how many files it has."""
    for key, item in overrides.items():
        name, _, number = key.partition(":")
        if name not in files:
            raise SlideScopeError(
                f"An option is given for '{name}', which is no factor of this import "
                f"({', '.join(files)}): name one of them."
            )
        if number and not (number.isdigit() and 1 <= int(number) <= files[name]):
            raise SlideScopeError(
                f"An option is given for '{key}': {name} has {files[name]} files, counted from 1; "
                "name one of them."
            )
        whole = [option for option in item.given() if number and option in OF_FACTOR]
        if whole:
            raise SlideScopeError(
                f"--{whole[0]} is given for '{key}': it holds for all files of a factor; write "
                f"--{whole[0]} {name}=..."
            )
        _check_rate(name, item)


def _check_rate(name: str, item: Override) -> None:
    if item.sign and name not in (DEFORMATION, SECOND):
        raise SlideScopeError(
            f"--sign {name}={item.sign}: only a rate along the line of sight has a sign of that "
            "kind; leave the option out."
        )
    if item.point_radius is not None and name != INVENTORY:
        raise SlideScopeError(
            f"--point-radius {name}={item.point_radius:g}: only points of an inventory have a "
            "radius; leave the option out."
        )
    if item.fill is not None and (name in MOTION or name in (INVENTORY, SECOND)):
        raise SlideScopeError(
            f"--fill {name}={item.fill:g}: what was not measured is not known to be "
            f"{item.fill:g}, and must not be taken for stable ground; leave the option out."
        )


def check_kernel(name: str, kernel: str | None, kind: str) -> None:
    """Refuse a kernel that would mix class codes or tear a bearing at north."""
    if kernel is None:
        return
    if kind == "categorical" and kernel not in FOR_CLASSES:
        raise SlideScopeError(
            f"--kernel {name}={kernel} would average class codes: a factor of classes is resampled "
            f"by {' or '.join(FOR_CLASSES)}."
        )
    if kind == "circular":
        raise SlideScopeError(
            f"--kernel {name}={kernel}: a bearing is always resampled through its sine and cosine; "
            "leave the option out."
        )


def check_fill(name: str, value: float | None, kind: str) -> None:
    """Refuse a fill that cannot be a value of the factor."""
    if value is None:
        return
    if kind == "categorical" and value != round(value):
        raise SlideScopeError(
            f"--fill {name}={value:g}: class codes are whole numbers; give the code that gaps get."
        )
    if kind == "circular" and not 0 <= value <= 360:
        raise SlideScopeError(
            f"--fill {name}={value:g}: {factor(name).title.lower()} is an angle of 0 to 360 "
            "degrees; give one."
        )
