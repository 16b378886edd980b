"""The name of a file as a user types it: FILE[:PART][:BAND]."""

import glob
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import folder, formats, guard
from core.scene.files.guess import INVENTORY


def _parted_by(extensions: Sequence[str]) -> re.Pattern:
    known = "|".join(map(re.escape, extensions))
    return re.compile(rf"(?P<file>.*?(?:{known})):(?P<rest>.+)", re.IGNORECASE)


_NAMED = (*formats.VECTOR_DRIVERS, *formats.POINTS)
_PARTED, _VECTOR = _parted_by(formats.PARTED), _parted_by(_NAMED)


@dataclass(frozen=True)
class Source:
    """A file of a factor. `band`: its number from 1, None for the only one; of a vector file the
    name of the attribute with the class, of a table the column, None to choose it by name. `part`:
    the variable of a NetCDF or HDF5 file, the member of a zip archive, None for the only one.
    `layer` of a vector file with several, `value` the one (or several, by commas) of the attribute
    that is taken. What is decided whatever the file says: `crs`, `shift` of its place
    (`core.scene.files.shifts`), `encoding` of its text, `columns` of a table (role, column),
    `radius` in metres that its points get, 0 for the pixel alone. `more` files are read together
    with this one. `label`: what reports call it where its file was made on the way."""

    path: str
    band: int | str | None = None
    part: str | None = None
    crs: str | None = field(default=None, repr=False)
    shift: tuple[float, ...] | None = field(default=None, repr=False)
    layer: str | None = field(default=None, repr=False)
    value: str | None = field(default=None, repr=False)
    encoding: str | None = field(default=None, repr=False)
    columns: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    radius: float | None = field(default=None, repr=False)
    more: tuple["Source", ...] = field(default=(), repr=False)
    label: str | None = field(default=None, repr=False)

    @property
    def files(self) -> tuple["Source", ...]:
        """Each file on its own, in order."""
        return replace(self, more=()), *self.more

    @property
    def leaf(self) -> str:
        """The name whose extension tells the format: of an archive the member's."""
        return (
            self.part if self.part and self.path.lower().endswith(formats.ARCHIVES) else self.path
        )

    def __str__(self) -> str:
        if self.label:
            return self.label
        if self.more:
            return ", ".join(map(str, self.files))
        words = (Path(self.path).name, self.part, self.layer)
        name = ":".join(word for word in words if word)
        if self.band is None:
            return name
        if isinstance(self.band, int):
            return f"{name} (band {self.band})"
        only = f" = {self.value}" if self.value else ""
        what = "column" if guard.is_points(self.leaf) else "attribute"
        return f"{name} ({what} {self.band}{only})"


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
    >>> found = parse_source("maps.gpkg:slides:class=1")
    >>> found.layer, found.band, found.value
    ('slides', 'class', '1')
    """
    if _is_file(text):
        return Source(text)
    parted = _PARTED.fullmatch(text)
    if parted:
        return _parted(parted["file"], parted["rest"])
    vector = _VECTOR.fullmatch(text)
    if vector:
        return _chosen(Source(vector["file"]), vector["rest"])
    head, colon, tail = text.rpartition(":")
    if colon and tail.isdigit():
        return Source(head, int(tail))
    return Source(text)


def _parted(path: str, rest: str) -> Source:
    """PART, BAND, PART:BAND; of an archive also ATTRIBUTE and MEMBER:ATTRIBUTE."""
    archive = path.lower().endswith(formats.ARCHIVES)
    member = _VECTOR.fullmatch(rest) if archive else None
    if member:
        return _chosen(Source(path, None, member["file"]), member["rest"])
    if archive and formats.suffix(rest) in _NAMED:
        return Source(path, None, rest)
    head, _, tail = rest.rpartition(":")
    if tail.isdigit():
        return Source(path, int(tail), head or None)
    if archive and ("=" in rest or tail.isidentifier()):
        return _chosen(Source(path), rest) if "=" in rest else Source(path, tail, head or None)
    return Source(path, None, rest)


def _chosen(source: Source, rest: str) -> Source:
    """COLUMN of a table; [LAYER:]ATTRIBUTE[=VALUE] of a vector file, where a name alone may be a
    layer's as well: `core.scene.files.layers` looks."""
    if guard.is_points(source.leaf):
        return replace(source, band=rest)
    names, equals, value = rest.partition("=")
    layer, _, attribute = names.rpartition(":")
    return replace(source, band=attribute, layer=layer or None, value=value if equals else None)


