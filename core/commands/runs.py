"""`runs`: every training and how it stands; notes, pins, deletion."""

import argparse

from core.installed import COMMAND
from core.jobs.report import Report
from core.jobs.words import STATES
from core.runs import measured as on
from core.runs import notes, summary
from core.runs import store as runs
from core.runs.filters import Filter, listed
from core.runs.request import repeat


def add_runs(commands) -> None:
    sub = commands.add_parser(
        "runs", help="every run and its state; --pin, --unpin, --note, --delete change runs"
    )
    sub.add_argument("--scene", help="only those trained on this scene")
    sub.add_argument("--model", help="only those of this model")
    sub.add_argument("--dataset", help="only this dataset: rs, rs-dr or a stored one")
    sub.add_argument("--state", help=f"only those in this state: {', '.join(STATES)}")
    sub.add_argument("--text", default="", help="only those with these words in name or note")
    change = sub.add_mutually_exclusive_group()
    change.add_argument("--pin", nargs="+", metavar="RUN", help="list these first")
    change.add_argument("--unpin", nargs="+", metavar="RUN", help="list these in their turn again")
    change.add_argument("--note", nargs=2, metavar=("RUN", "TEXT"), help="note down something")
    change.add_argument("--delete", nargs="+", metavar="RUN", help="with models and predictions")
    sub.set_defaults(run=list_runs, show=show_runs)


def list_runs(args: argparse.Namespace, report: Report) -> dict:
    """Change what is asked for, then list what the filter lets through."""
    for run in [runs.load(run_id) for run_id in args.pin or args.unpin or ()]:
        notes.pin(run, bool(args.pin))
    if args.note:
        notes.write(runs.load(args.note[0]), args.note[1])
    if args.delete:
        runs.delete(*args.delete)
    by = Filter(args.scene, args.model, args.dataset, args.state, args.text)
    return {"runs": [_row(run) for run in listed(runs.runs(), by)], "deleted": args.delete or []}


def _row(run: runs.Run) -> dict:
    measured, noted, best = run.metrics() or {}, notes.read(run), summary.best(run)
    row = {"run": run.id, "state": run.state, "reason": run.job.reason if run.job else ""}
    names = ("scene", "model", "dataset", "preset", "split", "fold", "folds", "seed", "epochs")
    row |= {name: getattr(run.config, name) for name in names}
    row |= {name: measured.get(name) for name in ("f1", "average_precision")}
    row["f1_interval"] = (measured.get("intervals") or {}).get("f1")
    row |= {"joined": run.config.joined, "members": list(run.config.members)}
    row["area_words"] = on.tiles(run) if measured else None
    row["split_words"] = run.config.split_words
    row |= {
        "epochs_done": len(run.history()),
        "best_epoch": best.epoch if best else None,
        "best_by": best.monitor if best else None,
        "resumable": summary.resumable(run),
    }
    row |= {"pinned": noted.pinned, "note": noted.text}
    return row | {"command": repeat(run.config).command()}


def show_runs(result: dict) -> None:
    for row in result["runs"]:
        pinned = "*" if row["pinned"] else " "
        where = f"({row['area_words']}; {row['split_words']})"
        score = "" if row["f1"] is None else f"F1 {row['f1']:.3f} {where}"
        print(f"{pinned} {row['run']:62} {row['state']:12} {score}".rstrip())
        for line in (row["reason"], row["note"], row["command"]):
            if line:
                print(f"      {line}")
    if result["deleted"]:
        print(f"Deleted: {', '.join(result['deleted'])}.")
    if not result["runs"]:
        print(f"No run (that the filter lets through): `{COMMAND} train --help` says how.")
