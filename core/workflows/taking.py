"""A run, an experiment or a job whose host is dead, at once: `runs --take-over`."""

from core import audit
from core.access import ADMIN
from core.errors import NotFound, SlideScopeError
from core.experiments import store as experiments
from core.jobs import life, words
from core.jobs import store as jobs
from core.jobs.store import Job
from core.runs import store as runs


def take_over(name: str) -> str:
    """Give up its job, which another host is at work on; return what that was, in words.

    Should the worker be there after all, it ends itself with its next sign of life.
    """
    job = _job_of(name)
    if not job.active:
        raise SlideScopeError(
            f"'{name}' is at rest ({words.STATES[job.state]}): there is nothing to take over; "
            "resume or delete it."
        )
    if not job.elsewhere:
        raise SlideScopeError(
            f"'{name}' is at work on this host: only a job of another one is taken over; stop it."
        )
    with audit.changing("take over", f"{name} ({words.where(job)})", ADMIN):
        life.give_up(job.folder)
    return words.where(job)


def _job_of(name: str) -> Job:
    """The latest job of a run or an experiment, or the job of that id."""
    for load in (runs.load, experiments.load):
        try:
            job = load(name).job
        except NotFound:
            continue
        if job is None:
            raise SlideScopeError(f"'{name}' has no job: nothing is at work on it; go on with it.")
        return job
    try:
        return jobs.read(name)
    except NotFound as error:
        raise NotFound(
            f"Nothing named '{name[:80]}' is at work: give the name of a run, an experiment or a "
            "job; `python -m core runs` lists them."
        ) from error
