"""The turn on a machine's training device: one training at a time, in the order in which they came.

locks/<kind>.lock                     held by the training whose turn it is
locks/<kind>.queue/<when>_<process>   one file for each that waits

A crash frees the lock, and a ticket whose process is gone counts no more.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from core import paths, processes
from core.jobs.report import Report
from core.learning.networks import device

POLL_S = 1.0


def wait(report: Report) -> FileLock:
    """Wait for the device and return its held lock. The wait costs nothing: Keras is imported
    afterwards."""
    kind = device.detect().kind
    folder = paths.locks_folder()
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{kind}.lock")
    with _ticket(folder / f"{kind}.queue") as ticket:
        while not (_is_first(ticket) and _acquired(lock)):
            report("Waiting for the training before this one", None, state="queued")
    return lock


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=POLL_S)
        return True
    except Timeout:
        return False


@contextmanager
def _ticket(folder: Path) -> Iterator[Path]:
    """A place in the queue, given back once the wait is over. Its name begins with the uptime, a
    clock that nobody sets."""
    folder.mkdir(exist_ok=True)
    boot, uptime = processes.uptime()
    started = processes.identity(os.getpid()) or ""
    who = f"{os.getpid()}_{started.rpartition(':')[2]}_{boot}"
    name = f"{uptime:020.6f}_{who}_{uuid4().hex[:8]}"
    ticket = folder / name
    ticket.touch()
    try:
        yield ticket
    finally:
        ticket.unlink(missing_ok=True)


def _is_first(ticket: Path) -> bool:
    """Whether nobody who is still there came earlier; waits a moment where somebody did."""
    earlier = [each for each in sorted(ticket.parent.iterdir()) if each.name < ticket.name]
    if any(_waits(each) for each in earlier):
        time.sleep(POLL_S)
        return False
    return True


def _waits(ticket: Path) -> bool:
    """Whether the process of a ticket is there; one of another machine, or of before a restart,
    cannot be asked and counts no more: the lock decides."""
    pid, started, boot = _process_of(ticket.name)
    now = processes.identity(pid)
    if boot == processes.uptime()[0] and (now is None or now.rpartition(":")[2] != started):
        ticket.unlink(missing_ok=True)
        return False
    return boot == processes.uptime()[0]


def _process_of(name: str) -> tuple[int, str, str]:
    """(process id, its start, the machine's boot).

    >>> _process_of("0000000000012.345678_77_912_3c0a-77_1a2b3c4d")
    (77, '912', '3c0a-77')
    """
    _, pid, started, boot, _ = name.split("_")
    return (int(pid) if pid.isdigit() else 0), started, boot
