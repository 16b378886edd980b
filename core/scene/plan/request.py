"""What somebody asks to import, before any file is opened."""

import argparse
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, replace
from typing import ClassVar

from core import paths
from core.access import ADMIN, EDITOR, VIEWER
from core.cluster import place
from core.errors import SlideScopeError
from core.factors import (
    DEFORMATION,
    DISTANCE,
    EXTRA,
    FACTORS,
    FROM_ORBIT,
    FROM_TWO_ORBITS,
    LITHOLOGY,
)
from core.request import OwnWords, Request, names, names_of, option
from core.scene.files import guard
from core.scene.files.source import Source, parse_source, parse_sources, together, typed
from core.scene.files.tile_layout import SIZES
from core.scene.insar.orbit import EXAMPLE, Orbit
from core.scene.insar.orbit import parse as parse_orbit
from core.scene.plan import overrides
from core.scene.plan.override import OPTIONS, Override, usage
from core.scene.plan.overrides import INVENTORY, SECOND, check
from core.scene.plan.units import HEADING, INCIDENCE
from core.scene.sbas.settings import SbasSettings


def _add_factors(sub: argparse.ArgumentParser) -> None:
    words = "a factor and its files; later files fill the gaps of earlier ones"
    named = "NAME=FILE[:BAND][,FILE...]"
    sub.add_argument("--factor", action="append", default=[], metavar=named, help=words)
    for known in FACTORS:
        words = f"the same as --factor {known}=FILE"
        sub.add_argument(f"--{known}", metavar="FILE", help=words)


def _read_factors(args: argparse.Namespace) -> dict[str, tuple[Source, ...]]:
    from core.scene.files.source import expand

    pairs = [parse_factor(text) for text in args.factor]
    short = {name: getattr(args, name) for name in FACTORS}
    # As --factor would have it: one way of reading, one of refusing.
    pairs += [parse_factor(f"{name}={text}") for name, text in short.items() if text is not None]
    factors: dict[str, tuple[Source, ...]] = {}
    for name, sources in pairs:
        if name in factors:
            raise SlideScopeError(
                f"Factor '{name}' is given twice: write all of its files in one option, separated "
                "by commas."
            )
        factors[name] = sources if _are_pairs(name, sources) else expand(name, sources)
    return factors


def _are_pairs(name: str, sources: tuple[Source, ...]) -> bool:
    """Whether a deformation rate is given as interferograms: their folder stays one thing."""
    if name != DEFORMATION:
        return False
    from core.scene.interferograms.finding import is_stack

    return is_stack(sources)


def _write_factors(factors: Mapping[str, tuple[Source, ...]]) -> list[str]:
    """
    >>> _write_factors({"red": (Source("rgb.tif", 1),)})
    ['--factor=red=rgb.tif:1']
    """
    return [f"--factor={name}={','.join(map(typed, found))}" for name, found in factors.items()]


def _add_distances(sub: argparse.ArgumentParser) -> None:
    words = "a factor of metres to the nearest line, polygon or point of a layer"
    named = "NAME=FILE[,FILE...]"
    sub.add_argument("--distance-to", action="append", default=[], metavar=named, help=words)


def _read_distances(args: argparse.Namespace) -> dict[str, tuple[Source, ...]]:
    from core.scene.files.source import expand

    found: dict[str, tuple[Source, ...]] = {}
    for text in args.distance_to:
        name, sources = parse_factor(text)
        if name in found:
            raise SlideScopeError(
                f"--distance-to {name} is given twice: write all of its files in one option, "
                "separated by commas."
            )
        found[name] = expand(name, sources)
    return found


def _write_distances(found: Mapping[str, tuple[Source, ...]]) -> list[str]:
    """
    >>> _write_distances({"faults": (Source("faults.shp"),)})
    ['--distance-to=faults=faults.shp']
    """
    return [f"--distance-to={name}={','.join(map(typed, each))}" for name, each in found.items()]


def _add_overrides(sub: argparse.ArgumentParser) -> None:
    for name, each in OPTIONS.items():
        alone = name == "landslide_value"
        shown = each.metavar if alone else "NAME=VALUE"
        said = each.words if alone else usage(name)
        sub.add_argument(each.switch, action="append", default=[], metavar=shown, help=said)


def _read_overrides(args: argparse.Namespace) -> dict[str, Override]:
    found = overrides.parse({name: getattr(args, name) for name in OPTIONS})
    if "" in found:
        only = _only_table(args)
        found[only] = replace(found.get(only, Override()), columns=found.pop("").columns)
    return found


