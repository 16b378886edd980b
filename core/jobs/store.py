"""Jobs: one folder each, with one status format for every long action, which a process of its own
carries out.

jobs/<id>/job.json       kind, title; written once, by whoever starts it
jobs/<id>/request.json   {action, request}: what is asked for, as the worker reads it
jobs/<id>/status.json    written by the worker only, moved into place
jobs/<id>/alive          its last sign of life, for other hosts (`core.jobs.life`)
jobs/<id>/taken          marker file: another host has given it up
jobs/<id>/stop           marker file: somebody asks the worker to stop
jobs/<id>/log.txt        what the worker printed, of much the end
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, NotRequired, TypedDict, TypeVar

import psutil

from core import access, atomic, audit, clock, hosts, paths, processes, quotas, stored
from core.access import EDITOR, ROLES, Actor
from core.errors import Damaged, NotFound, SlideScopeError
from core.jobs import life
from core.request import Request
from core.shapes import Count, Moment, Number, Share
from core.stored import Broken, Listing

# Started workers are children of the server; polling them here keeps none as a zombie.
_children: list[subprocess.Popen] = []


R = TypeVar("R", bound=Request)
ACTIVE = ("queued", "running", "stopping")
REQUEST, LOG = "request.json", "log.txt"
# Bytes of a log: where it is cut, what is left of it then, and what is read for a page.
LOG_MOST, LOG_KEPT, LOG_SHOWN = 5_000_000, 1_000_000, 100_000
START_GRACE_S = life.START_GRACE_S
# What does not come to a report within this time after a stop was asked for is ended.
STOP_GRACE_S = 60.0
STOPPED_HARD = "Stopped on request; it did not answer in time, so its process was ended."
ENDED_EARLY = (
    "The worker process ended early: it was killed, or the machine ran out of memory or off."
)


class Record(TypedDict):
    """job.json"""

    kind: str
    title: str
    created: Moment
    boot: NotRequired[str]
    uptime: NotRequired[float]
    host: NotRequired[hosts.Noted]
    by: NotRequired[str]
    role: NotRequired[Literal["viewer", "editor", "admin"]]


class Figures(TypedDict, total=False):
    """What actions report beside their progress, as far as pages read it."""

    run: str
    epoch: Number
    epochs: Number
    best_epoch: Number | None
    eta_s: Moment | None
    tiles_per_s: float | None
    device: str


class Status(TypedDict):
    """status.json"""

    state: Literal["queued", "running", "stopping", "done", "stopped", "failed", "interrupted"]
    stage: NotRequired[str]
    progress: NotRequired[Share | None]
    figures: NotRequired[Figures]
    reason: NotRequired[str]
    result: NotRequired[dict | None]
    updated: NotRequired[Moment]
    pid: NotRequired[Count]
    process_started: NotRequired[str | float | None]
    host: NotRequired[hosts.Noted]


RECORD, STATUS = stored.json_of(Record), stored.json_of(Status)


class Asked(TypedDict):
    """request.json"""

    action: str
    request: dict


ASKED = stored.json_of(Asked)


@dataclass(frozen=True)
class Job:
    """A long action. `state`: queued, running, stopping, done, stopped, failed, interrupted.

    `progress` 0..1 or None (unknown), `stage` in words, `figures` what the action reports
    beside it (epoch, eta_s, device, run ...), `result` the object a finished command prints.
    `elsewhere`: the host, in words, of a job that is or was at work on another one and has not said
    that it ended; `silent_s`: how long ago it gave its last sign of life.
    """

    id: str
    kind: str
    title: str
    created: float
    state: str
    stage: str = ""
    progress: float | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    result: dict[str, Any] | None = None
    updated: float = 0.0
    by: Actor | None = None
    elsewhere: str = ""
    silent_s: float = 0.0

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def folder(self) -> Path:
        return paths.jobs_folder() / self.id

    @property
    def action(self) -> str | None:
        """The word of the action, None of a job that an older version started."""
        return self._asked().get("action")

    @property
    def request(self) -> dict[str, Any]:
        """What it was asked for, as plain values; empty where that is not known."""
        return self._asked().get("request", {})

    def _asked(self) -> dict[str, Any]:
        try:
            return stored.known(f"{self.folder}/{REQUEST}", ASKED, f"job '{self.id}'") or {}
        except Damaged:
            return {}

    def asked(self, request: type[R]) -> R | None:
        """The request, None where the job was asked for something else."""
        found = self._asked()
        if found.get("action") != request.ACTION:
            return None
        try:
            return request.from_json(found["request"])
        except SlideScopeError:
            return None


def create(request: Request, title: str | None = None) -> Job:
    """Make the folder of a job that is about to start; `title` where it is not the request's."""
    who, named = access.actor(), title or request.title
    with audit.changing(f"start {request.action}", named, _most(request.needs)):
        return _create(request, named, who)


