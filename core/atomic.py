"""Files and folders that appear whole or not at all, even when the process is killed."""

import errno
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from core import access, clock, digests, disk, hosts
from core.processes import identity

ABANDONED_S = 24 * 3600
REPLACED_TRIES = 4
T = TypeVar("T")
# Goes up with whatever this process has written, moved or removed by way of this module.
changes = 0


def changed() -> None:
    """Say that something was written: what was listed before is not what there is."""
    global changes
    changes += 1


def write_text(path: Path, text: str) -> None:
    """Write `text` beside `path`, then move it into place."""
    access.keep_out(path)
    temporary = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with digests.moving(temporary, path):
            os.replace(temporary, path)
        to_disk(path.parent)
        changed()
    except OSError:
        # On a full disk the half file would take what little room is left.
        temporary.unlink(missing_ok=True)
        raise


def to_disk(path: Path) -> None:
    """Wait until the file, or the folder's list of names, outlasts a loss of power."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no such thing
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        if not path.is_dir():  # some network drives cannot do it for folders
            raise
    finally:
        os.close(handle)


def _all_to_disk(folder: Path) -> None:
    """The same for a folder with all that it holds."""
    for here, _, files in os.walk(folder):
        for name in files:
            path = Path(here, name)
            if path.is_file() and not path.is_symlink():
                to_disk(path)
        to_disk(Path(here))


def write_json(path: Path, value: Any) -> None:
    """Write strict JSON (never NaN or Infinity, which other readers refuse)."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False))


def needed_json(path: Path) -> Any:
    """Return the value in `path`, a file that cannot be done without."""
    return json.loads(again(lambda: path.read_text(encoding="utf-8")))


def again(read: Callable[[], T]) -> T:
    """What `read` returns. Where another host moves a new file into the place of the one that is
    being read, a network drive ends the reading; the new one is read then."""
    for _ in range(REPLACED_TRIES):
        try:
            return read()
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
    return read()


def read_json(path: Path) -> Any | None:
    """Return the value in `path`, or None where there is no such file."""
    try:
        return needed_json(path)
    except FileNotFoundError:
        return None


@contextmanager
def whole_file(path: Path, digest: bool = True, foreign: bool = False) -> Iterator[Path]:
    """Yield a temporary path (same suffix) that becomes `path` if the block succeeds; no `digest`
    is kept of a file that grows later; what is `foreign` may be broken and stays as it came."""
    access.keep_out(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid4().hex[:8]}.{path.name}")
    try:
        with nullcontext() if foreign else disk.kept_whole(temporary):
            yield temporary
        to_disk(temporary)
        with digests.moving(temporary, path) if digest else nullcontext():
            os.replace(temporary, path)
        to_disk(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
        changed()


@contextmanager
def whole_folder(path: Path, replace: bool = True, record: bool = False) -> Iterator[Path]:
    """Yield a temporary folder that becomes `path` if the block succeeds, every file of it on the
    disk by then. `record`: it is an item that brings the SHA-256 of its files (`core.digests`).

    A folder already there is replaced: it is set aside under `.<name>.old` first, and
    `recover` puts it back if a kill falls between the two moves. Without `replace` one that has
    come meanwhile stays, and FileExistsError is raised.
    """
    access.keep_out(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{_writer()}{uuid4().hex[:8]}.tmp")
    temporary.mkdir()
    aside = path.with_name(f".{path.name}.old")
    try:
        with disk.kept_whole(temporary):
            yield temporary
        with digests.moving(temporary, path, record):
            _all_to_disk(temporary)
            if not replace:
                _move_to_new(temporary, path)
                return
            if path.exists():
                shutil.rmtree(aside, ignore_errors=True)
                os.replace(path, aside)
            os.replace(temporary, path)
            to_disk(path.parent)
        shutil.rmtree(aside, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        changed()


def _move_to_new(temporary: Path, path: Path) -> None:
    """Of two that come at once, the system lets one through."""
    try:
        os.rename(temporary, path)
    except OSError as error:
        if path.exists():
            raise FileExistsError(errno.EEXIST, "came meanwhile", str(path)) from error
        raise
    to_disk(path.parent)


def _writer() -> str:
    """Who writes, in the name of what is half written: nobody else takes it for abandoned."""
    started = identity(os.getpid())
    if not started:
        return ""
    return f"{os.getpid()}-{started.rpartition(':')[2]}-{hosts.here().mark}-"


def is_written(half: Path) -> bool:
    """Whether the process is there that a half-written folder names; one of another host is taken
    to be until nothing in the folder was written for ABANDONED_S."""
    found = re.search(r"\.(\d+)-([\d.]+)-(?:([0-9a-f]{8})-)?[0-9a-f]{8}\.tmp$", half.name)
    if not found:
        return False
    if found[3] not in (None, hosts.here().mark):
        return clock.now(half.parent) - _last_written(half) < ABANDONED_S
    now = identity(int(found[1]))
    return now is not None and now.rpartition(":")[2] == found[2]


def _last_written(folder: Path) -> float:
    newest = 0.0
    for here, _, files in os.walk(folder):
        for name in (here, *(os.path.join(here, file) for file in files)):
            try:
                newest = max(newest, os.lstat(name).st_mtime)
            except OSError:
                continue  # gone meanwhile
    return newest


def recover(parent: Path, settled_s: float = 0.0) -> None:
    """Put back every folder that a kill left set aside by `whole_folder`, and remove half-written
    ones that nobody can be working on any more.

    Who does not know that nobody is writing waits until a folder has been aside for `settled_s`.
    """
    if access.readonly():
        return
    hidden = [parent / name for name in names(parent) if name.startswith(".")]
    for half in (path for path in hidden if path.name.endswith(".tmp")):
        # The clock may have been set: what somebody is at work on stays, however old it seems.
        if clock.now(parent) - half.stat().st_mtime > ABANDONED_S and not is_written(half):
            shutil.rmtree(half, ignore_errors=True)
    for aside in (path for path in hidden if path.name.endswith(".old")):
        path = parent / aside.name[1:-4]
        # A move changes the time of change (on Windows: of creation, which is earlier).
        if settled_s and abs(clock.now(parent) - aside.stat().st_ctime) < settled_s:
            continue
        if path.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.replace(aside, path)
        changed()


def left_over(found: Iterable[str]) -> bool:
    """Whether one of the names is of what `recover` looks after.

    >>> left_over([".digests.jsonl", "config.json"]), left_over([".last.old"])
    (False, True)
    """
    return any(name.startswith(".") and name.endswith((".tmp", ".old")) for name in found)


def names(folder: Path) -> list[str]:
    """Names of what is in a folder; none where there is no folder."""
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
