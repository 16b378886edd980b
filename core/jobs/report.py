"""How a long action tells what it is doing, and learns that it should stop."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from core import atomic, audit, hosts, interrupted, logs, processes
from core.errors import SlideScopeError
from core.jobs import life, store
from core.jobs.reasons import reason
from core.leases import Lease

# report(stage, fraction, **figures): stage in words, fraction 0..1 or None, figures to show.
Report = Callable[..., None]
MIN_INTERVAL_S = 0.25
STOP_POLL_S = 1.0
# As a shell says of a process that was ended.
ENDED = 130
_current: ContextVar[str | None] = ContextVar("job", default=None)


def current_job() -> str | None:
    """Id of the job that this process works on just now."""
    return _current.get()


class JobStopped(Exception):
    """Raised inside a report when the user asked the job to stop."""


def silent(stage: str, fraction: float | None = None, **figures) -> None:
    """A report that goes nowhere."""


def to_terminal(stage: str, fraction: float | None = None, **figures) -> None:
    """A report as one line on standard error, so that standard output stays clean."""
    share = "" if fraction is None else f"{100 * fraction:3.0f} % "
    # Whoever stopped reading (`2>&1 | head`) did not ask for the job to end.
    with suppress(BrokenPipeError):
        print(f"{share}{stage}", file=sys.stderr, flush=True)


def part(report: Report, low: float, high: float) -> Report:
    """Return a report whose 0..1 is `low`..`high` of the whole.

    >>> seen = []
    >>> part(lambda stage, fraction: seen.append((stage, fraction)), .5, 1.)("half", .5)
    >>> seen
    [('half', 0.75)]
    """

    def inner(stage: str, fraction: float | None = None, **figures) -> None:
        whole = None if fraction is None else low + (high - low) * fraction
        report(stage, whole, **figures)

    return inner


def unnoted(words: str) -> None:
    """How a job ended, where nobody keeps a log of changes."""


class JobReport:
    """Writes a job's status file; raises JobStopped once the stop marker is there."""

    def __init__(self, folder: Path, echo: Report = silent):
        self.folder, self._echo, self._last = folder, echo, 0.0
        self.noted: Callable[[str], None] = unnoted
        self.sign: Lease | None = None
        self._status: dict[str, Any] = {
            "state": "running",
            "stage": "starting",
            "pid": os.getpid(),
            "process_started": processes.identity(os.getpid()),
            "host": hosts.here().to_json(),
            "figures": {},
        }
        self._write()

    @property
    def state(self) -> str:
        return self._status["state"]

    @property
    def asked_to_stop(self) -> bool:
        return (self.folder / "stop").exists()

    @property
    def ended(self) -> str:
        """How it ended, in words."""
        said = (self._status["state"], self._status.get("reason"))
        return ": ".join(word for word in said if word)

    def __call__(self, stage: str, fraction: float | None = None, **figures) -> None:
        interrupted.again()
        if self.asked_to_stop:
            raise JobStopped
        self._still_ours()
        new_stage = stage != self._status["stage"]
        state = figures.pop("state", "running")
        new_stage |= state != self._status["state"]
        self._status["figures"].update(figures)
        self._status.update(state=state, stage=stage, progress=fraction)
        # Every status is a file moved into place: a few a second are enough for any eye.
        if new_stage or time.monotonic() - self._last > MIN_INTERVAL_S:
            self._write()
            self._echo(stage, fraction, **figures)

    def _still_ours(self) -> None:
        """Where this process stood still for long, look whether another host took the job over
        before anything more is written."""
        sign = self.sign
        if sign and sign.silent_s > life.silence_s() / 2 and not sign.beat():
            taken_over(self)

    def end(self, state: str, reason: str = "", result: dict | None = None) -> None:
        self._status.update(state=state, reason=reason, result=result)
        if state == "done":
            self._status["progress"] = 1.0
        # Before the status: who sees that it has ended finds the line.
        self.noted(self.ended)
        try:
            self._write()
        except OSError:
            # No room for a new file, or no right to one: the old one's own room is left.
            self._write_over()

    def _write_over(self) -> None:
        self._status.update(result=None, figures={})
        text = json.dumps({**self._status, "updated": time.time()})
        with open(self.folder / "status.json", "r+", encoding="utf-8") as file:
            file.write(text)
            file.truncate()

    def _write(self) -> None:
        self._last = time.monotonic()
        atomic.write_json(self.folder / "status.json", {**self._status, "updated": time.time()})


@contextmanager
def working(job_id: str, echo: Report = silent) -> Iterator[JobReport]:
    """Yield the report of job `job_id` and record how the block ended.

    The block calls `end("done", result=...)` itself; a stop request ends it quietly, every other
    exception is recorded in one sentence and raised again.
    """
    job = store.read(job_id)
    if (job.folder / life.TAKEN).exists():
        raise SlideScopeError(
            f"Job '{job_id}' was taken over by another host: it does not go on; start it anew."
        )
    report = JobReport(job.folder, echo)
    with suppress(OSError):  # a full disk; other hosts go by the status
        report.sign = Lease(job.folder / life.ALIVE, lost=partial(taken_over, report)).put()
    report.noted = partial(audit.record, job.action or job.kind, job.title)
    token, ended = _current.set(job_id), Event()
    logs.log.info("job %s begins: %s", job_id, store.read(job_id).kind)
    Thread(target=_look_after, args=(report, ended), daemon=True).start()
    try:
        yield report
    except JobStopped:
        report.end("stopped", "Stopped on request.")
        raise
    except KeyboardInterrupt:
        report.end("stopped", "Stopped from the keyboard.")
        raise
    except BaseException as error:
        report.end("failed", reason(error))
        raise
    finally:
        ended.set()
        if report.sign:
            report.sign.release()
        _current.reset(token)
        logs.log.info("job %s is %s", job_id, report.state)


def _look_after(report: JobReport, ended: Event) -> None:
    """Keep the log within its bounds, and end this process where the block does not come to a
    report within the grace period after somebody asked it to stop; what it has saved stays."""
    waited = 0.0
    while not ended.wait(STOP_POLL_S):
        store.bound_log(report.folder)
        waited = waited + STOP_POLL_S if report.asked_to_stop else 0.0
        if waited >= store.STOP_GRACE_S and not ended.is_set():
            report.end("stopped", store.STOPPED_HARD)
            os._exit(ENDED)


def taken_over(report: JobReport) -> None:
    """End this process: another host has given its job up and may be at work in its place, so
    nothing more is written."""
    logs.log.info("job %s was taken over by another host: this process ends", report.folder.name)
    os._exit(ENDED)
