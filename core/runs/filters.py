"""Which runs to list, and in what order."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import SlideScopeError
from core.jobs.words import STATES
from core.runs import notes
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


def listed(runs: Iterable[Run], by: Filter | None = None) -> list[Run]:
    """The runs that `by` lets through, pinned ones first, else in the order given."""
    by = by or Filter()
    if by.state not in (None, *STATES):
        raise SlideScopeError(
            f"Unknown state '{by.state}': a run is {', '.join(STATES)}; choose one of these."
        )
    found = [run for run in runs if by.matches(run)]
    return sorted(found, key=lambda run: not notes.read(run).pinned)


def _said(run: Run) -> str:
    config = run.config
    about = (config.preset, config.split, f"seed {config.seed}")
    parts = (run.id, run.title, *run.scenes, *about)
    return " ".join((*parts, run.state, notes.read(run).text)).lower()
