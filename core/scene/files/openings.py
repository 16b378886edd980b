"""What of a file is opened: the raster itself, a variable of a container, a member of an archive.

This module and `archives` are the only ones that write the names by which GDAL opens parts of
files; what a user types never reaches GDAL as such.
"""

import atexit
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.scene.files import archives, containers, contents, formats, guard, layers

ROWS, KEPT = 512, 64
# A copy is written whole: what is stored in so much less is made to fill a disk.
MOST_TIMES = 200


@dataclass(frozen=True)
class Opening:
    """`path` the file on disk, `name` what GDAL is told to open, `driver` the one that may."""

    path: Path
    name: str
    driver: str
    part: str | None = None

    @property
    def label(self) -> str:
        return f"{self.path.name}:{self.part}" if self.part else self.path.name


def find(text: str | Path, part: str | None, folders: Sequence[Path] | None = None) -> Opening:
    """Return how a raster file, or the `part` of it that holds the raster, is opened."""
    path = guard.check_file(text, folders)
    if archives.is_archive(path):
        known = tuple(formats.RASTER_DRIVERS)
        found = archives.member(path, part, known, "raster")
        driver = formats.by_magic(formats.suffix(found), archives.head(path, found))
        if driver is None:
            raise SlideScopeError(
                f"'{found}' in '{path.name}' is not read from an archive: unpack it and give it."
            )
        return Opening(path, archives.inside(path, found), driver, found)
    container = formats.container(path)
    if container:
        return _variable(path, part, container)
    if part is not None:
        raise SlideScopeError(
            f"'{path.name}' has no parts, so '{part}' is none of it: give FILE or FILE:BAND."
        )
    _, driver = guard.check_raster(path, folders)
    return Opening(path, str(path), driver)


def parts(text: str | Path, folders: Sequence[Path] | None = None) -> tuple[str | None, ...]:
    """What there is to choose from in a file: names of its parts, or only None."""
    path = guard.check_file(text, folders)
    found: Sequence[str] = ()
    container = formats.container(path)
    if archives.is_archive(path):
        found = archives.members(path)
    elif formats.is_vector(path):
        contents.check(path)
        found = [layer.name for layer in layers.listed(str(path))]
    elif container:
        containers.check_links(path)
        hdf5 = container == "HDF5"
        found = containers.arrays(path) if hdf5 else _variables(path)
    return tuple(found) if len(found) > 1 else (None,)


def _variables(path: Path) -> list[str]:
    """Names of the variables that GDAL's netCDF driver offers."""
    with guard.reading(path), guard.opened(str(path), "netCDF") as dataset:
        return [name.rpartition(":")[2] for name in dataset.subdatasets]


def _variable(path: Path, part: str | None, driver: str) -> Opening:
    if '"' in str(path):
        raise SlideScopeError(
            f"The path of '{path.name}' holds a quotation mark, which GDAL cannot read around: "
            "rename the file or its folder."
        )
    containers.check_links(path)
    if driver == "HDF5":
        return _array(path, part)
    with guard.reading(path), guard.opened(str(path), driver) as dataset:
        listed, alone = dataset.subdatasets, dataset.count > 0
    # Both drivers list their variables as DRIVER:file:variable.
    known = [name.rpartition(":")[2].lstrip("/") for name in listed]
    if not known and not alone:
        raise SlideScopeError(
            f"'{path.name}' holds no array with rows and columns: a factor is a raster; give "
            "another file."
        )
    if part is None and alone and not known:
        return Opening(path, str(path), driver)
    chosen = _chosen(part, known)
    if chosen:
        return Opening(path, f'{driver}:"{path}":{chosen}', driver, chosen)
    if alone and not known and _chosen(part, containers.arrays(path)):
        return Opening(path, str(path), driver, part)
    raise archives.choose(path, part, known or containers.arrays(path) or [path.stem])


def _array(path: Path, part: str | None) -> Opening:
    """An HDF5 array, as a GeoTIFF that h5py has read it into."""
    known = containers.arrays(path)
    chosen = _chosen(part, known)
    if chosen:
        copy = geotiff(path, chosen)
        return Opening(path, str(copy), "GTiff", chosen if len(known) > 1 or part else None)
    if not known:
        raise SlideScopeError(
            f"'{path.name}' holds no array with rows and columns: a factor is a raster; give "
            "another file."
        )
    raise archives.choose(path, part, known)


