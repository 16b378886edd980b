"""Every training and how it stands; notes, pins, deletion: `runs`."""

from typing import Any

from core.jobs import words
from core.jobs.report import Report
from core.runs import measured as on
from core.runs import store as runs
from core.runs import summary
from core.runs.request import repeat
from core.runs.summary import Filter, listed
from core.workflows import damaged, taking
from core.workflows.requests import RunsRequest


def run(request: RunsRequest, report: Report) -> dict:
    """Change what is asked for, then list what the filter lets through."""
    for run in [runs.load(run_id) for run_id in request.pin or request.unpin]:
        summary.pin(run, bool(request.pin))
    if request.name:
        summary.name(runs.load(request.name[0]), request.name[1])
    if request.note:
        summary.write(runs.load(request.note[0]), request.note[1])
    if request.delete:
        damaged.delete_named(request.delete)
    taken = {name: taking.take_over(name) for name in request.take_over}
    found = runs.listing()
    by = Filter(request.scene, request.model, request.dataset, request.state, request.text)
    return {
        "runs": [_row(run) for run in listed(found.items, by)],
        "deleted": list(request.delete),
        "taken_over": taken,
        "damaged": [each.to_json() for each in damaged.besides_scenes(found)],
    }


def _row(run: runs.Run) -> dict:
    measured, noted, best = run.metrics() or {}, summary.read(run), summary.best(run)
    row: dict[str, Any] = {"run": run.id, "name": run.name, "state": run.state}
    row["reason"] = run.job.reason if run.job else ""
    row["where"] = words.where(run.job) if run.job and run.job.active else ""
    names = ("scene", "model", "dataset", "preset", "split", "fold", "folds", "seed", "epochs")
    row |= {name: getattr(run.config, name) for name in names}
    row |= {name: measured.get(name) for name in ("f1", "average_precision")}
    row["f1_interval"] = (measured.get("intervals") or {}).get("f1")
    row |= {"joined": run.config.joined, "members": list(run.config.members)}
    row["area_words"] = on.tiles(run) if measured else None
    row["split_words"] = run.config.split_words
    row |= {
        "epochs_done": run.course["epochs"],
        "best_epoch": best.epoch if best else None,
        "best_by": best.monitor if best else None,
        "resumable": summary.resumable(run),
    }
    row |= {"pinned": noted.pinned, "note": noted.text}
    return row | {"command": repeat(run.config).command()}
