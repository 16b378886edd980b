"""What of a file is opened: the raster itself, a variable of a container, a member of an archive.

This module and `archives` are the only ones that write the names by which GDAL opens parts of
files; what a user types never reaches GDAL as such.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import archives, formats, guard, hdf5, unpacked


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
    suffix = formats.suffix(path)
    if archives.is_archive(path):
        known = tuple(formats.RASTER_DRIVERS)
        found = archives.member(path, part, known, "raster")
        driver = formats.RASTER_DRIVERS[formats.suffix(found)]
        return Opening(path, archives.inside(path, found), driver, found)
    if suffix in formats.CONTAINERS:
        return _variable(path, part, formats.CONTAINERS[suffix])
    if part is not None:
        raise SlideScopeError(
            f"'{path.name}' has no parts, so '{part}' is none of it: give FILE or FILE:BAND."
        )
    _, driver = guard.check_raster(path, folders)
    return Opening(path, str(path), driver)


def parts(text: str | Path, folders: Sequence[Path] | None = None) -> tuple[str | None, ...]:
    """What there is to choose from in a file: names of its parts, or only None."""
    path = guard.check_file(text, folders)
    suffix = formats.suffix(path)
    found: Sequence[str] = ()
    if archives.is_archive(path):
        found = archives.members(path)
    elif suffix in formats.CONTAINERS:
        hdf5.check_links(path)
        found = hdf5.arrays(path) if formats.CONTAINERS[suffix] == "HDF5" else _variables(path)
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
    hdf5.check_links(path)
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
    if alone and not known and _chosen(part, hdf5.arrays(path)):
        return Opening(path, str(path), driver, part)
    raise archives.choose(path, part, known or hdf5.arrays(path) or [path.stem])


def _array(path: Path, part: str | None) -> Opening:
    """An HDF5 array, as a GeoTIFF that h5py has read it into."""
    known = hdf5.arrays(path)
    chosen = _chosen(part, known)
    if chosen:
        copy = unpacked.geotiff(path, chosen)
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
