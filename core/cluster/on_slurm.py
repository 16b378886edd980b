"""Tasks as jobs of Slurm: `--on slurm`, by way of submitit."""

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.cluster import faults
from core.cluster.place import Place
from core.errors import SlideScopeError

# A job begins after seconds, and loads the libraries once more.
GRAIN = 8
LOOK_S = 1.0
MINUTES = 24 * 60


@contextmanager
def opened(where: Place, folder: Path, gpus: bool) -> Iterator[tuple[Executor, int]]:
    """(executor, grain)"""
    faults.need("submitit", "slurm")
    if shutil.which("sbatch") is None:
        raise SlideScopeError(
            "Slurm needs the command sbatch, which this machine does not have: start the "
            "action on a machine that hands jobs in, or leave --on out."
        )
    options = dict(where.options)
    if gpus:
        options.setdefault("slurm_gpus_per_node", 0)
    executor = SlurmExecutor(folder / "slurm", options)
    try:
        yield executor, GRAIN
    finally:
        executor.shutdown(cancel_futures=True)


class SlurmExecutor(Executor):
    """submitit's jobs as futures of concurrent.futures."""

    def __init__(self, folder: Path, options: dict[str, Any]):
        import submitit

        known = {name: value for name, value in options.items() if value not in ("", 0)}
        self._submit = submitit.SlurmExecutor(folder, python=sys.executable)
        time_ = known.pop("slurm_time", MINUTES)
        plain = {name.removeprefix("slurm_"): value for name, value in known.items()}
        self._submit.update_parameters(job_name="slidescope", time=time_, **plain)
        self._jobs: dict[Future, Any] = {}
        self._lock, self._over = threading.Lock(), threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def submit(self, function: Callable, /, *arguments: Any, **named: Any) -> Future:
        """Hand a job in."""
        try:
            job = self._submit.submit(function, *arguments, **named)
        except Exception as error:
            raise SlideScopeError(
                f"Slurm takes no job ({_last_line(error)}): ask `sbatch` for the reason, or leave "
                "--on out."
            ) from error
        future: Future = Future()
        with self._lock:
            self._jobs[future] = job
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take back the jobs that have not ended."""
        self._over.set()
        self._watcher.join()
        with self._lock:
            for job in self._jobs.values() if cancel_futures else ():
                job.cancel(check=False)
            self._jobs.clear()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_S):
            with self._lock:
                known = dict(self._jobs)
            for future, job in known.items():
                if future.cancelled():
                    job.cancel(check=False)
                elif not job.done():
                    continue
                elif future.set_running_or_notify_cancel():
                    _settle(future, job)
                with self._lock:
                    self._jobs.pop(future, None)


def _settle(future: Future, job: Any) -> None:
    """Give the job's result, or what became of it, to its future."""
    try:
        future.set_result(job.result())
    except Exception as error:
        # What it was raised from, as the task raised it.
        future.set_exception(error)


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:200] if lines else type(error).__name__
