"""HDF5 files (NetCDF-4 is one too): what they may hold, and the grid that MintPy writes.

GDAL reads the numbers; h5py reads what GDAL does not tell: links to other files, attributes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
from rasterio.crs import CRS
from rasterio.transform import Affine

from core.errors import SlideScopeError

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
