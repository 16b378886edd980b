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

from core import atomic, paths
from core.errors import NotFound, SlideScopeError
from core.experiments.request import ExperimentRequest, Member
from core.jobs import store as jobs
from core.runs import store as runs
from core.runs.config import RunConfig
from core.scene.store import Scene


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
        return atomic.read_json(self.path / "runs.json") or {}

    def table(self) -> dict | None:
        """What the `experiment` command prints, None before its end."""
        return atomic.read_json(self.path / "table.json")

    def note_run(self, member: Member, run_id: str) -> None:
        atomic.write_json(self.path / "runs.json", {**self.runs(), member.key: run_id})


def create(request: ExperimentRequest, scene: Scene, job_id: str | None) -> Experiment:
    """Make the folder of a new experiment."""
    when = time.strftime("%Y%m%d-%H%M%S")
    experiment_id = paths.derived_name(scene.name, "paired", end=f"{when}-{secrets.token_hex(2)}")
    value = {**request.to_json(), "fingerprint": scene.fingerprint, "created": time.time()}
    with atomic.whole_folder(paths.experiments_folder() / experiment_id) as folder:
        atomic.write_json(folder / "experiment.json", value)
        if job_id:
            (folder / "job").write_text(job_id)
    return load(experiment_id)


def assign_job(experiment: Experiment, job_id: str | None) -> None:
    """Say which job works on the experiment from now on."""
    if job_id:
        atomic.write_text(experiment.path / "job", job_id)


def load(experiment_id: str) -> Experiment:
    folder = paths.experiments_folder() / paths.known_name(experiment_id)
    value = atomic.read_json(folder / "experiment.json")
    if value is None:
        known = ", ".join(found.id for found in experiments()[:5]) or "none"
        raise NotFound(
            f"No experiment '{experiment_id}': there are {known}; choose one or start it first."
        )
    request = ExperimentRequest.from_json(value)
    return Experiment(experiment_id, folder, request, value["fingerprint"], _job(folder))


def experiments(scene: str | None = None) -> list[Experiment]:
    """All experiments, newest first; with `scene`, those on it."""
    files = paths.experiments_folder().glob("[!.]*/experiment.json")
    newest_first = sorted(files, key=lambda f: f.stat().st_mtime, reverse=True)
    found = (load(f.parent.name) for f in newest_first)
    return [item for item in found if scene is None or item.scene == scene]


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
        return jobs.read((folder / "job").read_text().strip())
    except (FileNotFoundError, SlideScopeError):
        return None
