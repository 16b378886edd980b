"""The options of an import that override what its files say, and how their values are read."""

from rasterio.crs import CRS
from rasterio.errors import CRSError

from core.errors import SlideScopeError
from core.scene.insar.orbit import SIGNS

KERNELS = ("nearest", "bilinear", "cubic", "average", "mode")
# Option of the command line -> what it means there. NAME:N is the N-th file of a mosaic.
OPTIONS = {
    "nodata": "NAME=VALUE: this value of the files is no data; NAME=none: every value counts",
    "unit": "NAME=UNIT: what the files are in, such as deformation=m/yr or elevation=ft",
    "scale": "NAME=TIMES[,PLUS]: what stored numbers are multiplied by, and what is added then",
    "sign": "NAME=towards|away: which way a positive rate along the line of sight means",
    "crs": "NAME=EPSG:N: the coordinate reference system of the files, whatever they say",
    "kernel": f"NAME=KERNEL: resample with one of {', '.join(KERNELS)}",
    "fill": "NAME=VALUE: gaps of the factor get this value, in its own unit",
}


def read(option: str, text: str):
    """The value of an option as the command line writes it.

    >>> read("scale", "0.1"), read("nodata", "none"), read("unit", "ft")
    ((0.1, 0.0), None, 'ft')
    """
    return _READ.get(option, _same)(option, text.strip())


def written(value) -> str:
    """What `read` reads back.

    >>> written(65535.0), written((0.1, -5.0)), written(None)
    ('65535', '0.1,-5', 'none')
    """
    if value is None:
        return "none"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return ",".join(map(written, value)) if isinstance(value, tuple) else str(value)


def _same(option: str, text: str) -> str:
    return text


def _nodata(option: str, text: str) -> float | None:
    return None if text.lower() == "none" else _number(option, text)


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        or_none = ", or none" if option == "nodata" else ""
        raise SlideScopeError(
            f"--{option} '{text}' is no number: write {OPTIONS[option].split(':')[0]}{or_none}."
        ) from error


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
    try:
        CRS.from_user_input(text)
    except CRSError as error:
        raise SlideScopeError(
            f"--crs '{text}' is no coordinate reference system: write EPSG:n, for example "
            "EPSG:32643."
        ) from error
    return text


_READ = {
    "nodata": _nodata,
    "scale": _scale,
    "fill": _number,
    "sign": _choice,
    "kernel": _choice,
    "crs": _crs,
}
