"""The SHA-256 of every file that was written whole, noted when it was written: so that one that was
changed since, and can still be read, is found.

A scene, a run, an export brings its record in the move that makes it appear: `.digests.jsonl`, a
line a file. What is put into it later adds lines: for what is replaced before the move, so that a
kill in between leaves a file that is known, and for what is new after it.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from core.errors import Damaged
from core.leases import Busy, Lease

RECORD = ".digests.jsonl"
# Whoever adds lines has it for a moment; a dead host's is free after half as long.
LEASE, LEASE_S = ".digests.lease", 60.0
# A file up to this size is hashed wherever it is checked; of a larger one, size and time of change
# are looked at first.
SMALL = 1 << 20
# Instead of a hash: it was removed on purpose.
REMOVED = "removed"
# How far above a file its record can lie: runs/<id> above predictions/<scene>/display/<file>.
HEIGHT = 5

State = Literal["whole", "changed", "missing", "unrecorded"]


@dataclass(frozen=True)
class Noted:
    """A file as it was written."""

    sha256: str
    bytes: int = 0
    modified: int = 0  # ns


def of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(folder: Path) -> None:
    """Write the record of a folder that is about to appear. A record that is there, of an item that
    is restored, stays what it is: what was changed before must not pass for whole."""
    if (folder / RECORD).is_file():
        return
    lines = [_line(f.relative_to(folder).as_posix(), noted(f)) for f in files(folder)]
    (folder / RECORD).write_text("".join(lines), encoding="utf-8")


def noted(path: Path) -> Noted:
    status = path.stat()
    return Noted(of(path), status.st_size, status.st_mtime_ns)


@contextmanager
def moving(written: Path, path: Path, own: bool = False) -> Iterator[None]:
    """Note what the block moves from `written` to `path`, a file or a folder with all it holds.

    `own`: where no record is above, the folder brings one. What is put into a folder that is still
    being written is left to that.
    """
    place = _place(path)
    if place is None:
        if own and not _in_temporary(path):
            keep(written)
        yield
        return
    record, name = place
    if written.is_dir():
        found = {f"{name}/{f.relative_to(written).as_posix()}": noted(f) for f in files(written)}
    else:
        found = {name: noted(written)}
    there = {name for name in found if (record / name).exists()}
    _append(record, {name: found[name] for name in there})
    yield
    gone = {other for other in read(record) if other.startswith(f"{name}/")} - set(found)
    new = {name: each for name, each in found.items() if name not in there}
    with suppress(OSError, Busy):  # it has been moved all the same; what has no line is no damage
        _append(record, new | dict.fromkeys(gone, Noted(REMOVED)))


def forget(path: Path) -> None:
    """Say that a file, or a folder with all it holds, is removed on purpose."""
    if place := _place(path):
        record, name = place
        gone = [other for other in read(record) if f"{other}/".startswith(f"{name}/")]
        _append(record, dict.fromkeys(gone, Noted(REMOVED)))


def _line(name: str, each: Noted) -> str:
    return json.dumps({"file": name, **vars(each)}, ensure_ascii=False) + "\n"


def _append(folder: Path, found: Mapping[str, Noted]) -> None:
    """One writer at a time, as two hosts do not see the same end of a file on a network drive; down
    to the disk, before the file is moved."""
    if not found:
        return
    lines = "".join(_line(name, each) for name, each in found.items())
    with Lease(folder / LEASE, LEASE_S), open(folder / RECORD, "ab") as file:
        file.write(lines.encode())
        file.flush()
        os.fsync(file.fileno())


def _place(path: Path) -> tuple[Path, str] | None:
    """The nearest folder above with a record, and the name there; None where there is none, or
    for what is being written under a temporary name."""
    # As text: a page of a thousand runs asks for thousands of files.
    text = os.fspath(path)
    folder = os.path.dirname(text)
    for _ in range(HEIGHT):
        if os.path.isfile(os.path.join(folder, RECORD)):
            inside = text[len(folder) :].replace(os.sep, "/").strip("/")
            hidden = any(part.startswith(".") for part in inside.split("/"))
            return None if hidden else (Path(folder), inside)
        folder = os.path.dirname(folder)
    return None


def _in_temporary(path: Path) -> bool:
    above = path.parents[:HEIGHT]
    return any(f.name.startswith(".") and f.name.endswith(".tmp") for f in above)


def read(folder: Path) -> dict[str, tuple[Noted, ...]]:
    """What is noted of each file, the latest last; of one that was replaced the last two, as a kill
    may have come between the line and the move. A line that cannot be read is passed over."""
    try:
        status = (folder / RECORD).stat()
        return _read(folder, (status.st_mtime_ns, status.st_size, status.st_ino))
    except OSError:
        return {}


@lru_cache(maxsize=5000)
def _read(folder: Path, _stamp: tuple) -> dict[str, tuple[Noted, ...]]:
    found: dict[str, tuple[Noted, ...]] = {}
    text = (folder / RECORD).read_text(encoding="utf-8", errors="replace")
    for line in text.splitlines():
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            value = json.loads(line)
            name, digest = str(value["file"]), str(value["sha256"])
            each = Noted(digest, int(value["bytes"]), int(value["modified"]))
            found[name] = (*found.get(name, ())[-1:], each)
    return {name: some for name, some in found.items() if some[-1].sha256 != REMOVED}


def files(folder: Path) -> Iterator[Path]:
    """The files in a folder that a record of it is about: none under a temporary name, none of a
    folder within that has a record of its own."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not (path / RECORD).is_file():
            yield from files(path)


def state(path: Path, full: bool = False) -> State:
    """Whether a file is as it was written. Unless `full`, a large one whose size and time of change
    are as noted is taken to be; any other is hashed, once while it stays as it is."""
    place = _place(path)
    known = read(place[0]).get(place[1], ()) if place else ()
    return state_of(path, known, full)


def state_of(path: Path, known: tuple[Noted, ...], full: bool = False) -> State:
    """The same where it is known what is noted of the file."""
    if not known:
        return "unrecorded"
    try:
        status = path.stat()
        if not path.is_file():
            return "missing"
        last = known[-1]
        as_noted = (last.bytes, last.modified) == (status.st_size, status.st_mtime_ns)
        if as_noted and not full and last.bytes > SMALL:
            return "whole"
        stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        digest = of(path) if full else _kept(path, stamp)
        return "whole" if digest in {each.sha256 for each in known} else "changed"
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "changed"  # the disk cannot give it back


@lru_cache(maxsize=10_000)
def _kept(path: Path, _stamp: tuple) -> str:
    return of(path)


def check(path: Path, whose: str, cure: str, full: bool = False) -> None:
    """Raise Damaged where the file is not as it was written; `whose` is such as "run 'r1'"."""
    if state(path, full) == "changed":
        raise Damaged(
            f"{whose[:1].upper()}{whose[1:]} is damaged: '{path.name}' is not as it was written "
            f"(its SHA-256 is another), though it can be read; {cure}."
        )
