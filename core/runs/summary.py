"""A run in a row of a table: state, best epoch, duration, scores."""

from collections.abc import Sequence

from core.jobs.words import STATES
from core.runs.store import Run


def best_epoch(run: Run) -> int | None:
    """The epoch whose weights are kept; None before the first has ended."""
    card = run.model_card()
    if card:
        return card["best_epoch"]
    rows = [row for row in run.history() if "val_loss" in row]
    return int(min(rows, key=lambda row: row["val_loss"])["epoch"]) if rows else None


def seconds(run: Run) -> float | None:
    """Time spent in epochs, None before the first has ended."""
    rows = run.history()
    return sum(row.get("seconds", 0.0) for row in rows) if rows else None


def state_words(run: Run) -> str:
    """State with its reason, such as 'failed: Out of memory ...'."""
    words = STATES[run.state]
    return f"{words}: {run.job.reason}" if run.job and run.job.reason else words


def resumable(run: Run) -> bool:
    """A training that ended early and whose last epoch is kept."""
    early = run.state in ("stopped", "failed", "interrupted") and not run.predicted()
    return early and bool(run.history()) and run.job is not None


def newest_finished(runs: Sequence[Run], scene: str) -> str | None:
    """Id of the newest measured run on `scene`; `runs` newest first."""
    return next((r.id for r in runs if r.config.scene == scene and r.metrics()), None)


def row(run: Run) -> dict:
    """Values of the runs table; None where there is nothing yet."""
    measured = run.metrics() or {}
    return {
        "run": run.id,
        "model": run.config.model_title,
        "dataset": run.config.dataset.upper(),
        "scene": run.config.scene + (" (synthetic)" if run.config.synthetic else ""),
        "preset": run.config.preset,
        "split": run.config.split,
        "state": state_words(run),
        "f1": measured.get("f1"),
        "average_precision": measured.get("average_precision"),
        "best_epoch": best_epoch(run),
        "seconds": seconds(run),
    }
