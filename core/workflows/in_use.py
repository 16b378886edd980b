"""Which scenes jobs are at work on: none of these is replaced under their hands."""

from core.errors import SlideScopeError
from core.experiments import store as experiments
from core.jobs import store as jobs
from core.jobs import words
from core.jobs.report import current_job
from core.jobs.store import Job
from core.runs import store as runs
from core.runs.request import scene_names


def check_free(scene: str) -> None:
    """Raise a SlideScopeError where an active job other than this one uses the scene."""
    for job in jobs.active():
        if job.id != current_job() and scene in scenes_of(job):
            raise SlideScopeError(
                f"Scene '{scene}' is in use: “{job.title}” is {job.state} on it{_place(job)}, and "
                "would go on with other pixels; wait until it has ended, stop it, or choose "
                "another name."
            )


def _place(job: Job) -> str:
    return f" ({words.where(job)})" if job.elsewhere else ""


def scenes_of(job: Job) -> set[str]:
    """Names of the scenes that a job reads, as far as its request and its run tell."""
    asked = job.request
    found = {*scene_names(_text(asked.get("scene"))), _text(asked.get("test_scene"))}
    told = (job.figures.get("run"), asked.get("resume"), asked.get("run_id"))
    for name in filter(None, (part for each in told for part in _text(each).split(","))):
        found |= _of_run(name)
    return found - {""}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _of_run(name: str) -> set[str]:
    """Of a run, or of an experiment of that id."""
    try:
        return set(runs.load(name).scenes)
    except SlideScopeError:
        pass
    try:
        return {experiments.load(name).scene}
    except SlideScopeError:
        return set()
