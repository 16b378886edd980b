"""Trainings as tasks of a pool: each a job of its own on the worker's machine, as a member of an
experiment and a fold are jobs here.

A note in the workspace says which job a training is. A worker that takes the place of a killed one
finds it there: it follows the job where that is still at work, and resumes its run where not.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import access, atomic, processes
from core.access import Actor
from core.cluster.parts import Parts, beneath
from core.cluster.pool import Pool
from core.cluster.task import Task
from core.errors import NotFound, SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import JobStopped, Report
from core.runs import store as runs
from core.runs.request import TrainRequest

POLL_S = 0.5
# What a worker's starter sets for one of many threads; a training has the machine for itself.
OF_ONE_THREAD = (processes.THREADS, "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Training:
    """One training to carry out; `name` in words."""

    name: str
    request: TrainRequest


@dataclass(frozen=True)
class Ended:
    """How a training ended: the `run` it left, or the `reason` why it left none."""

    run: str | None = None
    reason: str = ""


def train(
    asked: Mapping[str, Training],
    whose: str,
    pool: Pool,
    report: Report,
    tell: Callable[[str, jobs.Job], None],
) -> Iterator[tuple[str, Ended]]:
    """(key, how it ended) of every training, as they end.

    `whose` names the notes; `tell(key, job)` hears of each that is at work. A stop stops them all.
    """
    parts = Parts("trainings", f"{whose}-{secrets.token_hex(4)}")
    keys, who = list(asked), access.actor()
    notes = {key: parts.path(f"{number}.json") for number, key in enumerate(keys)}
    tasks = [
        Task(each.name, carry_out, (each.request.to_json(), each.name, who, beneath(notes[key])))
        for key, each in asked.items()
    ]

    def told(stage: str, fraction: float | None = None, **figures: Any) -> None:
        for key, job in _at_work(notes):
            tell(key, job)
        report(stage, fraction, **figures)

    try:
        for number, (state, reason, run) in pool.results(tasks, told, "Training"):
            if state == "stopped":
                # Who stops one member does not want the next to begin.
                raise JobStopped
            ended = Ended(run) if state == "done" and run else Ended(None, reason)
            yield keys[number], ended
    except (JobStopped, KeyboardInterrupt, GeneratorExit):
        _stop(notes)
        raise
    finally:
        parts.remove()


def carry_out(
    request: dict[str, Any], name: str, who: Actor, note: str
) -> tuple[str, str, str | None]:
    """A worker's task: (state, reason, run) of the training when it has ended."""
    path = Parts.here(note)
    job = _noted(path) or _of_run(request.get("resume"))
    if job is None or job.state == "interrupted":
        run = job.figures.get("run") if job else None
        asked = TrainRequest(resume=run) if run else TrainRequest.from_json(request)
        with access.asking(who), _whole_machine():
            job = jobs.start(asked, f"Resume {name}" if asked.resume else None, False)
        atomic.write_json(path, {"job": job.id})
    while job.active:
        time.sleep(POLL_S)
        job = jobs.read(job.id)
    if job.state == "interrupted":
        raise SlideScopeError(f"{name}: {job.reason}")
    return job.state, job.reason, (job.result or {}).get("run")


@contextmanager
def _whole_machine() -> Iterator[None]:
    """The environment of a process that shares its machine with no other task."""
    taken = {name: os.environ.pop(name) for name in OF_ONE_THREAD if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)


def _noted(note: Path) -> jobs.Job | None:
    found = atomic.read_json(note)
    try:
        return jobs.read(found["job"]) if found else None
    except NotFound:
        return None


def _of_run(run: str | None) -> jobs.Job | None:
    """The job that is at work on a run that is to be resumed."""
    job = runs.load(run).job if run else None
    return job if job and job.active else None


def _at_work(notes: Mapping[str, Path]) -> list[tuple[str, jobs.Job]]:
    found = [(key, _noted(note)) for key, note in notes.items()]
    return [(key, job) for key, job in found if job and job.active]


def _stop(notes: Mapping[str, Path]) -> None:
    """Ask the trainings at work to stop, and wait until they have."""
    for _, job in _at_work(notes):
        jobs.request_stop(job.id)
    while _at_work(notes):
        time.sleep(POLL_S)
