"""Which overrides make sense for an import, and for a kind of factor."""

from collections.abc import Mapping

from core.errors import SlideScopeError
from core.factors import DEFORMATION, MOTION, factor
from core.scene.plan.overrides import INVENTORY, OF_FACTOR, SECOND, Override

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
