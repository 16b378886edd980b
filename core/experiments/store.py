"""A paired experiment: the run ids of its members and its table.

experiments/<id>/experiment.json     what was asked for, of which scene; written once
experiments/<id>/job                 id of the latest job that worked on it
experiments/<id>/runs.json           member ('unet:rs:0') -> run id
experiments/<id>/table.json          the paired table, once all members are measured
experiments/<id>/changes/            gained and lost pixels of every pair (`core.maps.changes`)
"""

import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from core import atomic, paths, stored
from core.errors import NotFound, SlideScopeError
from core.experiments.request import ExperimentRequest, Member
from core.jobs import store as jobs
from core.runs import store as runs
from core.runs.config import RunConfig
from core.scene.store import Scene
from core.seen import Reader
from core.shapes import Count, Share
from core.stored import Listing


class About(TypedDict):
    """experiment.json beside the request"""

    fingerprint: str


class Table(TypedDict):
    """table.json (`core.experiments.table`)"""

    test_scene: str
    synthetic: bool
    preset: str
    split: str
    threshold: Share
    area_words: str
    test_tiles: Count
    test_blocks: Count
    prevalence: Share
    table: list["ArmRow"]
    gains: list["GainRow"]
    notes: list[str]
    warnings: list[str]
    failed: dict[str, str]
    experiment: str


class Spread(TypedDict):
    mean: float
    sd: float | None
    interval: NotRequired[list[float] | None]


class ArmRow(TypedDict):
    title: str
    seeds: list[Count]
    precision: Spread
    recall: Spread
    f1: Spread
    kappa: Spread
    miou: Spread


class GainRow(TypedDict):
    id: str
    title: str
    enough: bool
    seeds: list[Count]
    metrics: dict[str, dict[str, Any]]
    mcnemar: dict[str, Any] | None


READERS = {"runs.json": stored.json_of(dict[str, str]), "table.json": stored.json_of(Table)}
CURE = "put the file back from a copy, or delete it"


def _about(path: Path) -> dict[str, Any]:
    value = atomic.needed_json(path)
    stored.check(value, About)
    ExperimentRequest.from_json(value)
    return value


ABOUT = Reader("experiment", _about)


@dataclass(frozen=True)
class Experiment:
    """`fingerprint` of the scene that its members are trained on."""

    id: str
    path: Path
    request: ExperimentRequest
    fingerprint: str
    job: jobs.Job | None

    @property
    def scene(self) -> str:
        return self.request.home

    @property
    def state(self) -> str:
        """That of its latest job; done where the table is there."""
        if self.job and self.job.active:
            return self.job.state
        return "done" if self.table() else (self.job.state if self.job else "interrupted")

    def runs(self) -> dict[str, str]:
        """Run id by member key, as far as they are known."""
        return dict(self._says("runs.json") or {})

    def table(self) -> dict | None:
        """What the `experiment` command prints, None before its end."""
        return self._says("table.json")

    def _says(self, name: str) -> dict | None:
        return stored.known(self.path / name, READERS[name], f"experiment '{self.id}'", CURE)

    def note_run(self, member: Member, run_id: str) -> None:
        atomic.write_json(self.path / "runs.json", {**self.runs(), member.key: run_id})


def create(request: ExperimentRequest, scene: Scene, job_id: str | None) -> Experiment:
    """Make the folder of a new experiment."""
    when = time.strftime("%Y%m%d-%H%M%S")
    experiment_id = paths.derived_name(scene.name, "paired", end=f"{when}-{secrets.token_hex(2)}")
    value = {**request.to_json(), "fingerprint": scene.fingerprint, "created": time.time()}
    with atomic.whole_folder(paths.experiments_folder() / experiment_id, record=True) as folder:
        atomic.write_json(folder / "experiment.json", value)
        if job_id:
            (folder / "job").write_text(job_id, encoding="utf-8")
    return load(experiment_id)


def assign_job(experiment: Experiment, job_id: str | None) -> None:
    """Say which job works on the experiment from now on."""
    if experiment.job:
        jobs.settle(experiment.job)
    if job_id:
        atomic.write_text(experiment.path / "job", job_id)


def load(experiment_id: str) -> Experiment:
    folder = paths.experiments_folder() / paths.known_name(experiment_id)
    of = f"experiment '{experiment_id}'"
    value = stored.known(folder / "experiment.json", ABOUT, of, CURE)
    if value is None:
        known = ", ".join(found.id for found in experiments()[:5]) or "none"
        raise NotFound(
            f"No experiment '{experiment_id}': there are {known}; choose one or start it first."
        )
    for name, reader in READERS.items():
        stored.sound(folder / name, reader, of, CURE)
    request = ExperimentRequest.from_json(value)
    return Experiment(experiment_id, folder, request, value["fingerprint"], _job(folder))


def experiments(scene: str | None = None) -> list[Experiment]:
    """All experiments, newest first; with `scene`, those on it."""
    return [item for item in listing().items if scene is None or item.scene == scene]


def listing() -> Listing[Experiment]:
    """All experiments, newest first, and what is damaged."""
    return stored.once("experiment", _list)


def _list() -> Listing[Experiment]:
    found = stored.folders(paths.experiments_folder(), "experiment.json")
    return stored.listing("experiment", found, load)


def run_of(experiment: Experiment, member: Member, config: RunConfig) -> runs.Run | None:
    """The run of a member: its own, finished or not; else a finished one of the same
    configuration, whatever it was trained for."""
    noted = experiment.runs().get(member.key)
    same = [run for run in runs.runs(config.scene) if alike(run.config, config)]
    for run in same:
        if run.id == noted or run.config.experiment == experiment.id:
            return run
    return next((run for run in same if run.metrics()), None)


def alike(one: RunConfig, other: RunConfig) -> bool:
    """Whether two runs are the same training, for whatever experiment."""
    return _plain(one) == _plain(other)


def _plain(config: RunConfig) -> RunConfig:
    return replace(config, experiment=None, split_seed=config.drawn_by)


def _job(folder: Path) -> jobs.Job | None:
    try:
        job_id = stored.known(folder / "job", stored.WORD, f"experiment '{folder.name}'")
        return jobs.read(job_id) if job_id is not None else None
    except SlideScopeError:
        return None