def _only_table(args: argparse.Namespace) -> str:
    """The one thing that a table is given for."""
    named = {name: sources[0] for name, sources in _read_factors(args).items()}
    for name in (INVENTORY, "inventory_points", SECOND):
        text = getattr(args, name, None)
        if text and text.strip(" ,"):
            named[INVENTORY if name != SECOND else SECOND] = parse_sources(text)[0]
    tables = [name for name, source in named.items() if guard.is_points(source.leaf)]
    if len(tables) != 1:
        what = f"there are {', '.join(tables)}" if tables else "no table of points is given"
        raise SlideScopeError(
            f"--columns names no factor, and {what}: write --columns NAME=lon=COLUMN,lat=COLUMN."
        )
    return tables[0]


def _add_added(sub: argparse.ArgumentParser) -> None:
    named = "NAME[,NAME...]"
    sub.add_argument("--add", action="append", default=[], metavar=named, help=", ".join(EXTRA))


def _read_added(args: argparse.Namespace) -> tuple[str, ...]:
    return tuple(name for text in args.add for name in names_of(text))


def _write_added(names: tuple[str, ...]) -> list[str]:
    return [f"--add={name}" for name in names]


def _read_inventory(text: str) -> Source:
    return together(INVENTORY, text)


@dataclass(frozen=True)
class GridChoice:
    """How the grid is chosen; all None: by the elevation raster."""

    resolution: float | None = None
    like: str | None = None
    tiles: int | None = None


@dataclass(frozen=True)
class ImportRequest(SbasSettings, Request):
    """`factors`: name -> files, later ones fill the gaps of earlier ones; `overrides` what the user
    decides otherwise than a factor's files say; `orbit` the geometry of the deformation rate,
    `second` a rate from another orbit and its geometry. A `tile_folder` brings its own factors and
    masks."""

    ACTION: ClassVar[str] = "import"
    KIND: ClassVar[str] = "import"

    name: str = option(
        "name of the scene", MISSING, title="Name of the scene", place=True, metavar="NAME"
    )
    factors: dict[str, tuple[Source, ...]] = option(
        "NAME=FILE[:BAND][,FILE...], a factor and its files; --slope FILE and the like for short",
        dict,
        flag="--factor",
        own=OwnWords(_add_factors, _read_factors, _write_factors),
    )
    categorical: frozenset[str] = option(
        "this factor holds class codes (lithology always does)",
        frozenset(),
        title="Classes",
        metavar="NAME",
    )
    continuous: frozenset[str] = option(
        "this factor holds measurements, whatever its name and values look like",
        frozenset(),
        title="Measured",
        page="Measurements, even where name or values look like classes.",
        metavar="NAME",
    )
    inventory: Source | None = option(
        "landslide polygons, of several files or a folder too, or a mask raster",
        read=_read_inventory,
        write=typed,
        metavar="FILE[,FILE...]",
    )
    inventory_points: Source | None = option(
        "landslides as points, for statistics alone: each marks its pixel",
        read=_read_inventory,
        write=typed,
        metavar="FILE[,FILE...]",
    )
    distances: dict[str, tuple[Source, ...]] = option(
        "NAME=FILE[,FILE...], a factor of metres to the nearest line, polygon or point of a layer, "
        "such as faults=faults.shp",
        dict,
        flag="--distance-to",
        own=OwnWords(_add_distances, _read_distances, _write_distances),
    )
    resolution: float | None = option(
        "pixel size in metres", title="Pixel size", unit="m", least=0.001, most=1e6, metavar="M"
    )
    like: str | None = option("take the grid of this raster", title="File", metavar="FILE")
    tiles: int | None = option(
        "independent tiles of this size, one below another; a tile folder's pictures are cut",
        title="Side of tiles, pixels",
        hint="as they are",
        unit="px",
        least=SIZES[0],
        most=SIZES[1],
        metavar="PX",
    )
    replace: bool = option("write over a scene of that name", False, title="Write over the scene")
    overrides: dict[str, Override] = option(
        "NAME=VALUE, what is decided otherwise than the files say",
        dict,
        flag=", ".join(each.switch for each in OPTIONS.values()),
        own=OwnWords(_add_overrides, _read_overrides, overrides.to_argv),
    )
    added: tuple[str, ...] = option(
        f"also derive {', '.join(EXTRA)}",
        (),
        flag="--add",
        own=OwnWords(_add_added, _read_added, _write_added),
    )
    orbit: Orbit | None = option(
        f"geometry of the deformation rate, as {EXAMPLE}; angles may be rasters",
        read=parse_orbit,
        metavar="GEOMETRY",
    )
    second: Source | None = option(
        "a deformation rate from another orbit",
        title="Its deformation rate",
        hint="one of the files above, left out there",
        read=parse_source,
        write=typed,
        metavar="FILE",
    )
    second_orbit: Orbit | None = option(
        "the geometry of --second", read=parse_orbit, metavar="GEOMETRY"
    )
    wavelength: float | None = option(
        "of the radar, where interferograms do not say it (Sentinel-1: 0.0555)",
        title="Wavelength",
        hint="as found",
        unit="m",
        least=0.001,
        most=1.0,
        metavar="M",
    )
    dry_run: bool = option("say what would be done and stop", False)
    tile_folder: str | None = option(
        "a folder with images/ and masks/: a tile scene", metavar="DIR"
    )
    bands: tuple[str, ...] = names(
        "names of the bands of a tile folder's images",
        title="Names of the bands",
        page="Separated by commas, in the order of the images' bands.",
        hint="as usual: Landslide4Sense's fourteen, or red, green, blue, nir",
        metavar="NAME,...",
    )
    on: str = place.on()

    def __post_init__(self) -> None:
        super().__post_init__()
        paths.check_name(self.name)

    @property
    def needs(self) -> str:
        if self.dry_run:
            return VIEWER
        return ADMIN if self.replace else EDITOR

    @property
    def title(self) -> str:
        return f"Import {self.name}"

    @property
    def grid(self) -> GridChoice:
        return GridChoice(self.resolution, self.like, self.tiles)


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


