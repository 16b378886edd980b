"""`import`: from files to a stored scene."""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from core.commands.import_options import add_options, request_of
from core.commands.scene_list import describe
from core.errors import SlideScopeError
from core.jobs.report import Report, part
from core.maps import display
from core.scene import store
from core.scene.files import tile_folder
from core.scene.importing import import_scene
from core.scene.plan import dry_run, planning
from core.scene.plan.request import ImportRequest


def add_import(commands) -> None:
    sub = commands.add_parser("import", help="put factor rasters on one grid and store the scene")
    add_options(sub)
    sub.set_defaults(
        run=run_import,
        show=show_import,
        job_kind="import",
        job_title=lambda args: f"Import {args.name}",
    )


def run_import(args: argparse.Namespace, report: Report) -> dict:
    if args.tile_folder:
        return _import_tiles(args, report)
    request = request_of(args)
    if args.dry_run:
        report("looking at the files", 0.0)
        made = planning.plan(request)
        report("sampling the files", 0.5)
        return dry_run.report(made)
    started = time.monotonic()
    scene = store_scene(request, report)
    return describe(scene) | {"seconds": round(time.monotonic() - started, 1)}


def _import_tiles(args: argparse.Namespace, report: Report) -> dict:
    """Write a folder of tiles as strips, then import these."""
    names = [n.strip() for n in (args.bands or "").split(",") if n.strip()]
    found = tile_folder.find(args.tile_folder, names)
    request = request_of(args)
    if request.factors or request.inventory or request.tiles:
        raise SlideScopeError(
            "--tile-folder brings its own factors and masks: leave --factor, --inventory and "
            "--tiles out."
        )
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tiles-") as folder:
        # Bands are named in the scene by the folder that they came from.
        label = Path(args.tile_folder).resolve().name
        factors, masks = tile_folder.write(found, Path(folder), label, part(report, 0.0, 0.4))
        asked = replace(request, factors=factors, inventory=masks, tiles=found.tile)
        if args.dry_run:
            return dry_run.to_json(planning.plan(asked))
        scene = store_scene(asked, part(report, 0.4, 1.0))
    return describe(scene) | {"seconds": round(time.monotonic() - started, 1)}


def store_scene(request: ImportRequest, report: Report) -> store.Scene:
    """Import what is asked for and prepare its map layers; both are there, or neither."""
    with store.create(request.name, request.replace) as folder:
        scene = import_scene(request, folder, part(report, 0.0, 0.8))
        display.prepare_scene(scene, part(report, 0.8, 1.0))
    return scene


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
