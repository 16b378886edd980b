"""The options of `import`, and the request they make."""

import argparse

from core import paths
from core.errors import SlideScopeError
from core.factors import EXTRA, FACTORS
from core.scene.files.patterns import expand
from core.scene.insar import orbit
from core.scene.plan import overrides
from core.scene.plan.request import ImportRequest, parse_factor, parse_source, parse_sources


def add_options(sub: argparse.ArgumentParser) -> None:
    """Add all options of `import` to its parser."""
    sub.add_argument("name", metavar="NAME", help="name of the scene")
    sub.add_argument(
        "--factor",
        action="append",
        default=[],
        metavar="NAME=FILE[:BAND][,FILE...]",
        help="a factor and its files; later files fill the gaps of earlier ones",
    )
    for known in FACTORS.values():
        sub.add_argument(
            f"--{known.name}", metavar="FILE", help=f"the same as --factor {known.name}=FILE"
        )
    sub.add_argument(
        "--categorical",
        action="append",
        default=[],
        metavar="NAME",
        help="this factor holds class codes (lithology always does)",
    )
    sub.add_argument("--inventory", metavar="FILE", help="landslide polygons, or a mask raster")
    sub.add_argument("--resolution", type=float, metavar="M", help="pixel size in metres")
    sub.add_argument("--like", metavar="FILE", help="take the grid of this raster")
    sub.add_argument(
        "--tiles", type=int, metavar="PX", help="independent tiles of this size, one below another"
    )
    for option, words in overrides.OPTIONS.items():
        sub.add_argument(
            f"--{option}", action="append", default=[], metavar="NAME=VALUE", help=words
        )
    _add_derived(sub)
    sub.add_argument("--replace", action="store_true", help="write over a scene of that name")
    sub.add_argument("--dry-run", action="store_true", help="say what would be done and stop")
    sub.add_argument(
        "--tile-folder", metavar="DIR", help="a folder with images/ and masks/: a tile scene"
    )
    sub.add_argument(
        "--bands", metavar="NAME,...", help="names of the bands of a tile folder's images"
    )


def _add_derived(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--add", action="append", default=[], metavar="NAME[,NAME...]", help=", ".join(EXTRA)
    )
    words = f"geometry of the deformation rate, as {orbit.EXAMPLE}; angles may be rasters"
    sub.add_argument("--orbit", metavar="GEOMETRY", help=words)
    sub.add_argument("--second", metavar="FILE", help="a deformation rate from another orbit")
    sub.add_argument("--second-orbit", metavar="GEOMETRY", help="the geometry of --second")


def request_of(args: argparse.Namespace) -> ImportRequest:
    """Read the command line's options into a request."""
    pairs = [parse_factor(text) for text in args.factor]
    short = {name: getattr(args, name) for name in FACTORS}
    pairs += [(name, parse_sources(text)) for name, text in short.items() if text]
    factors = {}
    for name, sources in pairs:
        if name in factors:
            raise SlideScopeError(
                f"Factor '{name}' is given twice: write all of its files in one option, separated "
                "by commas."
            )
        factors[name] = expand(name, sources)
    return ImportRequest(
        name=paths.check_name(args.name),
        factors=factors,
        categorical=frozenset(args.categorical),
        inventory=parse_source(args.inventory) if args.inventory else None,
        resolution=args.resolution,
        like=args.like,
        tiles=args.tiles,
        replace=args.replace,
        added=tuple(n.strip() for text in args.add for n in text.split(",") if n.strip()),
        orbit=orbit.parse(args.orbit) if args.orbit else None,
        second=parse_source(args.second) if args.second else None,
        second_orbit=orbit.parse(args.second_orbit) if args.second_orbit else None,
        overrides=overrides.parse({name: getattr(args, name) for name in overrides.OPTIONS}),
    )