def angles_of(orbit: Orbit | None) -> dict[str, float | Source]:
    """The angles of an orbit by the names that options have for them."""
    return {INCIDENCE: orbit.incidence, HEADING: orbit.heading} if orbit else {}


def files_of(request: ImportRequest) -> dict[str, int]:
    """How many files there are of each thing that options can be given for."""
    found = {name: len(sources) for name, sources in request.factors.items()}
    found |= {f"{DISTANCE}{name}": len(sources) for name, sources in request.distances.items()}
    extra = {INVENTORY: request.inventory or request.inventory_points, SECOND: request.second}
    for prefix, orbit in (("", request.orbit), (f"{SECOND}_", request.second_orbit)):
        rasters = {n: a for n, a in angles_of(orbit).items() if isinstance(a, Source)}
        extra |= {f"{prefix}{name}": angle for name, angle in rasters.items()}
    return found | {name: len(source.files) for name, source in extra.items() if source}


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
    if request.inventory and request.inventory_points:
        raise SlideScopeError(
            "--inventory and --inventory-points contradict each other: a scene has one inventory, "
            "of areas or of points; leave one out."
        )
    for name in request.distances:
        if check_factor_name(f"{DISTANCE}{name}") in request.factors:
            raise SlideScopeError(
                f"Factor '{DISTANCE}{name}' is given twice: it is a file, or measured from the "
                f"layer of --distance-to {name}; leave one out."
            )
    unknown = sorted(request.categorical - set(request.factors))
    if unknown:
        raise SlideScopeError(
            f"--categorical names '{unknown[0]}', which is no factor of this import "
            f"({', '.join(request.factors)}): name one of them."
        )
    unknown = sorted(request.continuous - set(request.factors))
    if unknown:
        raise SlideScopeError(
            f"--continuous names '{unknown[0]}', which is no factor of this import "
            f"({', '.join(request.factors)}): name one of them."
        )
    both = sorted(request.continuous & (request.categorical | {LITHOLOGY}))
    if both:
        raise SlideScopeError(
            f"--continuous names '{both[0]}', which is categorical: leave one out, or call the "
            "factor something else."
        )
    check(request.overrides, files_of(request))
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
    _check_idle(request)


def _check_idle(request: ImportRequest) -> None:
    """Refuse options that would do nothing, as others are missing."""
    both = set(request.added) & set(FROM_TWO_ORBITS)
    if (request.second or request.second_orbit) and not both:
        raise SlideScopeError(
            "--second would do nothing: a second orbit's rate makes "
            f"{' and '.join(FROM_TWO_ORBITS)}; ask for one with --add {FROM_TWO_ORBITS[1]}, or "
            "leave it out."
        )
    orbit = request.orbit
    if orbit and orbit.positive == "towards" and not both | set(request.added) & set(FROM_ORBIT):
        raise SlideScopeError(
            f"--orbit would do nothing: the radar's geometry makes {', '.join(FROM_ORBIT)}; ask "
            f"for one with --add {FROM_ORBIT[0]}, or leave it out."
        )
    if request.bands and not request.tile_folder:
        raise SlideScopeError(
            "--bands would do nothing: it names the bands of a --tile-folder; name a band of a "
            "file as --factor NAME=FILE:BAND."
        )
