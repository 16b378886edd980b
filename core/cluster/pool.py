"""The pool of an action: its executor, what becomes of its tasks, and how that is told."""

import json
import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from core import paths
from core.cluster import faults, place
from core.cluster.task import RUNNING, Head, Task, carry_out, head_of
from core.jobs.report import Report

LOOK_S = 0.25
# The folder of an action's pool, in the workspace's cache.
FOLDER = "cluster"


class Pool:
    """Carries tasks out on an executor of concurrent.futures.

    `grain`: how many times the usual work one task should have; a job of Slurm takes seconds to
    begin.
    """

    def __init__(self, executor: Executor, head: Head, folder: Path, grain: int = 1):
        self.grain = grain
        self._executor, self._head, self._folder = executor, head, folder

    def results(
        self, tasks: Sequence[Task], report: Report, words: str, done: int = 0
    ) -> Iterator[tuple[int, Any]]:
        """(number, result) of every task as it ends, in whatever order.

        `words` stand before the count; `done` tasks were there before. A stop, or an error of a
        task, cancels those that have not begun.
        """
        running: dict[Future, int] = {}
        try:
            # Some executors take many at once.
            with getattr(self._executor, "together", nullcontext)():
                for number, task in enumerate(tasks):
                    running[self._submitted(number, task)] = number
            yield from self._ended(running, _Told(report, words, len(tasks), done, self._folder))
        finally:
            for future in running:
                future.cancel()

    def _submitted(self, number: int, task: Task) -> Future:
        with faults.told(task.name):
            return self._executor.submit(carry_out, self._head, number, task)

    def _ended(self, running: dict[Future, int], told: "_Told") -> Iterator[tuple[int, Any]]:
        while running:
            told()
            ended, _ = wait(running, timeout=LOOK_S, return_when=FIRST_COMPLETED)
            for future in sorted(ended, key=running.__getitem__):
                number = running.pop(future)
                with faults.told(told.words):
                    result = future.result()
                told.ended += 1
                yield number, result
        told()


class _Told:
    """The report of a pool's tasks: how many have ended, how long it may take, who works."""

    def __init__(self, report: Report, words: str, count: int, done: int, folder: Path):
        self.words, self.ended = words, 0
        self._report, self._count, self._done, self._folder = report, count, done, folder
        self._began = time.monotonic()

    def __call__(self) -> None:
        whole, ended = self._count + self._done, self.ended + self._done
        at = running(self._folder)
        where = {"where": [f"{each['on']}: {each['task']}" for each in at]}
        spent = time.monotonic() - self._began
        left = spent / self.ended * (self._count - self.ended) if self.ended else None
        eta = {} if left is None else {"eta_s": round(left)}
        hosts = Counter(each["on"] for each in at)
        on = ", ".join(f"{count} on {host}" for host, count in sorted(hosts.items()))
        if on:
            words = f"{self.words}: {ended} of {whole} tasks done, {on} at work"
        elif ended < whole:
            words = f"{self.words}: {ended} of {whole} tasks done, waiting for a worker"
        else:
            words = f"{self.words}: {ended} of {whole} tasks done"
        self._report(words, ended / max(1, whole), **eta, **where)


def running(folder: Path) -> list[dict[str, Any]]:
    """{on, pid, task} of the tasks that somebody works on just now."""
    found = []
    for path in sorted((folder / RUNNING).glob("*.json")):
        with suppress(OSError, ValueError):  # it has ended, or is being written
            found.append(json.loads(path.read_text(encoding="utf-8")))
    return found


@contextmanager
def opened(on: str, report: Report, gpus: bool = False) -> Iterator[Pool | None]:
    """The pool of a place; None where the action's own process does all. `gpus`: every task takes a
    GPU where workers have some."""
    where = place.parse(on)
    if where.here:
        yield None
        return
    report(f"Starting on {on}", None)
    folder = paths.cache_folder() / FOLDER / f"{os.getpid()}-{secrets.token_hex(6)}"
    (folder / RUNNING).mkdir(parents=True)
    try:
        with _executor(where)(where, folder, gpus) as (executor, grain):
            yield Pool(executor, head_of(folder), folder, grain)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _executor(where: place.Place) -> Callable:
    """What opens the executor of a kind of place; a library is loaded by whoever asks for it."""
    if where.kind == "dask":
        from core.cluster.on_dask import opened as on_dask

        return on_dask
    if where.kind == "slurm":
        from core.cluster.on_slurm import opened as on_slurm

        return on_slurm
    from core.cluster.on_processes import opened as on_processes

    return on_processes
