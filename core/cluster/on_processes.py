"""Tasks in processes of this machine: `--on local:N`."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from core import processes
from core.cluster.place import Place


@contextmanager
def opened(where: Place, folder: Path, gpus: bool) -> Iterator[tuple[Executor, int]]:
    """(executor, grain)"""
    pool = ProcessPoolExecutor(
        where.count,
        # A forked child would have the locks of threads that it does not have.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(processes.share(where.count), str(os.getcwd())),
    )
    try:
        yield pool, 1
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(threads: int, folder: str) -> None:
    os.environ[processes.THREADS] = str(threads)
    os.chdir(folder)
