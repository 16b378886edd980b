"""`runs`: every training and how it stands."""

import argparse

from core.jobs.report import Report
from core.runs import store as runs


def add_runs(commands) -> None:
    sub = commands.add_parser("runs", help="every run and its state")
    sub.add_argument("--scene", help="only those trained on this scene")
    sub.set_defaults(run=list_runs, show=show_runs)


def list_runs(args: argparse.Namespace, report: Report) -> dict:
    return {"runs": [_row(run) for run in runs.runs(args.scene)]}


def _row(run: runs.Run) -> dict:
    measured = run.metrics() or {}
    row = {"run": run.id, "state": run.state, "reason": run.job.reason if run.job else ""}
    names = ("scene", "model", "dataset", "preset", "split", "seed", "epochs")
    row |= {name: getattr(run.config, name) for name in names}
    return row | {"f1": measured.get("f1"), "average_precision": measured.get("average_precision")}


def show_runs(result: dict) -> None:
    for row in result["runs"]:
        score = "" if row["f1"] is None else f"F1 {row['f1']:.3f} (held-out tiles)"
        print(f"{row['run']:64} {row['state']:12} {score}")
