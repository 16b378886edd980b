"""What the time is where files lie.

Hosts that share a folder each have a clock, and these differ; a file's time of writing is that of
the one server that keeps it. So a file's age is its time of writing before that of a file which is
written just now, whatever any host's clock says.
"""

import os
import time
from pathlib import Path
from uuid import uuid4

from core import access, paths

# How long the difference between the server's clock and our own running time is believed.
BELIEVED_S = 10.0
_known: dict[str, tuple[float, float]] = {}


def now(folder: Path) -> float:
    """Seconds since 1970 as the file system of `folder` counts them; this machine's where nothing
    can be written there. Where nothing may be changed, the cache is asked."""
    folder = paths.cache_folder() if access.readonly() else folder
    key, running = os.fspath(folder), time.monotonic()
    asked = _known.get(key)
    if asked is None or running - asked[1] > BELIEVED_S:
        try:
            written = _written(folder)
        except OSError:
            return time.time()
        asked = _known[key] = (written, time.monotonic())
    return asked[0] + time.monotonic() - asked[1]


def _written(folder: Path) -> float:
    """When a file was written that is written now."""
    probe = folder / f".clock.{uuid4().hex[:8]}"
    try:
        with open(probe, "wb", buffering=0) as file:
            file.write(b".")
        return written(probe)
    finally:
        probe.unlink(missing_ok=True)


def written(path: str | Path) -> float:
    """When the file was last written, asked of the server: it is opened, as what a network drive
    remembers of a file that is not may be a minute old."""
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.fstat(handle).st_mtime
    finally:
        os.close(handle)
