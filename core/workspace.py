"""The workspace's format: which version of the software can read it."""

from contextlib import suppress
from typing import TypedDict

from core import access, atomic, paths, stored
from core.errors import SlideScopeError

# 1: jobs kept their command line; 2: jobs keep their request. Version 2 reads both.
FORMAT = 2
RECORD = "format.json"


class Format(TypedDict):
    """format.json; one that is damaged counts as missing and is written anew."""

    format: int


def check() -> None:
    """Refuse a workspace that a newer version wrote; note the format where there is none."""
    path = paths.workspace() / RECORD
    found = (stored.usable(path, Format) or {"format": 1})["format"]
    if found > FORMAT:
        raise SlideScopeError(
            f"The workspace '{paths.workspace()}' has format {found}, and this version reads up to "
            f"{FORMAT}: use the version that wrote it, or another SLIDESCOPE_WORKSPACE."
        )
    if found < FORMAT and not access.readonly():
        with suppress(OSError):  # what cannot be written can still be read
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_json(path, {"format": FORMAT})
