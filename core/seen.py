"""What was found in a file, remembered until the file changes: in this process, and in the cache
for the next one, so that a list of a thousand runs need not open their files.

cache/seen.jsonl     a line a folder: its checksum, then what was found in the folder's files

Nothing is believed that the file itself does not bear out: a reading counts only while time of
writing, time of change, size and place on the disk are what they were. The list of readings may be
deleted, damaged or of another version: then the files are read.
"""

import json
import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from core import __version__, atomic, paths

# A file that was written this moment may be written again without another stamp: clocks of file
# systems are coarse, on some network drives two seconds.
SETTLED_S = 2.0
# Readings in memory; the oldest half goes. A run has about ten, a job three.
MOST = 100_000
# New readings that are worth writing the list anew; some ten runs.
WORTH = 100
FILE = "seen.jsonl"
# Raised whenever the lines change their meaning.
FORMAT = 1

Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Reader:
    """How a file is read: `read` returns what is worth remembering, as JSON has it, and raises
    where the file is not what it should be. Readers of one `name` find the same."""

    name: str
    read: Callable[[Path], Any]


class Reading(NamedTuple):
    """`said` is what is wrong with the file, empty where nothing is. `value` is shared by all who
    look: nobody changes it."""

    stamp: Stamp
    said: str
    value: Any


_readings: dict[tuple[str, str], Reading] = {}
# Workspaces whose list was read, and new readings since it was written.
_recalled: dict[str, int] = {}


def look(
    path: str | Path, reader: Reader, read: Callable[[Path, Reader], tuple[str, Any]]
) -> Reading | None:
    """What is in the file, from memory while it has not changed; None where there is no file.

    `read` reads it: (what is wrong with it, value). An OSError is passed on, and nothing kept.
    """
    name = os.fspath(path)
    try:
        status = os.stat(name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    known = _readings.get((name, reader.name))
    if known is not None and known.stamp == stamp:
        return known
    try:
        made = Reading(stamp, *atomic.again(lambda: read(Path(name), reader)))
    except FileNotFoundError:
        return None
    # Compared both ways: a clock that was set back makes files of the future.
    if abs(time.time() - max(status.st_mtime, status.st_ctime)) > SETTLED_S:
        _keep(name, reader, made)
    return made


def _keep(name: str, reader: Reader, made: Reading) -> None:
    if len(_readings) >= MOST:
        for key in list(_readings)[: MOST // 2]:
            _readings.pop(key, None)
    _readings[name, reader.name] = made
    for root in list(_recalled):
        if name.startswith(root):
            _recalled[root] += 1


def forget() -> None:
    """Forget all that this process remembers."""
    _readings.clear()
    _recalled.clear()


def recall() -> None:
    """Take over what another process noted of this workspace, once."""
    root = f"{paths.workspace()}{os.sep}"
    if root in _recalled:
        return
    _recalled[root] = 0
    with suppress(OSError, UnicodeDecodeError):
        text = Path(root, "cache", FILE).read_text(encoding="utf-8")
        head, _, rest = text.partition("\n")
        if head == _head():
            _readings.update(found for line in rest.splitlines() for found in _taken(root, line))


def note() -> None:
    """Write what is remembered of this workspace for the next process, where that is worth it; what
    cannot be written is read again."""
    root = f"{paths.workspace()}{os.sep}"
    if _recalled.get(root, 0) < WORTH:
        return
    _recalled[root] = 0
    groups: dict[str, dict[str, list]] = {}
    for (name, reader), found in list(_readings.items()):
        if name.startswith(root):
            *place, rest = name[len(root) :].split(os.sep, 2)
            groups.setdefault("/".join(place), {})[f"{rest}|{reader}"] = list(found)
    lines = [_line([place, found]) for place, found in groups.items() if _is_there(root, place)]
    with suppress(OSError):
        atomic.write_text(paths.cache_folder() / FILE, "\n".join([_head(), *lines, ""]))


def _is_there(root: str, place: str) -> bool:
    return os.path.exists(os.path.join(root, place))


def _line(value: list) -> str:
    # A history may say "nan", which Python's JSON writes and reads: the list is for nobody else.
    text = json.dumps(value, separators=(",", ":"))
    return f"{zlib.crc32(text.encode()):08x} {text}"


def _taken(root: str, line: str) -> Iterator[tuple[tuple[str, str], Reading]]:
    """The readings of a line; none of one that is not as it was written."""
    digest, _, text = line.partition(" ")
    if digest != f"{zlib.crc32(text.encode()):08x}":
        return
    place, found = json.loads(text)
    folder = os.path.join(root, *place.split("/"))
    for key, (stamp, said, value) in found.items():
        rest, _, reader = key.rpartition("|")
        yield (os.path.join(folder, rest), reader), Reading(tuple(stamp), said, value)


@cache
def _head() -> str:
    """Which software reads so: another one may find other things in a file."""
    code = 0
    for folder, _, files in sorted(os.walk(paths.PROJECT / "core")):
        for name in sorted(files):
            if name.endswith(".py"):
                status = os.stat(os.path.join(folder, name))
                code = zlib.crc32(f"{name} {status.st_size} {status.st_mtime_ns}".encode(), code)
    return json.dumps({"seen": FORMAT, "version": __version__, "code": f"{code:08x}"})
