"""Room on the disk: asked for before something large is written."""

import shutil
from pathlib import Path

from core.errors import SlideScopeError

# What small files beside it, and others who write, may need.
SPARE = 2 << 20


def check_room(folder: Path, needed: int, what: str) -> None:
    """Raise a SlideScopeError unless `needed` bytes, and a little more, fit where `folder` is."""
    free = shutil.disk_usage(_there(folder)).free
    if free < needed + SPARE:
        raise SlideScopeError(
            f"The disk is full: {what} needs {_mb(needed + SPARE)} MB and {_mb(free)} MB are free; "
            "free some space, then go on with it."
        )


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _mb(size: int) -> str:
    """
    >>> _mb(600_000), _mb(25_000_000)
    ('0.6', '25.0')
    """
    return f"{size / 1e6:.1f}"
