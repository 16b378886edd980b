"""`pack` and `load`: a network carried away as a file, and brought back as a run."""

import argparse
from pathlib import Path

from core.installed import COMMAND
from core.jobs.report import Report
from core.learning import bundle
from core.runs import store as runs


def add_pack(commands) -> None:
    sub = commands.add_parser("pack", help="a run's network as one zip")
    sub.add_argument("run_id", metavar="RUN")
    sub.add_argument("--out", metavar="FILE", help="default: RUN.zip in this folder")
    sub.set_defaults(run=pack, show=show_pack)


def pack(args: argparse.Namespace, report: Report) -> dict:
    run = runs.load(args.run_id)
    return bundle.pack(run, Path(args.out or f"{run.id}.zip").expanduser())


def show_pack(result: dict) -> None:
    print(f"{result['file']}: {result['bytes'] / 1e6:.1f} MB")


def add_load(commands) -> None:
    sub = commands.add_parser("load", help="keep a network from a file as a run")
    sub.add_argument(
        "file", metavar="FILE", help="a zip of `pack`, or weights (.h5) with model.json beside"
    )
    sub.add_argument("--name", help="name of the run (default: after the file)")
    title = {"job_title": lambda args: f"Load {Path(args.file).name}"}
    sub.set_defaults(run=load, show=show_load, job_kind="load", **title)


def load(args: argparse.Namespace, report: Report) -> dict:
    from core.learning import loading

    return loading.load(Path(args.file).expanduser(), args.name, report)


def show_load(result: dict) -> None:
    print(f"Run '{result['run']}': {result['model']} ({result['preset']}), {result['dataset']}")
    fits = ", ".join(result["fits"]) or "none of the stored scenes"
    print(f"It can be applied to {fits}: {COMMAND} predict {result['run']} --scene SCENE")
