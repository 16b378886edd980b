"""`export`: a predicted map as files for a GIS, and a report."""

import argparse
from pathlib import Path

from core.jobs.report import Report
from core.runs import store as runs
from core.runs.truth import scene_of


def add_export(commands) -> None:
    sub = commands.add_parser("export", help="COG, GeoPackage, QGIS project and report of a map")
    sub.add_argument("run_id", metavar="RUN")
    sub.add_argument("--out", metavar="DIR", required=True, help="a new or empty folder")
    sub.add_argument("--scene", help="a predicted scene (default: the one it is tested on)")
    sub.add_argument("--threshold", type=float, default=0.5, help="of mask and polygons (0.5)")
    title = {"job_title": lambda args: f"Export {args.run_id}"}
    sub.set_defaults(run=export, show=show_export, job_kind="export", **title)


def export(args: argparse.Namespace, report: Report) -> dict:
    from core.export import exporting

    run = runs.load(args.run_id)
    scene = scene_of(run, args.scene)
    return exporting.export(run, scene, Path(args.out), args.threshold, report)


def show_export(result: dict) -> None:
    for note in result["notes"]:
        print(note)
    print(f"{result['landslides']} landslides, {len(result['files'])} files in {result['folder']}")
