"""A job in words, for the status line and the pages."""

from collections.abc import Sequence

from core.jobs.life import silence_s
from core.jobs.store import Job
from core.numerals import duration

STATES = {
    "queued": "waiting for its turn",
    "running": "running",
    "stopping": "stopping",
    "done": "done",
    "stopped": "stopped",
    "failed": "failed",
    "interrupted": "interrupted",
}


def foremost(active: Sequence[Job]) -> Job:
    """Of active jobs, newest first, the one to speak of: the oldest that is not waiting, of this
    host if there is one."""
    oldest_first = sorted(active[::-1], key=lambda job: bool(job.elsewhere))
    return next((job for job in oldest_first if job.state != "queued"), oldest_first[0])


def line(job: Job) -> str:
    """Return title, stage and progress in one line.

    >>> line(Job("1", "train", "Train U-Net", 0.0, "running", "epoch 2 of 9", 0.256))
    'Train U-Net · epoch 2 of 9 · 26 %'
    >>> line(Job("1", "train", "Train U-Net", 0.0, "stopping", "epoch 2 of 9", 0.256))
    'Train U-Net · stopping'
    """
    place = f" · {where(job)}" if job.active and job.elsewhere else ""
    if job.state == "queued" and job.stage:
        return f"{job.title} · {job.stage}{place}"
    if job.state != "running":
        return f"{job.title} · {STATES[job.state]}{place}"
    share = "" if job.progress is None else f" · {100 * job.progress:.0f} %"
    return f"{job.title} · {job.stage}{share}{place}"


def where(job: Job) -> str:
    """Of a job of another host: which, and when it last gave a sign of life; empty of one here.

    >>> where(Job("1", "train", "Train", 0.0, "running", elsewhere="host 'node7'", silent_s=12.3))
    "host 'node7', last sign of life 12 s ago"
    """
    if not job.elsewhere:
        return ""
    return f"{job.elsewhere}, last sign of life {duration(job.silent_s)} ago"


def state(job: Job) -> str:
    """Its state, and where it is at work if that is not here."""
    place = where(job)
    return f"{STATES[job.state]} ({place})" if job.active and place else STATES[job.state]


def way_out(job: Job) -> str:
    """What to do where an active job is in the way, as the end of a sentence."""
    if not job.elsewhere:
        return "stop it first"
    left = max(silence_s() - job.silent_s, 0.0)
    return (
        f"stop it first, wait until it has been silent for {duration(silence_s())} (in "
        f"{duration(left)} if no sign comes), or, if that host is certainly dead, `python -m core "
        f"runs --take-over {job.id}`"
    )
