"""The turn on a machine's training device: one training at a time, in the order in which they came.

locks/<kind>-<machine>.lease                    held by the training whose turn it is
locks/<kind>-<machine>.queue/<when>_<process>   one file for each that waits

Hosts that share a workspace have devices of their own, the containers of a machine have not. A
crash frees the lease, and a ticket whose process is gone counts no more.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from core import hosts, leases, paths, processes
from core.jobs.report import Report
from core.learning.networks import device
from core.leases import Lease

POLL_S = 1.0


def wait(report: Report) -> Lease:
    """Wait for the device and return its held lease. The wait costs nothing: Keras is imported
    afterwards."""
    turn = lease()
    with _ticket(queue()) as ticket:
        while not (_is_first(ticket) and _acquired(turn)):
            report("Waiting for the training before this one", None, state="queued")
    return turn


def lease() -> Lease:
    """That of this machine's device."""
    return leases.of(device.detect().kind, hosts.here().machine)


def queue() -> Path:
    """The folder of the tickets for it."""
    return paths.locks_folder() / f"{device.detect().kind}-{hosts.here().machine}.queue"


def _acquired(turn: Lease) -> bool:
    try:
        turn.acquire(timeout=POLL_S)
        return True
    except leases.Busy:
        return False


@contextmanager
def _ticket(folder: Path) -> Iterator[Path]:
    """A place in the queue, given back once the wait is over. Its name begins with the uptime, a
    clock that nobody sets."""
    folder.mkdir(exist_ok=True)
    _, uptime = processes.uptime()
    started = processes.identity(os.getpid()) or ""
    who = f"{os.getpid()}_{started.rpartition(':')[2]}_{hosts.here().mark}"
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
    """Whether the process of a ticket is there; one of another container cannot be asked and does
    not count: the lease decides."""
    pid, started, mark = _process_of(ticket.name)
    if mark != hosts.here().mark:
        return False
    now = processes.identity(pid)
    if now is None or now.rpartition(":")[2] != started:
        ticket.unlink(missing_ok=True)
        return False
    return True


def _process_of(name: str) -> tuple[int, str, str]:
    """(process id, its start, the mark of its host).

    >>> _process_of("0000000000012.345678_77_912_3c0a77ef_1a2b3c4d")
    (77, '912', '3c0a77ef')
    """
    _, pid, started, mark, _ = name.split("_")
    return (int(pid) if pid.isdigit() else 0), started, mark
