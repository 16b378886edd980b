"""Who changed what: a line of JSON for each change, written at the end of `audit.jsonl` and never
again touched; a full file is set aside under the time it was full at.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from core import access, leases, paths
from core.access import EDITOR

FILE = "audit.jsonl"
# About 20,000 lines; with those set aside, 200 MB at most.
LARGEST, SET_ASIDE = 5 << 20, 40
LONGEST, LOCK_S = 500, 10.0


@dataclass(frozen=True)
class Change:
    """A line. `when` is UTC, `result` done, started, refused or a sentence on what went wrong."""

    when: str
    who: str
    role: str
    action: str
    item: str
    result: str


@contextmanager
def changing(action: str, item: str, role: str = EDITOR) -> Iterator[None]:
    """Note down who does this and how it ended; refused to who lacks the role."""
    try:
        access.need(role, f"'{action}'")
        yield
    except BaseException as error:
        refused = isinstance(error, access.Refused)
        record(action, item, f"refused: {error}" if refused else f"failed: {_said(error)}")
        raise
    record(action, item, "done")


def record(action: str, item: str, result: str) -> None:
    """Add a line; one that cannot be written goes to the log, and undoes no change."""
    if access.readonly():
        return  # nothing is changed, and nothing written
    who = access.actor()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    said = (now, who.name, who.role, action, item, result)
    line = json.dumps(asdict(Change(*(text[:LONGEST] for text in said))), ensure_ascii=False)
    try:
        _append(line)
    except (OSError, leases.Busy) as error:
        print(f"The audit log could not be written ({error}): {line}", file=sys.stderr)


def _append(line: str) -> None:
    path = paths.workspace() / FILE
    with leases.of("audit", timeout=LOCK_S):
        if path.exists() and path.stat().st_size > LARGEST:
            full = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
            os.replace(path, path.with_name(f"audit-{full}.jsonl"))
            for old in _set_aside()[:-SET_ASIDE]:
                old.unlink(missing_ok=True)
        with open(path, "a+b") as file:
            # What a loss of power cut off must not take the next line with it.
            torn = file.tell() and not _ends_whole(file)
            file.write(("\n" * bool(torn) + line + "\n").encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())


def _ends_whole(file) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _set_aside() -> list[Path]:
    return sorted(paths.workspace().glob("audit-*.jsonl"))


def changes() -> tuple[list[Change], int]:
    """All changes, the oldest first, and how many lines are none."""
    found, broken = [], 0
    for path in (*_set_aside(), paths.workspace() / FILE):
        try:
            lines = path.read_bytes().splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            try:
                value = json.loads(line)
                found.append(Change(*(str(value[name]) for name in Change.__annotations__)))
            except (ValueError, KeyError, TypeError, RecursionError):
                broken += 1
    return found, broken


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
