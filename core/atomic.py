"""Files and folders that appear whole or not at all, even when the process is killed."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

ABANDONED_S = 24 * 3600


def write_text(path: Path, text: str) -> None:
    """Write `text` beside `path`, then move it into place."""
    temporary = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except OSError:
        # On a full disk the half file would take what little room is left.
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write strict JSON (never NaN or Infinity, which other readers refuse)."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False))


def needed_json(path: Path) -> Any:
    """Return the value in `path`, a file that cannot be done without."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_json(path: Path) -> Any | None:
    """Return the value in `path`, or None where there is no such file."""
    try:
        return needed_json(path)
    except FileNotFoundError:
        return None


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path (same suffix) that becomes `path` if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid4().hex[:8]}.{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes `path` if the block succeeds.

    A folder already there is replaced: it is set aside under `.<name>.old` first, and
    `recover` puts it back if a kill falls between the two moves.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex[:8]}.tmp")
    temporary.mkdir()
    aside = path.with_name(f".{path.name}.old")
    try:
        yield temporary
        if path.exists():
            shutil.rmtree(aside, ignore_errors=True)
            os.replace(path, aside)
        os.replace(temporary, path)
        shutil.rmtree(aside, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def recover(parent: Path, settled_s: float = 0.0) -> None:
    """Put back every folder that a kill left set aside by `whole_folder`, and remove half-written
    ones that nobody can be working on any more.

    Who does not know that nobody is writing waits until a folder has been aside for `settled_s`.
    """
    for half in parent.glob(".*.tmp"):
        if time.time() - half.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(half, ignore_errors=True)
    for aside in parent.glob(".*.old"):
        path = parent / aside.name[1:-4]
        # A move changes the time of change (on Windows: of creation, which is earlier).
        if time.time() - aside.stat().st_ctime < settled_s:
            continue
        if path.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.replace(aside, path)
