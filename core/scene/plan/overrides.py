"""What a user decides otherwise than the files say, factor by factor."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from rasterio.crs import CRS
from rasterio.errors import CRSError

from core.errors import SlideScopeError
from core.scene.files.wrapping import KEEP

KERNELS = ("nearest", "bilinear", "cubic", "average", "mode")
FOR_CLASSES = ("nearest", "mode")
# Option of the command line -> what it means there.
OPTIONS = {
    "nodata": "NAME=VALUE: this value of the files is no data; NAME=none: every value counts",
    "unit": "NAME=UNIT: what the files are in, such as deformation=m/yr or elevation=ft",
    "kernel": f"NAME=KERNEL: resample with one of {', '.join(KERNELS)}",
    "crs": "NAME=EPSG:N: the coordinate reference system of the files, whatever they say",
}


@dataclass(frozen=True)
class Override:
    """`nodata` is KEEP, a value, or None for "every value counts"; the others None for "as the
    files say"."""

    nodata: float | str | None = KEEP
    unit: str | None = None
    kernel: str | None = None
    crs: str | None = None


def parse(options: dict[str, Sequence[str]]) -> dict[str, Override]:
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
            old = found.get(name, Override())
            found[name] = replace(old, **{option: _value(option, value)})
    return found


def _value(option: str, text: str) -> float | str | None:
    if option == "nodata":
        if text.lower() == "none":
            return None
        try:
            return float(text)
        except ValueError as error:
            raise SlideScopeError(
                f"--nodata '{text}' is no number: give the value that means no data, or none."
            ) from error
    if option == "kernel" and text not in KERNELS:
        raise SlideScopeError(
            f"--kernel '{text}' is unknown: there are {', '.join(KERNELS)}; choose one."
        )
    if option == "crs":
        try:
            CRS.from_user_input(text)
        except CRSError as error:
            raise SlideScopeError(
                f"--crs '{text}' is no coordinate reference system: write EPSG:n, for example "
                "EPSG:32643."
            ) from error
    return text


def to_argv(overrides: dict[str, Override]) -> list[str]:
    """The options that ask for the same.

    >>> to_argv({"red": Override(nodata=0.0, kernel="average")})
    ['--nodata=red=0.0', '--kernel=red=average']
    """
    argv = []
    for name, item in overrides.items():
        for field in fields(Override):
            value = getattr(item, field.name)
            if value != field.default:
                text = "none" if value is None else value
                argv.append(f"--{field.name}={name}={text}")
    return argv


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