def parse_sources(text: str) -> tuple[Source, ...]:
    """Read FILE[:BAND][,FILE...].

    >>> [s.path for s in parse_sources("a.tif,b.tif:2")]
    ['a.tif', 'b.tif']
    """
    if _is_file(text):
        return (Source(text),)
    pieces: list[str] = []
    for piece in text.split(","):
        # FILE:ATTRIBUTE=1,2 has two values, not two files.
        values = pieces and "=" in pieces[-1] and not formats.suffix(piece.split(":")[0])
        if values and not Path(piece).exists():
            pieces[-1] += f",{piece}"
        else:
            pieces.append(piece)
    return tuple(parse_source(piece.strip()) for piece in pieces if piece.strip())


def of_part(path: str, band: int | str | None, part: str | None) -> Source:
    """A file and what was chosen of it: a part, which is a layer in a vector file, and a band,
    attribute or ATTRIBUTE=VALUE.

    >>> of_part("a.gpkg", "class=1", "slides") == parse_source("a.gpkg:slides:class=1")
    True
    """
    layer = part is not None and formats.suffix(path) in formats.VECTOR_DRIVERS
    found = Source(path, band, None if layer else part, layer=part if layer else None)
    if isinstance(band, str) and "=" in band and not guard.is_points(found.leaf):
        attribute, _, value = band.partition("=")
        return replace(found, band=attribute, value=value)
    return found


def typed(source: Source) -> str:
    """What `parse_source` reads back."""
    if source.more:
        return ",".join(map(typed, source.files))
    names = (source.path, source.part, source.layer, source.band)
    text = ":".join(str(v) for v in names if v is not None)
    return text if source.value is None else f"{text}={source.value}"


def together(name: str, text: str) -> Source:
    """Read FILE[,FILE...], folders and patterns among them, as one source of several files."""
    found = expand(name, parse_sources(text))
    if not found or not found[0].path:
        raise SlideScopeError(f"'{text}' names no file of the {name}: give one, or leave it out.")
    return replace(found[0], more=found[1:])


MAX_FILES = 200
# Band of a Sentinel-2 product (a .SAFE folder) -> what its file's name ends with, finest first.
SENTINEL = {"blue": "B02", "green": "B03", "red": "B04", "nir": "B08"}


def expand(name: str, sources: Iterable[Source]) -> tuple[Source, ...]:
    """Put the files that folders and patterns stand for in their place, in order of name."""
    return tuple(found for source in sources for found in _files(name, source))


def _files(name: str, source: Source) -> list[Source]:
    path = guard.named(source.path)
    if path.is_dir() and (formats.is_arcinfo(path) or formats.is_geodatabase(path)):
        return [source]
    if path.is_dir():
        product = path.suffix.upper() == ".SAFE"
        found = _in_product(name, path) if product else folder.inside(name, path)
    elif glob.has_magic(source.path) and not path.is_file():
        hits = (Path(p) for p in glob.iglob(str(path), recursive=True))
        found = folder.readable(p for p in hits if p.is_file())
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
    if name == INVENTORY:
        folder.check_landslides(source.path, found)
    else:
        folder.check_one_quantity(name, source.path, found)
    return [replace(source, path=str(p)) for p in found]


def _in_product(name: str, product: Path) -> list[Path]:
    """The band of a Level-2A (10 m if there is one) or Level-1C product."""
    band = SENTINEL.get(name)
    if band is None:
        raise SlideScopeError(
            f"'{product.name}' is a Sentinel-2 product: it gives {', '.join(SENTINEL)} by itself; "
            f"for {name} name the band's file in its IMG_DATA folder."
        )
    for ending in (f"*_{band}_10m.jp2", f"*_{band}.jp2", f"*_{band}_20m.jp2"):
        found = sorted(product.glob(f"GRANULE/*/IMG_DATA/**/{ending}"))
        if found:
            return found
    return []