def _chosen(part: str | None, known: list[str]) -> str | None:
    """The one that `part` names, by its whole name or its last word; the only one without it."""
    if part is None:
        return known[0] if len(known) == 1 else None
    wanted = part.lstrip("/")
    for same in ([k for k in known if k == wanted], [k for k in known if _last(k) == wanted]):
        if len(same) == 1:
            return same[0]
    return None


def _last(variable: str) -> str:
    return variable.rpartition("/")[2]


def geotiff(path: Path, array: str) -> Path:
    """Return the copy of an array (rows, columns) or (bands, rows, columns), made once.

    A grid in MintPy's attributes becomes that of the copy, with 0 as no data.
    """
    about = path.stat()
    key = (str(path), array, about.st_mtime_ns, about.st_size)
    copy = _copy(*key)
    if not copy.exists():
        _copy.cache_clear()
        copy = _copy(*key)
    return copy


@lru_cache(maxsize=1)
def temporary() -> Path:
    """A folder for copies, which goes when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="slidescope-hdf5-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@lru_cache(maxsize=256)
def _copy(path: str, array: str, changed: int, size: int) -> Path:
    folder = temporary()
    old = sorted(folder.glob("*.tif"), key=lambda p: p.stat().st_mtime)
    target = folder / f"{changed}-{size}-{abs(hash((path, array)))}.tif"
    if len(old) >= KEPT:
        old[0].unlink()
    _write(Path(path), array, target)
    return target


def _write(path: Path, array: str, target: Path) -> None:
    place = containers.mintpy_place(path)
    with containers.opened(path) as file:
        item = file[array]
        _check(path, array, item)
        *_, height, width = item.shape
        about = {
            "driver": "GTiff",
            "width": width,
            "height": height,
            "count": item.shape[0] if item.ndim == 3 else 1,
            "dtype": item.dtype.newbyteorder("=").name,
            "BIGTIFF": "IF_SAFER",
        }
        if place:
            about |= {"crs": place.crs, "transform": place.transform, "nodata": 0}
        with rasterio.open(target, "w", **about) as copy:
            for row in range(0, height, ROWS):
                window = Window(0, row, width, min(ROWS, height - row))
                values = np.asarray(item[..., row : row + ROWS, :])
                copy.write(values.reshape(copy.count, -1, width), window=window)
            if place and place.unit:
                copy.units = [place.unit] * copy.count
            copy.update_tags(**containers.about(file, item))
            dates = containers.dates(file, copy.count)
            if dates:
                copy.descriptions = dates


def _check(path: Path, array: str, item) -> None:
    names = "iu" if item.dtype.kind in "iu" else "f"
    if item.ndim not in (2, 3) or item.dtype.kind not in names or item.dtype.itemsize < 1:
        raise SlideScopeError(
            f"'{path.name}:{array}' is an array of shape {item.shape} and type {item.dtype}: a "
            "factor has rows and columns of real numbers; choose another array."
        )
    if item.dtype.name == "float16" or 0 in item.shape:
        raise SlideScopeError(
            f"'{path.name}:{array}' is empty or of half precision (shape {item.shape}): export it "
            "as float32."
        )
    chunk = math.prod(item.chunks) * item.dtype.itemsize if item.chunks else 0
    if chunk > formats.MAX_BLOCK_BYTES:
        raise SlideScopeError(
            f"'{path.name}:{array}' is stored in chunks of {chunk / 1e9:.1f} GB: over "
            f"{formats.MAX_BLOCK_BYTES / 1e9:.1f} GB is refused; rewrite it in smaller ones."
        )
    if item.nbytes > archives.SUSPICIOUS_BYTES and item.nbytes > MOST_TIMES * path.stat().st_size:
        raise SlideScopeError(
            f"'{path.name}:{array}' declares {item.nbytes / 1e9:.1f} GB, over {MOST_TIMES} times "
            "what is stored: files like this are refused; export the array as GeoTIFF."
        )
    if item.nbytes > formats.MAX_DECLARED_BYTES:
        raise SlideScopeError(
            f"'{path.name}:{array}' declares {item.nbytes / 1e9:.0f} GB: over "
            f"{formats.MAX_DECLARED_BYTES / 1e9:.0f} GB is refused; cut it to the area."
        )