def _most(role: str) -> str:
    """A job writes, whatever it is about."""
    return max(role, EDITOR, key=ROLES.index)


def _create(request: Request, title: str, who: Actor) -> Job:
    job_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    asked = {"action": request.action, "request": request.to_json()}
    boot, uptime = processes.uptime()
    record = {"kind": request.kind, "title": title, "created": time.time()}
    record |= {"boot": boot, "uptime": uptime, "by": who.name, "role": who.role}
    record["host"] = hosts.here().to_json()
    atomic.recover(paths.jobs_folder())
    with atomic.whole_folder(paths.jobs_folder() / job_id, replace=False) as folder:
        atomic.write_json(folder / REQUEST, asked)
        atomic.write_json(folder / "job.json", record)
    return read(job_id)


def mark_started(job: Job, pid: int) -> None:
    """Note which process is about to work, so that one that dies at once is seen to."""
    if not (job.folder / "status.json").exists():
        started = processes.identity(pid)
        status = {"state": "queued", "stage": "Starting", "pid": pid, "process_started": started}
        status["host"] = hosts.here().to_json()
        atomic.write_json(job.folder / "status.json", status)


def read(job_id: str) -> Job:
    """Return the job as it truly stands: a worker that vanished makes it `interrupted`, as does one
    of another host that has been silent for long."""
    folder = paths.jobs_folder() / paths.known_name(job_id)
    of, cure = f"job '{job_id}'", f"delete it: `python -m core runs --delete {job_id}`"
    record = stored.known(f"{folder}/job.json", RECORD, of, cure)
    if record is None:
        raise NotFound(f"No job '{job_id}': it was deleted or never started; start it again.")
    begun = {"state": "queued", "stage": "Starting"}
    status = stored.known(f"{folder}/status.json", STATUS, of, cure) or begun
    found = life.of(str(folder), status, record) if status["state"] in ACTIVE else life.Life(False)
    if status["state"] in ACTIVE and not found.alive:
        # The worker may have finished between the two looks.
        status = stored.known(f"{folder}/status.json", STATUS, of, cure) or status
        if status["state"] in ACTIVE:
            status = {**status, **_end(folder, found)}
    if status["state"] in ("queued", "running") and (folder / "stop").exists():
        status = {**status, "state": "stopping"}
    # Jobs of 0.1 kept their command line in job.json; a newer version may keep more.
    about = {k: record[k] for k in ("kind", "title", "created")}
    about |= {k: v for k, v in status.items() if k in Job.__dataclass_fields__}
    by = Actor(record["by"], record["role"]) if "by" in record and "role" in record else None
    place = {"elsewhere": found.elsewhere, "silent_s": found.silent_s}
    return Job(**{**about, **place, "id": job_id, "by": by})


def _end(folder: Path, found: life.Life) -> dict[str, str]:
    """State and reason of a job whose worker is gone, or given up."""
    if (folder / "stop").exists() and not found.reason:
        return {"state": "stopped", "reason": STOPPED_HARD}
    return {"state": "interrupted", "reason": found.reason or ENDED_EARLY}


def jobs(kind: str | None = None) -> list[Job]:
    """All jobs, newest first."""
    return [job for job in listing().items if kind is None or job.kind == kind]


def listing() -> Listing[Job]:
    """All jobs, newest first, and what is damaged."""
    return stored.once("job", lambda: stored.listing("job", _folders(), read))


def _folders() -> Iterator[Path]:
    # Without a job.json it is being created, or nobody knows what it was.
    found = stored.folders(paths.jobs_folder())[::-1]
    return (folder for folder in found if os.path.exists(f"{folder}/job.json"))


