"""The name of a file as a user types it: FILE[:PART][:BAND]."""

import glob
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import formats, guard

_PARTED = re.compile(
    rf"(?P<file>.*?(?:{'|'.join(map(re.escape, formats.PARTED))})):(?P<rest>.+)", re.IGNORECASE
)


@dataclass(frozen=True)
class Source:
    """A file of a factor. `band`: its number from 1, None for the only one; of a vector file the
    name of the attribute with the class, of a table the column, None to choose it by name. `part`:
    the variable of a NetCDF or HDF5 file, the member of a zip archive, None for the only one.
    `crs`: a coordinate reference system that is decided on, whatever the file says."""

    path: str
    band: int | str | None = None
    part: str | None = None
    crs: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        name = Path(self.path).name + (f":{self.part}" if self.part else "")
        if self.band is None:
            return name
        if isinstance(self.band, int):
            return f"{name} (band {self.band})"
        return f"{name} ({'column' if guard.is_points(self.path) else 'attribute'} {self.band})"


def _is_file(text: str) -> bool:
    """False also for what can be no name here; whoever opens it says so."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def parse_source(text: str) -> Source:
    """Read FILE[:PART][:BAND]; a file of that very name wins.

    >>> parse_source("rgb.tif:2")
    Source(path='rgb.tif', band=2, part=None)
    >>> parse_source("C:/data/dem.tif").path
    'C:/data/dem.tif'
    >>> parse_source("rocks.gpkg:unit").band
    'unit'
    >>> parse_source("C:/rain.nc:daily:3")
    Source(path='C:/rain.nc', band=3, part='daily')
    >>> parse_source("maps.zip:old/rocks.shp:unit")
    Source(path='maps.zip', band='unit', part='old/rocks.shp')
    """
    if _is_file(text):
        return Source(text)
    parted = _PARTED.fullmatch(text)
    if parted:
        return _parted(parted["file"], parted["rest"])
    head, colon, tail = text.rpartition(":")
    if colon and tail.isdigit():
        return Source(head, int(tail))
    if colon and (guard.is_points(head) or (guard.is_vector(head) and tail.isidentifier())):
        return Source(head, tail)
    return Source(text)


def _parted(path: str, rest: str) -> Source:
    """PART, BAND, PART:BAND; of an archive also ATTRIBUTE and MEMBER:ATTRIBUTE."""
    head, _, tail = rest.rpartition(":")
    if tail.isdigit():
        return Source(path, int(tail), head or None)
    if path.lower().endswith(formats.ARCHIVES) and tail.isidentifier():
        return Source(path, tail, head or None)
    return Source(path, None, rest)


def parse_sources(text: str) -> tuple[Source, ...]:
    """Read FILE[:BAND][,FILE...].

    >>> [s.path for s in parse_sources("a.tif,b.tif:2")]
    ['a.tif', 'b.tif']
    """
    if _is_file(text):
        return (Source(text),)
    return tuple(parse_source(part.strip()) for part in text.split(",") if part.strip())


def typed(source: Source) -> str:
    """What `parse_source` reads back."""
    return ":".join(str(v) for v in (source.path, source.part, source.band) if v is not None)


MAX_FILES = 200
# Band of a Sentinel-2 product (a .SAFE folder) -> what its file's name ends with, finest first.
SENTINEL = {"blue": "B02", "green": "B03", "red": "B04", "nir": "B08"}
_RASTERS = (*formats.RASTER_DRIVERS, *formats.CONTAINERS, *formats.ARCHIVES)


def expand(name: str, sources: Iterable[Source]) -> tuple[Source, ...]:
    """Put the files that folders and patterns stand for in their place, in order of name."""
    return tuple(found for source in sources for found in _files(name, source))


def _files(name: str, source: Source) -> list[Source]:
    path = guard.named(source.path)
    if path.is_dir():
        found = _in_product(name, path) if path.suffix.upper() == ".SAFE" else _in_folder(path)
    elif glob.has_magic(source.path) and not path.is_file():
        hits = (Path(p) for p in glob.iglob(str(path), recursive=True))
        found = sorted(p for p in hits if p.is_file() and formats.suffix(p) in formats.KNOWN)
    else:
        return [source]
    if not found:
        raise SlideScopeError(
            f"'{source.path}' stands for no file that SlideScope reads as {name}: check the folder "
            "or pattern, or name the files separated by commas."
        )
    if len(found) > MAX_FILES:
        raise SlideScopeError(
            f"'{source.path}' stands for {len(found)} files: a factor is put together from at most "
            f"{MAX_FILES}; give a narrower pattern."
        )
    return [replace(source, path=str(p)) for p in found]


def _in_folder(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if formats.suffix(p) in _RASTERS and p.is_file())


def _in_product(name: str, folder: Path) -> list[Path]:
    """The band of a Level-2A (10 m if there is one) or Level-1C product."""
    band = SENTINEL.get(name)
    if band is None:
        raise SlideScopeError(
            f"'{folder.name}' is a Sentinel-2 product: it gives {', '.join(SENTINEL)} by itself; "
            f"for {name} name the band's file in its IMG_DATA folder."
        )
    for ending in (f"*_{band}_10m.jp2", f"*_{band}.jp2", f"*_{band}_20m.jp2"):
        found = sorted(folder.glob(f"GRANULE/*/IMG_DATA/**/{ending}"))
        if found:
            return found
    return []
