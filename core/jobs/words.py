"""A job in words, for the status line and the pages."""

from collections.abc import Sequence

from core.jobs.store import Job

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
    """Of active jobs, newest first, the one to speak of: the oldest that is not waiting."""
    oldest_first = active[::-1]
    return next((job for job in oldest_first if job.state != "queued"), oldest_first[0])


def line(job: Job) -> str:
    """Return title, stage and progress in one line.

    >>> line(Job("1", "train", "Train U-Net", 0.0, "running", "epoch 2 of 9", 0.256))
    'Train U-Net · epoch 2 of 9 · 26 %'
    >>> line(Job("1", "train", "Train U-Net", 0.0, "stopping", "epoch 2 of 9", 0.256))
    'Train U-Net · stopping'
    """
    if job.state == "queued" and job.stage:
        return f"{job.title} · {job.stage}"
    if job.state != "running":
        return f"{job.title} · {STATES[job.state]}"
    share = "" if job.progress is None else f" · {100 * job.progress:.0f} %"
    return f"{job.title} · {job.stage}{share}"


def duration(seconds: float) -> str:
    """Return a duration as people say it.

    >>> duration(42), duration(190), duration(7500)
    ('42 s', '3 min 10 s', '2 h 5 min')
    """
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
