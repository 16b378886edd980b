"""Which process is which, whatever the clock says: a process id comes again, a start does not."""

import os
import time
from pathlib import Path

import psutil

BOOT = Path("/proc/sys/kernel/random/boot_id")
# Field 22 of /proc/<pid>/stat is the start in ticks since the machine started; the second field is
# a name in brackets that may hold anything, so counting begins behind it.
START_FIELD, STATE_FIELD = 22 - 3, 3 - 3
# How many threads a worker computes with, where several share a machine.
THREADS = "SLIDESCOPE_THREADS"


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads() -> int:
    """Threads that this process computes with: a worker's share of the machine, else all of it."""
    named = os.environ.get(THREADS, "")
    return int(named) if named.isdecimal() and int(named) > 0 else cores()


def shared() -> bool:
    """Whether this process is one of several that share the machine."""
    return THREADS in os.environ


def share(workers: int) -> int:
    """Threads of each of so many workers on this machine."""
    return max(1, threads() // workers)


def identity(pid: int) -> str | None:
    """When the process started, as text that no other process of that id will have; None where
    there is none (a zombie is none).

    On Linux the machine's boot and the ticks since, elsewhere the time that the system keeps.
    """
    if BOOT.exists():
        fields = _stat(pid)
        if fields is None or fields[STATE_FIELD] in ("Z", "X"):
            return None
        return f"{boot()}:{fields[START_FIELD]}"
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{process.create_time():.2f}"
    except psutil.Error:
        return None


def is_same(pid: int, started: str | float) -> bool:
    """Whether the process that was noted is still there; `started` is a number in what versions
    before 0.3 noted: seconds by the clock."""
    if isinstance(started, str):
        return identity(pid) == started
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < 0.05
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def uptime() -> tuple[str, float]:
    """(the machine's boot, seconds since): a clock that nobody sets. Where the system has none, the
    one that somebody may set."""
    if BOOT.exists() and hasattr(time, "CLOCK_BOOTTIME"):
        return boot(), time.clock_gettime(time.CLOCK_BOOTTIME)
    return "", time.time()


def boot() -> str:
    """What the system calls the machine since it was started; empty where it has no such name."""
    try:
        return BOOT.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return text.rpartition(")")[2].split()
    except OSError:
        return None
