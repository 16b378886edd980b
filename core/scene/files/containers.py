"""HDF5 files (NetCDF-4 is one too): what they may hold, and the grid that MintPy writes.

GDAL reads the numbers; h5py reads what GDAL does not tell: links to other files, attributes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine
from scipy.io import netcdf_file

from core.errors import SlideScopeError

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


_SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_OBJECTS = 20_000


@dataclass(frozen=True)
class Place:
    """The grid in the attributes of a MintPy file and the unit of its numbers."""

    crs: CRS
    transform: Affine
    unit: str


def is_hdf5(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def check_links(path: Path) -> None:
    """Refuse a file that reaches into other files: by external link, raw data or virtual array."""
    if not is_hdf5(path):
        return
    with opened(path) as file:
        seen = 0
        groups = [file]
        while groups:
            group = groups.pop()
            for name in group:
                seen += 1
                link = group.get(name, getlink=True)
                if isinstance(link, h5py.ExternalLink) or seen > MAX_OBJECTS:
                    _refuse(path, name)
                if isinstance(link, h5py.SoftLink):
                    continue
                item = group.get(name)
                if isinstance(item, h5py.Group):
                    groups.append(item)
                elif isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
                    _refuse(path, name)


def arrays(path: Path) -> list[str]:
    """Names of the arrays of at least two dimensions."""
    if not is_hdf5(path):
        return []
    found: list[str] = []
    with opened(path) as file:
        file.visititems(
            lambda name, item: (
                found.append(name) if isinstance(item, h5py.Dataset) and item.ndim >= 2 else None
            )
        )
    return found


def mintpy_place(path: Path) -> Place | None:
    """Return where a geocoded MintPy file lies; None for a file that is none of MintPy's."""
    with opened(path) as file:
        about = {k: _text(v) for k, v in file.attrs.items()}
    if not {"FILE_TYPE", "WIDTH", "LENGTH"} <= set(about):
        return None
    if not {"X_FIRST", "Y_FIRST", "X_STEP", "Y_STEP"} <= set(about):
        raise SlideScopeError(
            f"'{path.name}' is in radar coordinates (its attributes have no X_FIRST): a factor "
            "needs a map grid; run MintPy's geocode.py with the lookup table first."
        )
    try:
        x, y, dx, dy = (float(about[k]) for k in ("X_FIRST", "Y_FIRST", "X_STEP", "Y_STEP"))
        crs = CRS.from_user_input(_crs(about))
    except ValueError as error:
        raise SlideScopeError(
            f"'{path.name}' has attributes that are no numbers (X_FIRST, X_STEP, ...): its grid "
            "cannot be read; export it as GeoTIFF with MintPy's save_gdal.py."
        ) from error
    return Place(crs, Affine(dx, 0, x, 0, dy, y), about.get("UNIT", ""))


_TOLD = ("FILE_TYPE", "UNIT", "PROCESSOR", "REF_DATE", "units", "long_name", "standard_name")


def about(file: h5py.File, item: h5py.Dataset) -> dict[str, str]:
    """What the attributes of an array, and of its file, say about its numbers."""
    found = {}
    for name in _TOLD:
        owner = next((o for o in (item, file) if name in o.attrs), None)
        if owner is not None:
            found[name] = _text(owner.attrs[name])
    return {name: text[:200] for name, text in found.items() if text}


def dates(file: h5py.File, count: int) -> tuple[str, ...]:
    """The dates of a series' bands, as MintPy writes them; empty where there are none."""
    listed = file.get("date")
    if not isinstance(listed, h5py.Dataset) or listed.shape != (count,) or count < 2:
        return ()
    return tuple(_text(value)[:20] for value in listed[()])


def _crs(about: dict[str, str]) -> str:
    code = about.get("EPSG", "")
    if code:
        return f"EPSG:{int(float(code))}"
    zone = about.get("UTM_ZONE", "")
    if zone:
        return f"EPSG:{(32600 if zone[-1:].upper() >= 'N' else 32700) + int(zone[:-1])}"
    return "EPSG:4326"


def _text(value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open for reading; whatever turns out to be damaged within is said in one sentence."""
    with reading(path), h5py.File(path, "r") as file:
        yield file


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what h5py says about a broken file into one sentence."""
    try:
        yield
    # h5py has no error of its own: a broken header shows as any of these.
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise SlideScopeError(
            f"'{path.name}' cannot be read as HDF5: it is damaged, cut off or another format; "
            "copy or export it again."
        ) from error


def _refuse(path: Path, name: str) -> None:
    raise SlideScopeError(
        f"'{path.name}' takes '{name}' from another file or holds too many objects: such files "
        "are refused; export the array as GeoTIFF."
    )


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
        read = _of_hdf5 if is_hdf5(path) else _of_classic
        return read(path, variable)
    # What is damaged GDAL says, in one sentence.
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, IndexError, AttributeError):
        return None, None


def _of_hdf5(path: Path, variable: str | None) -> tuple[Axis | None, Axis | None]:
    with h5py.File(path, "r") as file:
        name = variable or _only(arrays(path))
        item = file[name]
        found = [_scale(dimension) for dimension in list(item.dims)[-2:]]
    return found[0], found[1]


def _scale(dimension) -> Axis | None:
    if not len(dimension):
        return None
    scale = dimension[0]
    name = str(scale.name).rpartition("/")[2]
    if _words(scale.attrs.get("NAME", "")).startswith(_NO_VARIABLE) or scale.ndim != 1:
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
    return Axis(name, numbers, _words(units)) if numbers.dtype.kind in "iuf" else None


def _only(names: list[str]) -> str:
    (name,) = names
    return name


def _words(value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
