"""The coordinates of a NetCDF variable: GDAL takes them as evenly spaced, whatever they are."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from scipy.io import netcdf_file

from core.errors import SlideScopeError
from core.scene.files import hdf5

MAX_COORDINATES = 1_000_000
# Steps may differ by this share, and by what float32 leaves of a large number.
UNEVEN = 0.05
_NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable"
_EAST, _NORTH = ("degrees_e", "degree_e"), ("degrees_n", "degree_n")


@dataclass(frozen=True)
class Axis:
    """The coordinate of a dimension: `values` (n,), `units` as the file has them."""

    name: str
    values: np.ndarray
    units: str


def in_degrees(path: Path, variable: str | None) -> bool:
    """Whether the rows of a variable lie along latitude and its columns along longitude.

    Refuses coordinates that GDAL would place wrongly: uneven, unsorted, or rows along longitude.
    """
    rows, columns = _axes(path, variable)
    for axis in (rows, columns):
        if axis is not None and not _even(axis.values):
            raise SlideScopeError(
                f"'{path.name}' has coordinates '{axis.name}' that are not evenly spaced or not "
                "sorted: a raster needs a regular grid; sort and regrid it first."
            )
    if rows is None or columns is None:
        return False
    if _is(rows, _EAST) and _is(columns, _NORTH):
        raise SlideScopeError(
            f"'{path.name}' has its rows along longitude ('{rows.name}') and its columns along "
            f"latitude ('{columns.name}'): x and y are swapped; store it as latitude, longitude."
        )
    return _is(rows, _NORTH) and _is(columns, _EAST)


def _is(axis: Axis, units: tuple[str, str]) -> bool:
    return axis.units.lower().startswith(units)


def _even(values: np.ndarray) -> bool:
    if len(values) < 3:
        return True
    steps = np.diff(values.astype(np.float64))
    step = float(np.median(steps))
    rounding = 4 * np.finfo(np.float32).eps * float(np.abs(values).max())
    return bool((np.abs(steps - step) <= UNEVEN * abs(step) + rounding).all())


def _axes(path: Path, variable: str | None) -> tuple[Axis | None, Axis | None]:
    try:
        read = _of_hdf5 if hdf5.is_hdf5(path) else _of_classic
        return read(path, variable)
    # What is damaged GDAL says, in one sentence.
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, IndexError, AttributeError):
        return None, None


def _of_hdf5(path: Path, variable: str | None) -> tuple[Axis | None, Axis | None]:
    with h5py.File(path, "r") as file:
        name = variable or _only(hdf5.arrays(path))
        item = file[name]
        found = [_scale(dimension) for dimension in list(item.dims)[-2:]]
    return found[0], found[1]


def _scale(dimension) -> Axis | None:
    if not len(dimension):
        return None
    scale = dimension[0]
    name = str(scale.name).rpartition("/")[2]
    if _text(scale.attrs.get("NAME", "")).startswith(_NO_VARIABLE) or scale.ndim != 1:
        return None
    return _axis(name, scale, scale.attrs.get("units", ""))


def _of_classic(path: Path, variable: str | None) -> tuple[Axis | None, Axis | None]:
    with netcdf_file(path, "r", mmap=False) as file:
        name = variable or _only([n for n, v in file.variables.items() if len(v.shape) >= 2])
        found = []
        for dimension in file.variables[name].dimensions[-2:]:
            scale = file.variables.get(dimension)
            known = scale is not None and len(scale.shape) == 1
            found.append(_axis(dimension, scale, getattr(scale, "units", "")) if known else None)
    return found[0], found[1]


def _axis(name: str, values, units) -> Axis | None:
    if values.shape[0] > MAX_COORDINATES:
        return None
    numbers = np.array(values[:])
    return Axis(name, numbers, _text(units)) if numbers.dtype.kind in "iuf" else None


def _only(names: list[str]) -> str:
    (name,) = names
    return name


def _text(value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