def delete(broken: Broken) -> None:
    """Remove a damaged job, which no process of that folder can be at work on."""
    status = stored.usable(broken.path / "status.json", Status)
    record = {"created": 0.0}
    found = life.of(str(broken.path), status, record) if status else life.Life(False)
    if status and status["state"] in ACTIVE and found.alive:
        place = f" ({found.elsewhere})" if found.elsewhere else ""
        raise SlideScopeError(
            f"Job '{broken.name}' is still at work: only one at rest can be deleted; end its "
            f"process {status['pid']}{place} first."
        )
    broken.delete()


def active() -> list[Job]:
    """Jobs that are queued, running or stopping, newest first."""
    return [job for job in jobs() if job.active]


def request_stop(job_id: str) -> None:
    """Ask the worker to stop at its next report; what it has saved stays."""
    with audit.changing("stop", read(job_id).title):
        _request_stop(job_id)


def _request_stop(job_id: str) -> None:
    boot, uptime = processes.uptime()
    # Its content is for those of this host; a worker looks whether the file is there.
    marker = paths.jobs_folder() / paths.known_name(job_id) / "stop"
    if not marker.exists():
        marker.write_text(f"{boot} {uptime}", encoding="utf-8")


def end_overdue() -> None:
    """End the processes of jobs that were asked to stop and do not even end themselves, as one that
    is held up inside a library can not."""
    if access.readonly():
        return
    for job in active():
        status = stored.usable(job.folder / "status.json", Status) or {}
        pid, started = status.get("pid"), status.get("process_started")
        if job.state != "stopping" or pid is None or started is None or pid == os.getpid():
            continue
        if job.elsewhere:
            continue  # that number is of another process here
        with suppress(OSError, ValueError):
            overdue = _asked_s(job.folder / "stop") > 1.5 * STOP_GRACE_S
            if overdue and processes.is_same(pid, started):
                _kill(pid)


def _asked_s(marker: Path) -> float:
    """Seconds since somebody asked for the stop, on this host or another one."""
    boot, asked = marker.read_text(encoding="utf-8").rsplit(" ", 1)
    now = processes.uptime()
    if now[0] == boot:
        return now[1] - float(asked)
    return clock.now(marker.parent) - clock.written(marker)


def _kill(pid: int) -> None:
    """End a process, with its children where it leads a group of its own."""
    if hasattr(os, "killpg") and os.getpgid(pid) == pid:
        os.killpg(pid, signal.SIGKILL)
    else:
        psutil.Process(pid).kill()


def log_tail(job: Job, lines: int = 40) -> str:
    """The last lines the worker printed."""
    try:
        with open(job.folder / LOG, "rb") as file:
            text = _end_of(file, LOG_SHOWN)
    except FileNotFoundError:
        return ""
    return "\n".join(text.decode("utf-8", errors="replace").splitlines()[-lines:])


def bound_log(folder: Path) -> None:
    """Cut what the worker printed to its end once it is LOG_MOST bytes long: one that prints
    without end fills no disk. A worker appends, so what it prints next follows."""
    path = folder / LOG
    with suppress(OSError):
        if path.stat().st_size <= LOG_MOST:
            return
        with open(path, "a+b") as file:
            kept = _end_of(file, LOG_KEPT)
            file.truncate(0)
            file.write(b"(what came before was cut)\n" + kept[kept.find(b"\n") + 1 :])


def _end_of(file: BinaryIO, most: int) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - most, 0))
    return file.read(most)


def settle(job: Job) -> None:
    """Before another takes its place: a job of another host that was given up stays so, even if its
    worker should turn up again."""
    if job.elsewhere and not job.active:
        life.give_up(job.folder)


def start(request: Request, title: str | None = None, counted: bool = True) -> Job:
    """Run what is asked for in the background and return its job at once; `counted`: whether
    somebody asked for it, and no job."""
    if counted:
        waiting = [job.by.name if job.by else "" for job in active()]
        quotas.check_jobs(waiting.count(access.actor().name), len(waiting))
    _children[:] = [child for child in _children if child.poll() is None]
    job = create(request, title)
    with open(job.folder / LOG, "ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "core", "work", job.id],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=paths.PROJECT,
            env=paths.environment(),
            # Its own session: Ctrl-C in the server's terminal does not reach it.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows' way
        )
    _children.append(child)
    mark_started(job, child.pid)
    return job
