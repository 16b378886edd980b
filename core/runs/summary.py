"""Runs in the rows of a table: state, best epoch, duration, scores, notes and pins; which are
listed."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core import atomic, audit
from core.errors import SlideScopeError
from core.jobs.words import STATES, state
from core.runs import checks
from core.runs import measured as measured_on
from core.runs.config import check_called
from core.runs.settings import BY_NAME
from core.runs.store import Run


@dataclass(frozen=True)
class Filter:
    """Runs that agree with all that is given; None or empty asks for nothing.

    `text`: every word of it occurs in the run's id, names, settings or note.
    """

    scene: str | None = None
    model: str | None = None
    dataset: str | None = None
    state: str | None = None
    text: str = ""

    def matches(self, run: Run) -> bool:
        config = run.config
        if self.scene is not None and not run.concerns(self.scene):
            return False
        asked = {self.model: config.model, self.dataset: config.dataset}
        if any(wanted not in (None, found) for wanted, found in asked.items()):
            return False
        if self.state not in (None, run.state):
            return False
        words = self.text.lower().split()
        said = _said(run) if words else ""
        return all(word in said for word in words)


FILE = "notes.json"
LONGEST = 4000


@dataclass(frozen=True)
class Notes:
    """`earlier` holds (when, text) of the notes that stood here before, oldest first."""

    text: str = ""
    pinned: bool = False
    earlier: tuple[tuple[str, str], ...] = ()


EARLY = ("stopped", "failed", "interrupted")


@dataclass(frozen=True)
class Best:
    """The epoch whose weights are kept, the measure that chose it and its value there."""

    epoch: int
    monitor: str
    value: float | None

    @property
    def chosen_by(self) -> str:
        """Such as 'lowest validation loss (cross-entropy)'."""
        if self.monitor == "last":
            return "the last one, no choice by validation"
        return BY_NAME["monitor"].choices[self.monitor]

    @property
    def words(self) -> str:
        """In a sentence, without its full stop.

        >>> Best(7, "val_loss", 0.01234).words
        'epoch 7 is kept: lowest validation loss (cross-entropy), 0.0123'
        >>> Best(9, "last", None).words
        'epoch 9 is kept: the last one, no choice by validation'
        """
        known = self.value is not None and self.monitor != "last"
        value = f", {self.value:.3g}" if known else ""
        return f"epoch {self.epoch} is kept: {self.chosen_by}{value}"


def best(run: Run) -> Best | None:
    """What the model's card says; before there is one, what the history says by the same
    measure. None before the first epoch has ended."""
    card = run.model_card()
    if card and "best_epoch" in card:
        monitor = card.get("monitor", "val_loss")
        return Best(card["best_epoch"], monitor, card.get("best_value"))
    monitor = run.config.monitor
    course = run.course
    if monitor == "last":
        return None if course["last"] is None else Best(course["last"], monitor, None)
    if monitor not in course["best"]:
        return None
    epoch, value = course["best"][monitor]
    return Best(int(epoch), monitor, value)


def best_epoch(run: Run) -> int | None:
    """The epoch whose weights are kept; None before the first has ended."""
    found = best(run)
    return found.epoch if found else None


def seconds(run: Run) -> float | None:
    """Time spent in epochs, None before the first has ended."""
    return run.course["seconds"]


def state_words(run: Run) -> str:
    """State with its reason, such as 'failed: Out of memory ...'."""
    words = state(run.job) if run.job else STATES[run.state]
    return f"{words}: {run.job.reason}" if run.job and run.job.reason else words


def resumable(run: Run) -> bool:
    """A training that ended before its map was measured and that `train --resume` finishes."""
    if run.metrics() or not run.config.has_network:
        return False
    # Without its job's folder the state only knows of epochs.
    return run.state in EARLY or (run.job is None and (run.path / "last").exists())


def shown_first(runs: Sequence[Run], scene: str) -> str | None:
    """Id of the newest measured run on `scene`, of those that came with the software the best one;
    `runs` newest first."""
    measured = [(run, run.metrics()) for run in runs if run.concerns(scene)]
    found = {run.id: run for run, scores in measured if scores}
    newest = next(iter(found.values()), None)
    if newest is None or not newest.shipped:
        return newest.id if newest else None
    worth = {run.id: scores["average_precision"] for run, scores in measured if scores}
    return max((i for i in found if found[i].shipped), key=worth.__getitem__)


def row(run: Run) -> dict:
    """Values of the runs table; None where there is nothing yet."""
    measured, noted = run.metrics() or {}, read(run)
    return {
        "run": run.id,
        "pinned": "pinned" if noted.pinned else "",
        "name": run.name,
        "note": noted.text,
        "model": run.config.model_title,
        "dataset": run.config.dataset.upper(),
        "scene": ", ".join(run.config.learned_from)
        + (" (synthetic)" if run.config.synthetic else ""),
        "preset": run.config.preset,
        "split": measured_on.split_short(run),
        "area": measured_on.tiles(run) if measured else None,
        "state": state_words(run),
        "f1": measured.get("f1"),
        "f1_interval": (measured.get("intervals") or {}).get("f1"),
        "average_precision": measured.get("average_precision"),
        "best_epoch": best_epoch(run),
        "seconds": seconds(run),
    }


def read(run: Run) -> Notes:
    """The notes of a run; empty ones where nobody has written any."""
    value = checks.of(run.id, run.path / FILE, checks.NOTES) or {}
    written = [(note["at"], note["text"]) for note in value.get("notes", ())]
    text = written[-1][1] if written else ""
    return Notes(text, value.get("pinned", False), tuple(written[:-1]))


def write(run: Run, text: str) -> Notes:
    """Make `text` the note of the run; the one before it is kept in the file."""
    text = text.strip()
    if len(text) > LONGEST:
        raise SlideScopeError(
            f"The note has {len(text)} characters: at most {LONGEST} are kept; shorten it."
        )
    before = read(run)
    if text == before.text:
        return before
    value = atomic.read_json(run.path / FILE) or {"pinned": False, "notes": []}
    value["notes"].append({"at": time.strftime("%Y-%m-%dT%H:%M:%S"), "text": text})
    with audit.changing("note on run", run.id):
        atomic.write_json(run.path / FILE, value)
    return read(run)


def name(run: Run, text: str) -> None:
    """Call the run something; an empty name takes the one it has away."""
    text = check_called(text)
    value = atomic.read_json(run.path / FILE) or {"notes": []}
    value.pop("name", None)
    with audit.changing("name run", run.id):
        atomic.write_json(run.path / FILE, {**value, "name": text} if text else value)


def pin(run: Run, pinned: bool) -> Notes:
    """Pinned runs stand first in every list."""
    value = atomic.read_json(run.path / FILE) or {"notes": []}
    with audit.changing("pin run" if pinned else "unpin run", run.id):
        atomic.write_json(run.path / FILE, {**value, "pinned": pinned})
    return replace(read(run), pinned=pinned)


def listed(runs: Iterable[Run], by: Filter | None = None) -> list[Run]:
    """The runs that `by` lets through, pinned ones first, else in the order given."""
    by = by or Filter()
    if by.state not in (None, *STATES):
        raise SlideScopeError(
            f"Unknown state '{by.state}': a run is {', '.join(STATES)}; choose one of these."
        )
    found = [run for run in runs if by.matches(run)]
    return sorted(found, key=lambda run: not read(run).pinned)


def _said(run: Run) -> str:
    config = run.config
    about = (config.preset, config.split, f"seed {config.seed}")
    parts = (run.id, run.title, *run.scenes, *about)
    return " ".join((*parts, run.state, read(run).text)).lower()
