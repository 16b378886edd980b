"""Tasks as jobs of Slurm: `--on slurm`, by way of submitit."""

import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core import paths, processes
from core.cluster import faults
from core.cluster.place import Place
from core.errors import SlideScopeError

# A job begins after seconds, and loads the libraries once more.
GRAIN = 8
# How often results are looked for, and how often Slurm is asked; how long the file of a result may
# take to be seen here after its job has ended.
LOOK_S, ASK_S, SEEN_S = 1.0, 5.0, 10.0
MINUTES = 24 * 60
# Of a job that may still end well.
AT_WORK = ("PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "REQUEUED", "STOPPED")
LINES = 4
SILENT = "Slurm does not know of it any more"


class JobLost(Exception):
    """A job ended without a result; its words hold the state that Slurm has for it."""


@contextmanager
def opened(where: Place, folder: Path, gpus: bool) -> Iterator[tuple[Executor, int]]:
    """(executor, grain)"""
    faults.need("submitit", "slurm")
    if shutil.which("sbatch") is None:
        raise SlideScopeError(
            "Slurm needs the command sbatch, which this machine does not have: start the "
            "action on a machine that hands jobs in, or leave --on out."
        )
    executor = SlurmExecutor(folder / "slurm", dict(where.options))
    try:
        yield executor, GRAIN
    finally:
        executor.shutdown(cancel_futures=True)


class SlurmExecutor(Executor):
    """submitit's jobs as futures of concurrent.futures."""

    def __init__(self, folder: Path, options: dict[str, Any]):
        import submitit

        self._executor = submitit.SlurmExecutor(folder, python=shlex.quote(sys.executable))
        plain = {name.removeprefix("slurm_"): value for name, value in options.items()}
        about = {"job_name": "slidescope", "time": MINUTES, "setup": _environment(), **plain}
        self._executor.update_parameters(**about)
        self._jobs: dict[Future, Any] = {}
        self._ended: dict[str, float] = {}
        self._lock, self._over = threading.Lock(), threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="slurm", daemon=True)
        self._watcher.start()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is submitted inside is handed in as one array of jobs."""
        with self._lock:
            before = set(self._jobs)
            try:
                with _handing_in(), self._executor.batch():
                    yield
            except BaseException:
                # They have no number to be called by.
                self._jobs = {each: self._jobs[each] for each in before}
                raise

    def submit(self, function: Callable, /, *arguments: Any, **named: Any) -> Future:
        """Hand a job in."""
        with _handing_in():
            job = self._executor.submit(_caught, function, arguments, named)
        future: Future = Future()
        self._jobs[future] = job
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take back the jobs that have not ended."""
        self._over.set()
        self._watcher.join()
        for job in self._jobs.values() if cancel_futures else ():
            job.cancel(check=False)
        self._jobs.clear()

    def _watch(self) -> None:
        asked = time.monotonic()
        while not self._over.wait(LOOK_S):
            with self._lock:
                known = dict(self._jobs)
            lost: dict[str, str] = {}
            if known and time.monotonic() - asked > ASK_S:
                asked, lost = time.monotonic(), self._lost(list(known.values()))
            for future, job in known.items():
                if self._settled(future, job, lost.get(job.job_id)):
                    self._jobs.pop(future, None)

    def _settled(self, future: Future, job: Any, lost: str | None) -> bool:
        """Whether a job has come to an end, which its future is told then."""
        if future.cancelled():
            job.cancel(check=False)
            return True
        there = job.paths.result_pickle.exists()
        if not there and lost is None:
            return False
        if future.set_running_or_notify_cancel():
            _settle(future, job, None if there else lost)
        return True

    def _lost(self, jobs: list[Any]) -> dict[str, str]:
        """State by id of the jobs that ended a while ago and left no result."""
        states = _states()
        if states is None:
            return {}
        found, now = {}, time.monotonic()
        for job in jobs:
            state = states.get(job.job_id, SILENT)
            if state in AT_WORK:
                self._ended.pop(job.job_id, None)
            elif now - self._ended.setdefault(job.job_id, now) > SEEN_S:
                found[job.job_id] = state
        return found


@contextmanager
def _handing_in() -> Iterator[None]:
    """What sbatch says, in a sentence."""
    try:
        yield
    except SlideScopeError:
        raise
    except Exception as error:
        raise SlideScopeError(
            f"Slurm takes no job ({_last_line(error)}): ask `sbatch` for the reason, or leave "
            "--on out."
        ) from error


def _environment() -> list[str]:
    """Lines of a job's script before its task: where the software is, how much it computes with."""
    known = {"PYTHONPATH": str(paths.PROJECT), "SLIDESCOPE_WORKSPACE": str(paths.workspace())}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in known.items()]
    return [*lines, f"export {processes.THREADS}=${{SLURM_CPUS_PER_TASK:-1}}"]


def _states() -> dict[str, str] | None:
    """State by id of this user's jobs, those that ended lately too; None where Slurm is silent.

    Not by sacct: that needs a database, which many clusters do without.
    """
    asked = ["squeue", "--me", "--noheader", "--array", "--states=all", "--format=%i|%T"]
    try:
        told = subprocess.run(asked, capture_output=True, encoding="utf-8", timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    lines = (line.strip().partition("|") for line in told.stdout.splitlines())
    return {number: state for number, _, state in lines}


def _caught(function: Callable, arguments: tuple, named: dict[str, Any]) -> tuple[str, Any]:
    """The task as a job carries it out: an error comes back as it is, which submitit would turn
    into text."""
    # Its own folder may be gone where the job was handed in.
    os.chdir(paths.PROJECT)
    try:
        return "result", function(*arguments, **named)
    except Exception as error:
        return "error", error


def _settle(future: Future, job: Any, lost: str | None) -> None:
    """Give the job's result, or what became of it, to its future."""
    try:
        if lost is not None:
            raise JobLost(f"{lost}: {_said(job)}")
        kind, found = job.result()
        if kind == "error":
            raise found
    except Exception as error:
        future.set_exception(error)
    else:
        future.set_result(found)


def _said(job: Any) -> str:
    """The end of what a job printed."""
    lines = (job.stderr() or "").strip().splitlines()[-LINES:]
    return "; ".join(line.strip() for line in lines) or "it printed nothing"


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:200] if lines else type(error).__name__
