"""What goes wrong between an action and its workers, each in one sentence."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import SlideScopeError

AGAIN = "what is done is kept, and the same command goes on from there"
EXTRA = "requirements-cluster.txt"


class WorkerLost(SlideScopeError):
    """A task's worker ended, and nobody took its place."""


def need(module: str, on: str) -> None:
    """Raise a SlideScopeError unless a library of the extra is installed."""
    if importlib.util.find_spec(module) is None:
        raise SlideScopeError(
            f"The place '{on}' needs {module}, which is not installed: "
            f"`python -m pip install -r {EXTRA}` installs it, or leave --on out."
        )


@contextmanager
def told(what: str) -> Iterator[None]:
    """Errors of the executors' libraries as sentences; they are known by their names, as few have
    these libraries."""
    try:
        yield
    except SlideScopeError:
        raise
    except Exception as error:
        said = sentence(what, error)
        if said is None:
            raise
        raise WorkerLost(said) from error


def sentence(what: str, error: BaseException) -> str | None:
    """One sentence on an error of concurrent.futures, dask or submitit; None where it is none."""
    kind, words = type(error).__name__, str(error)
    if kind == "BrokenProcessPool":
        return f"{what}: one of the processes ended, killed or out of memory; {AGAIN}."
    if kind == "KilledWorker":
        return (
            f"{what}: one task ended every worker that tried it, most likely for want of memory; "
            f"give workers more, and {AGAIN}."
        )
    stopped = kind == "TaskFailed" and "UncompletedJobError" in words
    if stopped or kind in ("JobLost", "UncompletedJobError", "FailedJobError"):
        return _of_slurm(what, words)
    if kind in ("CommClosedError", "FutureCancelledError", "CancelledError", "TimeoutError"):
        return f"{what}: the scheduler does not answer any more; start it, and {AGAIN}."
    if kind in ("ModuleNotFoundError", "ImportError", "AttributeError") and "core" in words:
        return (
            f"{what}: a worker does not have this version of the software ({words}); start it with "
            f"`python -m core worker`, and {AGAIN}."
        )
    return None


def _of_slurm(what: str, words: str) -> str:
    """What became of a job of Slurm."""
    first = " ".join(words.split())[:300]
    if any(word in words for word in ("OUT_OF_ME", "oom-kill", "oom_kill", "memory limit")):
        return (
            f"{what}: Slurm ended a job at its memory limit; give more with --on slurm,mem=16G, "
            f"and {AGAIN}."
        )
    if "TIMEOUT" in words or "timed-out" in words:
        return (
            f"{what}: Slurm ended a job at its time limit; give more with --on slurm,time=240, and "
            f"{AGAIN}."
        )
    return f"{what}: a job of Slurm ended early ({first}); {AGAIN}."
