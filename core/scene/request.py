"""What somebody asks to import, before any file is opened."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import SlideScopeError
from core.scene import formats, guard, overrides
from core.scene.overrides import Override

_PARTED = re.compile(
    rf"(?P<file>.*?(?:{'|'.join(map(re.escape, formats.PARTED))})):(?P<rest>.+)", re.IGNORECASE
)


@dataclass(frozen=True)
class Source:
    """A file of a factor. `band`: its number from 1, None for the only one; of a vector file the
    name of the attribute with the class, of a table the column, None to choose it by name. `part`:
    the variable of a NetCDF or HDF5 file, the member of a zip archive, None for the only one."""

    path: str
    band: int | str | None = None
    part: str | None = None

    def __str__(self) -> str:
        name = Path(self.path).name + (f":{self.part}" if self.part else "")
        if self.band is None:
            return name
        if isinstance(self.band, int):
            return f"{name} (band {self.band})"
        return f"{name} ({'column' if guard.is_points(self.path) else 'attribute'} {self.band})"


@dataclass(frozen=True)
class ImportRequest:
    """`factors`: name -> files, later ones fill the gaps of earlier ones. `resolution` in metres,
    `like` a raster whose grid is taken over, `tiles` the tile size of a tile scene;
    `overrides` what the user decides otherwise than a factor's files say; `added` the factors to
    be derived beyond slope, aspect and curvature."""

    name: str
    factors: dict[str, tuple[Source, ...]]
    categorical: frozenset[str] = frozenset()
    inventory: Source | None = None
    resolution: float | None = None
    like: str | None = None
    tiles: int | None = None
    replace: bool = False
    overrides: dict[str, Override] = field(default_factory=dict)
    added: tuple[str, ...] = ()


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
    if Path(text).is_file():
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
    if Path(text).is_file():
        return (Source(text),)
    return tuple(parse_source(part.strip()) for part in text.split(",") if part.strip())


def parse_factor(text: str) -> tuple[str, tuple[Source, ...]]:
    """Read NAME=FILE[:BAND][,FILE...].

    >>> parse_factor("red=rgb.tif:1")
    ('red', (Source(path='rgb.tif', band=1, part=None),))
    """
    name, equals, files = text.partition("=")
    sources = parse_sources(files)
    if not equals or not sources:
        raise SlideScopeError(
            f"'{text}' does not name a factor and its file: write NAME=FILE or NAME=FILE:BAND."
        )
    return check_factor_name(name.strip()), sources


def to_argv(request: ImportRequest) -> list[str]:
    """The command line that asks for the same, as a page starts it.

    >>> red = (Source("rgb.tif", 1),)
    >>> to_argv(ImportRequest("valley", {"red": red}, resolution=10.0))
    ['import', 'valley', '--factor=red=rgb.tif:1', '--resolution=10.0']
    """
    argv = ["import", request.name]
    for name, sources in request.factors.items():
        argv.append(f"--factor={name}=" + ",".join(_typed(source) for source in sources))
    argv += [f"--categorical={name}" for name in sorted(request.categorical)]
    if request.inventory:
        argv.append(f"--inventory={_typed(request.inventory)}")
    for option in ("resolution", "like", "tiles"):
        if getattr(request, option) is not None:
            argv.append(f"--{option}={getattr(request, option)}")
    argv += overrides.to_argv(request.overrides)
    argv += [f"--add={name}" for name in request.added]
    return argv + ["--replace"] * request.replace


def _typed(source: Source) -> str:
    return ":".join(str(v) for v in (source.path, source.part, source.band) if v is not None)


def check_factor_name(name: str) -> str:
    """Return `name` if it can name a factor: letters, digits and underscores, a letter first."""
    if not (name.isidentifier() and len(name) <= 40):
        raise SlideScopeError(
            f"Invalid factor name '{name}': a name has letters, digits and '_', starts with a "
            "letter and has at most 40 characters; choose another."
        )
    return name


def check_request(request: ImportRequest) -> None:
    """Refuse what contradicts itself, before any file is opened."""
    if not request.factors:
        raise SlideScopeError(
            "No factor given: a scene needs at least one raster; add one, for example "
            "--elevation dem.tif."
        )
    unknown = sorted(request.categorical - set(request.factors))
    if unknown:
        raise SlideScopeError(
            f"--categorical names '{unknown[0]}', which is no factor of this import "
            f"({', '.join(request.factors)}): name one of them."
        )
    unused = sorted(set(request.overrides) - set(request.factors))
    if unused:
        raise SlideScopeError(
            f"An option is given for '{unused[0]}', which is no factor of this import "
            f"({', '.join(request.factors)}): name one of them."
        )
    if request.resolution is not None and not 0 < request.resolution < 1e6:
        raise SlideScopeError(
            f"Resolution {request.resolution:g} m is out of range: give metres above 0."
        )
    if request.resolution and request.like:
        raise SlideScopeError(
            "--resolution and --like contradict each other: a grid has one origin of its pixel "
            "size; give one of them."
        )
    if request.tiles and (request.resolution or request.like):
        raise SlideScopeError(
            "--tiles with --resolution or --like: a tile scene keeps the pixels of its files; "
            "leave the other option out."
        )
    if request.tiles is not None and not 16 <= request.tiles <= 1024:
        raise SlideScopeError(
            f"Tile size {request.tiles} is out of range: tiles have 16 to 1024 pixels a side."
        )
