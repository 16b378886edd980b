"""The items of a workspace: what is checked, carried away and brought back as one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core import paths, stored
from core.errors import NotFound, SlideScopeError
from core.jobs import store as jobs
from core.runs import store as runs

# Kind -> its folder; a dataset is a file, an export lies in the folder of its scene.
FOLDERS: dict[str, Callable[[], Path]] = {
    "scene": paths.scenes_folder,
    "run": paths.runs_folder,
    "experiment": paths.experiments_folder,
    "dataset": paths.datasets_folder,
    "review": paths.reviews_folder,
    "export": paths.exports_folder,
}


@dataclass(frozen=True)
class Item:
    """`kind` is scene, run, experiment, dataset, review or export."""

    kind: str
    name: str
    path: Path

    @property
    def title(self) -> str:
        """
        >>> Item("run", "r1", Path()).title
        "Run 'r1'"
        """
        return f"{self.kind.capitalize()} '{self.name}'"


def items() -> list[Item]:
    """Everything there is, damaged or not, kind by kind."""
    return [
        Item(kind, path.stem if kind == "dataset" else path.name, path)
        for kind in FOLDERS
        for path in _paths(kind)
    ]


def _paths(kind: str) -> Iterator[Path]:
    parent = FOLDERS[kind]()
    if kind == "dataset":
        yield from sorted(parent.glob("[!.]*.json"))
    elif kind == "export":
        for scene in stored.folders(parent):
            yield from stored.folders(scene)
    else:
        yield from stored.folders(parent)


def run_at_work(name: str) -> bool:
    """Whether a job is at work on the run."""
    told = ("run", "resume", "run_id")
    for job in jobs.active():
        values = {**job.request, **job.figures}
        if name in [part for key in told for part in str(values.get(key) or "").split(",")]:
            return True
    try:
        job_of_run = runs.load(name).job
    except SlideScopeError:
        return False  # damaged, or not there
    return bool(job_of_run and job_of_run.active)


def settle_run(name: str) -> None:
    """Before another takes the run's place: see that a worker of a dead host does not turn up."""
    with suppress(SlideScopeError):  # damaged, or not there
        if job := runs.load(name).job:
            jobs.settle(job)


def named(names: Sequence[str]) -> list[Item]:
    """Those of these names, whatever their kind; all where none is given. NotFound for a name that
    nothing has."""
    found = items()
    if not names:
        return found
    unknown = [name for name in names if name not in {item.name for item in found}]
    if unknown:
        raise NotFound(
            f"Nothing is named '{unknown[0][:80]}': give the name of a scene, run, experiment, "
            "dataset, review or export; `python -m core scenes` and `python -m core runs` list "
            "them."
        )
    return [item for item in found if item.name in names]
