"""Whether the worker of a job is there, as far as this host can know.

On its own host a job is as alive as its process. Seen from another one it is as alive as its last
sign of life: jobs/<id>/alive, which the worker holds as a lease (`core.leases`) and writes one byte
to every few seconds, whatever it is at. What has been silent for `silence_s()` is given up, and so
is what somebody takes over at once:

jobs/<id>/taken     its worker, should it be there after all, ends itself as soon as it sees it
"""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import clock, hosts, paths, processes
from core.errors import SlideScopeError
from core.numerals import duration

ALIVE, TAKEN = "alive", "taken"
# After how many seconds without a sign of life a job of another host is given up.
SILENCE, SILENCE_S, SILENCE_LEAST_S = "SLIDESCOPE_SILENCE", 120.0, 10.0
# A worker needs a moment between being started and writing its first status.
START_GRACE_S = 20.0
GIVEN_UP = "It was taken over from {0}."
SILENT = (
    "{0} has given no sign of life for {1}: the job was killed, or that machine is off or cut off."
)


@dataclass(frozen=True)
class Life:
    """`elsewhere` is the host in words where it is not this one, `silent_s` the time since its last
    sign of life; `reason` says why it is at an end where that is not the process's own."""

    alive: bool
    elsewhere: str = ""
    silent_s: float = 0.0
    reason: str = ""


def of(folder: str, status: Mapping[str, Any], record: Mapping[str, Any]) -> Life:
    """Of a job whose status says that it is active."""
    noted = status.get("host") if status.get("pid") is not None else record.get("host")
    taken = os.path.exists(f"{folder}/{TAKEN}")
    if noted is None or hosts.is_here(noted):
        there = not taken and _is_here(status, record)
        return Life(there, reason=GIVEN_UP.format("this host") if taken else "")
    host = hosts.of_json(noted).words
    if taken:
        return Life(False, host, 0.0, GIVEN_UP.format(host))
    silent = _silent_s(folder)
    if silent < silence_s():
        return Life(True, host, silent)
    words = SILENT.format(host[0].upper() + host[1:], duration(silent))
    return Life(False, host, silent, words)


def silence_s() -> float:
    """What SLIDESCOPE_SILENCE says, in seconds."""
    said = os.environ.get(SILENCE, "").strip()
    try:
        found = float(said) if said else SILENCE_S
    except ValueError:
        found = 0.0
    if not SILENCE_LEAST_S <= found < 1e6:
        raise SlideScopeError(
            f"Invalid {SILENCE} '{said[:40]}': it must be a number of seconds, at least "
            f"{SILENCE_LEAST_S:g}; set one, or unset it for {SILENCE_S:g}."
        )
    return found


def give_up(folder: Path) -> None:
    """From here on the job is at an end for everybody, its worker included, which finds its lease
    gone and ends itself."""
    with suppress(FileExistsError), open(folder / TAKEN, "xb"):
        pass
    (folder / ALIVE).unlink(missing_ok=True)


def _silent_s(folder: str) -> float:
    """Seconds since the worker, or whoever started it, wrote something, by the server's clock."""
    last = 0.0
    for name in (ALIVE, "status.json", "job.json"):
        with suppress(OSError):
            last = max(last, clock.written(f"{folder}/{name}"))
    return max(clock.now(paths.jobs_folder()) - last, 0.0)


def _is_here(status: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Process id + start: a reused process id never passes for the worker, and a clock that was
    set changes nothing."""
    if status.get("pid") is not None and status.get("process_started") is not None:
        return processes.is_same(status["pid"], status["process_started"])
    boot, uptime = processes.uptime()
    if "uptime" in record:
        return record.get("boot") == boot and 0 <= uptime - record["uptime"] < START_GRACE_S
    return abs(time.time() - record["created"]) < START_GRACE_S
