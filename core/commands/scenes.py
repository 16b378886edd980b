"""`import` and `scenes`: from files to a stored scene, and what is stored."""

import argparse
import time

from core import paths
from core.errors import SlideScopeError
from core.factors import EXTRA, FACTORS
from core.jobs.report import Report, part
from core.maps import display
from core.scene import alignment, overrides, planning, store
from core.scene.importing import import_scene
from core.scene.insar import orbit
from core.scene.insar.orbit import EXAMPLE
from core.scene.patterns import expand
from core.scene.request import ImportRequest, parse_factor, parse_source, parse_sources


def add_import(commands) -> None:
    sub = commands.add_parser("import", help="put factor rasters on one grid and store the scene")
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
    sub.add_argument(
        "--add", action="append", default=[], metavar="NAME[,NAME...]", help=", ".join(EXTRA)
    )
    words = f"geometry of the deformation rate, as {EXAMPLE}; angles may be rasters"
    sub.add_argument("--orbit", metavar="GEOMETRY", help=words)
    sub.add_argument("--second", metavar="FILE", help="a deformation rate from another orbit")
    sub.add_argument("--second-orbit", metavar="GEOMETRY", help="the geometry of --second")
    sub.add_argument("--replace", action="store_true", help="write over a scene of that name")
    sub.add_argument("--dry-run", action="store_true", help="say what would be done and stop")
    sub.set_defaults(
        run=run_import,
        show=show_import,
        job_kind="import",
        job_title=lambda args: f"Import {args.name}",
    )


def add_scenes(commands) -> None:
    sub = commands.add_parser("scenes", help="list the stored scenes")
    sub.set_defaults(run=run_scenes, show=show_scenes)


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


def run_import(args: argparse.Namespace, report: Report) -> dict:
    request = request_of(args)
    if args.dry_run:
        report("looking at the files", 0.0)
        made = planning.plan(request)
        report("sampling the files", 0.5)
        table = {"report": alignment.rows(made), "seams": alignment.seam_rows(made)}
        return planning.to_json(made) | table
    started = time.monotonic()
    scene = store_scene(request, report)
    return describe(scene) | {"seconds": round(time.monotonic() - started, 1)}


def store_scene(request: ImportRequest, report: Report) -> store.Scene:
    """Import what is asked for and prepare its map layers; both are there, or neither."""
    with store.create(request.name, request.replace) as folder:
        scene = import_scene(request, folder, part(report, 0.0, 0.8))
        display.prepare_scene(scene, part(report, 0.8, 1.0))
    return scene


def describe(scene: store.Scene) -> dict:
    """The object that `import --json` prints."""
    grid, inventory = scene.grid, scene.inventory or {}
    return {
        "scene": scene.name,
        "kind": scene.kind,
        "width": grid.width,
        "height": grid.height,
        "crs": grid.crs,
        "resolution": grid.resolution[0],
        "tile": scene.tile,
        "factors": list(scene.factor_names),
        "details": [
            {
                "factor": f.name,
                "kind": f.kind,
                "unit": f.unit,
                "source": f.source,
                "valid_share": f.valid_share,
                "minimum": f.minimum,
                "maximum": f.maximum,
                "classes": len(f.legend) if f.legend else None,
            }
            for f in scene.factors
        ],
        "landslide_share": scene.landslide_share,
        "landslides": inventory.get("polygons"),
        "polygons_without_pixel": inventory.get("polygons_without_pixel"),
        "synthetic": scene.synthetic,
        "fingerprint": scene.fingerprint,
        "notes": list(scene.notes),
    }


def show_import(result: dict) -> None:
    word = "would be" if result.get("dry_run") else "is"
    print(f"Scene '{result['scene']}' {word} {result['width']} x {result['height']} pixels.")
    for line in result.get("plan", ()):
        print(f"  {line['factor']:<14}{line['source']}: {line['done']}")
    for line in result.get("report", ()):
        _show_input(line)
    for line in result.get("details", ()):
        valid = f"{100 * line['valid_share']:.1f} % valid"
        print(f"  {line['factor']:<14}{valid:<16}{line['source']}")
    if result.get("landslide_share") is not None:
        share = f"{100 * result['landslide_share']:.2f} % of the area"
        print(f"  Landslides: {result['landslides']}, {share}.")
    for note in result["notes"]:
        print(f"  {note}")


def _show_input(row: dict) -> None:
    """A few lines about one input of a dry run."""
    where = f"{row['crs'] or 'no coordinate reference system'}, {row['overlap']:.0%} of the grid"
    print(f"  {row['factor']:<14}{row['path']}: {where}")
    if row.get("minimum") is not None:
        span = f"{row['minimum']:.5g} to {row['maximum']:.5g}"
        span += f" {row['unit']}, file in {row['file_unit']} ({row['unit_from']})" * bool(
            row["unit"]
        )
        gaps = f"{row['nodata_share']:.1%} no data"
        print(f"  {'':<14}{row['dtype']}, {span}, {gaps}; {row['kernel']}; {row['fill']}")
    for sentence in row["suspicious"]:
        print(f"  {'':<14}! {sentence}")


def run_scenes(args: argparse.Namespace, report: Report) -> dict:
    scenes = [store.load(name) for name in store.names()]
    return {"scenes": [_line(scene) for scene in scenes]}


def _line(scene: store.Scene) -> dict:
    keys = ("scene", "kind", "width", "height", "crs", "factors", "landslide_share", "synthetic")
    described = describe(scene)
    return {key: described[key] for key in keys} | {"created": scene.created}


def show_scenes(result: dict) -> None:
    for line in result["scenes"]:
        made_up = ", synthetic" if line["synthetic"] else ""
        size = f"{line['width']} x {line['height']}"
        print(f"{line['scene']:<20}{size:<14}{', '.join(line['factors'])}{made_up}")
    if not result["scenes"]:
        print("No scene yet: import one with `python -m core import --help`.")
