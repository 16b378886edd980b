"""What somebody asks to import, before any file is opened."""

from dataclasses import dataclass, field

from core import paths
from core.errors import SlideScopeError
from core.scene.files.source import Source, parse_source, parse_sources, typed
from core.scene.insar.orbit import Orbit
from core.scene.plan import overrides
from core.scene.plan.override_checks import check
from core.scene.plan.overrides import INVENTORY, SECOND, Override

__all__ = ["ImportRequest", "Source", "parse_factor", "parse_source", "parse_sources"]


@dataclass(frozen=True)
class ImportRequest:
    """`factors`: name -> files, later ones fill the gaps of earlier ones. `resolution` in metres,
    `like` a raster whose grid is taken over, `tiles` the tile size of a tile scene;
    `overrides` what the user decides otherwise than a factor's files say; `added` the factors to
    be derived beyond slope, aspect and curvature; `orbit` the geometry of the deformation rate,
    `second` a rate from another orbit and its geometry."""

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
    orbit: Orbit | None = None
    second: Source | None = None
    second_orbit: Orbit | None = None


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
        argv.append(f"--factor={name}=" + ",".join(typed(source) for source in sources))
    argv += [f"--categorical={name}" for name in sorted(request.categorical)]
    if request.inventory:
        argv.append(f"--inventory={typed(request.inventory)}")
    for option in ("resolution", "like", "tiles"):
        if getattr(request, option) is not None:
            argv.append(f"--{option}={getattr(request, option)}")
    argv += overrides.to_argv(request.overrides)
    argv += [f"--add={name}" for name in request.added]
    for option in ("orbit", "second_orbit"):
        if getattr(request, option):
            argv.append(f"--{option.replace('_', '-')}={getattr(request, option)}")
    if request.second:
        argv.append(f"--second={typed(request.second)}")
    return argv + ["--replace"] * request.replace


def tiles_to_argv(name: str, folder: str, bands: tuple[str, ...], replace: bool) -> list[str]:
    """The command line that imports a folder of tiles.

    >>> tiles_to_argv("l4s", "/data/l4s", ("red", "nir"), False)
    ['import', 'l4s', '--tile-folder=/data/l4s', '--bands=red,nir']
    """
    argv = ["import", paths.check_name(name), f"--tile-folder={folder}"]
    return argv + [f"--bands={','.join(bands)}"] * bool(bands) + ["--replace"] * replace


def files_of(request: ImportRequest) -> dict[str, int]:
    """How many files there are of each thing that options can be given for."""
    found = {name: len(sources) for name, sources in request.factors.items()}
    extra = {INVENTORY: request.inventory, SECOND: request.second}
    return found | {name: 1 for name, source in extra.items() if source}


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
    check(request.overrides, files_of(request))
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
