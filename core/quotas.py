"""How much one user, and all together, may have here: set by whoever runs the server, in words that
tell what to do where it is reached.

The command line has no bounds but the disk's: whoever has the machine may fill it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from core.errors import SlideScopeError


@dataclass(frozen=True)
class Quota:
    """`variable` of the environment, its `usual` value, `unit` of both."""

    variable: str
    usual: float
    unit: str

    @property
    def most(self) -> float:
        """What is set, or what is usual; 0 stands for no bound."""
        text = os.environ.get(self.variable, "").strip()
        try:
            value = float(text) if text else self.usual
        except ValueError:
            value = -1.0
        if not 0 <= value < 1e12:
            raise SlideScopeError(
                f"{self.variable} is '{text[:40]}': it is a number, 0 for no bound "
                f"({self.usual:g} {self.unit} without it); set it anew and start the server again."
            )
        return value or float("inf")


FILE = Quota("SLIDESCOPE_MAX_UPLOAD", 200, "MB a file")
MINE = Quota("SLIDESCOPE_MAX_UPLOADS_EACH", 20_000, "MB a user")
UPLOADS = Quota("SLIDESCOPE_MAX_UPLOADS", 50_000, "MB in all")
SCENES = Quota("SLIDESCOPE_MAX_SCENES", 500, "scenes")
JOBS_EACH = Quota("SLIDESCOPE_MAX_JOBS_EACH", 20, "jobs a user")
JOBS = Quota("SLIDESCOPE_MAX_JOBS", 100, "jobs in all")
EVERY = (FILE, MINE, UPLOADS, SCENES, JOBS_EACH, JOBS)
MB = 1_000_000
# Bytes of memory that no upload may take.
SPARE = 500 * MB


def check_file(name: str, size: int) -> None:
    """Refuse an upload that is too large by itself."""
    if size > FILE.most * MB:
        raise SlideScopeError(
            f"'{name[:60]}' has {size / MB:.0f} MB: an upload may have {FILE.most:g} MB; let the "
            "operator put it on this machine and give its path, or cut it to the area."
        )


def check_memory(size: int) -> None:
    """Refuse an upload that the machine has no memory for: until a page takes it, it lies there."""
    free = psutil.virtual_memory().available
    if size + SPARE > free:
        raise SlideScopeError(
            f"The server has {free / 1e9:.1f} GB of memory free, too little for an upload of "
            f"{size / MB:.0f} MB: try again in a while, or let the operator put the file on the "
            "machine and give its path."
        )


def check_uploads(name: str, size: int, mine: Callable[[], int], every: Callable[[], int]) -> None:
    """Refuse one for which a user's uploads, or all, leave no room."""
    check_file(name, size)
    for quota, held, whose in ((MINE, mine, "your uploads"), (UPLOADS, every, "all uploads")):
        if quota.most != float("inf") and held() + size > quota.most * MB:
            raise SlideScopeError(
                f"'{name[:60]}' has no room: {whose} may have {quota.most:g} MB together; they go "
                "after a week, or when the operator deletes them: try again then, or give a path."
            )


def check_scenes(known: int) -> None:
    """Refuse one more scene."""
    if known >= SCENES.most:
        raise SlideScopeError(
            f"There are {known} scenes and {SCENES.most:g} may be: delete one that is not needed, "
            f"or let the operator raise {SCENES.variable}."
        )


def check_jobs(mine: int, every: int) -> None:
    """Refuse one more job that waits or runs."""
    for quota, count, whose in ((JOBS_EACH, mine, "of yours "), (JOBS, every, "")):
        if count >= quota.most:
            raise SlideScopeError(
                f"{count} jobs {whose}wait or run and {quota.most:g} may: stop one, or start this "
                f"when one has ended; the operator can raise {quota.variable}."
            )
