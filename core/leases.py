"""Locks of a folder that several hosts share: files that are created once, kept young by whoever
holds them, and taken over where nobody has for EXPIRES_S.

No lock of the operating system is used: over NFS and its like they are missing, slow or without
effect. What is relied on is that a name is given once (a hard link, or exclusive creation) and that
a rename is one move.

<name>                  the lease: who holds it; its time of writing is the last sign of life
.<name>.<token>         what becomes the lease, while somebody waits for it
.<name>.<n>.<token>     of an expired lease: who made this may take it away, nobody else

Its bound: a holder that stands still for EXPIRES_S (a machine that sleeps, a drive that hangs) may
find one of another host in its place; it learns so with the next sign of life, BEAT_S after it goes
on. On one host the process decides, not the time: one that is gone is not waited for, one that is
there keeps its lease. No clock of a host matters (`core.clock`).
"""

import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from core import clock, hosts, paths, processes
from core.errors import SlideScopeError

BEAT_S = 3.0
EXPIRES_S = 30.0
# How long to wait between two looks at a lease that somebody has.
SOON_S, LATER_S = 0.01, 0.25
LONGEST_NAME = 150
# The first byte of what a lease says; writing it once more is a sign of life.
BEGIN = b"{"


class Busy(SlideScopeError):
    """Somebody has the lease, and did not give it back in time."""


@dataclass(frozen=True)
class Holder:
    """Who has a lease, as far as its file tells, and for how long it has been silent."""

    token: str
    host: hosts.Host | None
    pid: int
    started: str | None
    silent_s: float

    @property
    def gone(self) -> bool:
        """Whether nobody holds it any more: on this host the process tells, else the silence."""
        if self.host is None or self.started is None or self.host.table != hosts.here().table:
            return self.silent_s > EXPIRES_S
        return not processes.is_same(self.pid, self.started)

    @property
    def words(self) -> str:
        host = "somebody" if self.host is None else f"process {self.pid} on {self.host.words}"
        return f"{host}, last sign of life {self.silent_s:.0f} s ago"


class Lease:
    """One holder at a time, among threads, processes and hosts. `lost` is called, by another
    thread, should somebody have taken it over."""

    def __init__(
        self, path: str | Path, timeout: float = 30.0, lost: Callable[[], None] | None = None
    ):
        self.path, self.timeout, self.lost = Path(path), timeout, lost
        self.token = ""
        self.beaten = 0.0

    def __enter__(self) -> "Lease":
        return self if self.token else self.acquire()

    def __exit__(self, *_exc: object) -> None:
        self.release()

    def acquire(self, timeout: float | None = None) -> "Lease":
        """Wait for it; Busy where it is not free within `timeout` seconds."""
        token = uuid4().hex[:8]
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        offer, pause = _beside(self.path, token), SOON_S
        _write(offer, token)
        try:
            while not _created(offer, self.path):
                found = holder(self.path)
                if found and not (found.gone and take_away(self.path, found.token)):
                    self._rest(found, end, pause)
                    pause = min(2 * pause, LATER_S)
                touch(offer)
        finally:
            offer.unlink(missing_ok=True)
        self._mine(token)
        return self

    def _rest(self, found: Holder, end: float, pause: float) -> None:
        left = end - time.monotonic()
        if left <= 0:
            raise Busy(
                f"'{self.path.name}' is in use by {found.words}: one at a time may have it; wait "
                "and try again."
            )
        time.sleep(min(pause, left))

    def put(self) -> "Lease":
        """Have it at once, whoever had it before: for what has one owner anyway."""
        token = uuid4().hex[:8]
        offer = _beside(self.path, token)
        _write(offer, token)
        os.replace(offer, self.path)
        self._mine(token)
        return self

    def _mine(self, token: str) -> None:
        self.token, self.beaten = token, processes.uptime()[1]
        _keeper.keep(self)

    @property
    def silent_s(self) -> float:
        """Seconds since its last sign of life, by a clock that goes on while the machine sleeps."""
        return processes.uptime()[1] - self.beaten

    def beat(self) -> bool:
        """Give a sign of life; False where somebody has taken it over."""
        try:
            found = _says(self.path)
            if found.get("token") != self.token:
                return False
            touch(self.path)
            self.beaten = processes.uptime()[1]
        except FileNotFoundError:
            return False
        except OSError:
            pass  # a drive that hangs: the next beat will tell
        return True

    def release(self) -> None:
        """Give it back, unless it has become another's."""
        _keeper.leave(self)
        token, self.token = self.token, ""
        with suppress(OSError):
            if token and _says(self.path).get("token") == token:
                self.path.unlink()


def of(kind: str, name: str = "", timeout: float = 30.0) -> Lease:
    """The lease of the workspace of that kind and name, such as ("review", "kashmir")."""
    folder = paths.locks_folder()
    folder.mkdir(parents=True, exist_ok=True)
    called = "-".join(filter(None, (kind, name)))
    if len(called.encode()) > LONGEST_NAME:
        called = f"{kind}-{sha256(name.encode()).hexdigest()[:32]}"
    return Lease(folder / f"{called}.lease", timeout)


def holder(path: Path) -> Holder | None:
    """Who has the lease; None where it is free."""
    try:
        said, written = _says(path), clock.written(path)
    except FileNotFoundError:
        return None
    silent = max(clock.now(path.parent) - written, 0.0)
    try:
        host = hosts.of_json(said["host"])
        return Holder(said["token"], host, int(said["pid"]), said["started"], silent)
    except (KeyError, TypeError, ValueError):
        return Holder(str(said.get("token", "")), None, 0, None, silent)


def take_away(path: Path, token: str) -> bool:
    """Remove the expired lease of that token, if it is still there; of all who try, one does, as
    each lease has a mark of its own that is made once. One who makes it and dies lets the next make
    another, after as long as a lease lasts."""
    number = 0
    while not _created_empty(mark := _beside(path, f"{number}.{token}")):
        with suppress(OSError):
            if clock.now(path.parent) - clock.written(mark) <= EXPIRES_S:
                return False
            number += 1
    taken = False
    with suppress(OSError):
        if _says(path).get("token", "") == token:
            os.replace(path, mark)
            taken = True
    for each in range(number + 1):
        _beside(path, f"{each}.{token}").unlink(missing_ok=True)
    return taken


def touch(path: str | Path) -> None:
    """Make a file young: one byte is written over itself. The server's clock tells when that was,
    which setting the time would leave to this host's on some drives; it needs no room on a full
    disk, moves nothing, and a file that is gone stays gone."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.write(handle, BEGIN)
    finally:
        os.close(handle)


def _beside(path: Path, end: str) -> Path:
    return path.with_name(f".{path.name}.{end}")


def _write(path: Path, token: str) -> None:
    said = {"token": token, "host": hosts.here().to_json(), "pid": os.getpid()}
    said["started"] = processes.identity(os.getpid())
    try:
        path.write_text(json.dumps(said), encoding="utf-8")
    except OSError:
        path.unlink(missing_ok=True)  # on a full disk an empty file would be left
        raise


def _says(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _created(offer: Path, path: Path) -> bool:
    """Give `offer` the name `path` as well, unless something has it."""
    try:
        os.link(offer, path)
        return True
    except FileExistsError:
        # The answer of a first try may have been lost, and it was asked twice.
        return os.stat(offer).st_nlink == 2
    except OSError:
        return _created_here(offer, path)  # a file system without hard links


def _created_here(offer: Path, path: Path) -> bool:
    try:
        with open(path, "xb", buffering=0) as file:
            file.write(offer.read_bytes())
        return True
    except FileExistsError:
        return False


def _created_empty(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        return True
    except FileExistsError:
        return False


class _Keeper:
    """Gives the signs of life of all leases that this process holds, by a thread of its own: what
    else the process does, it goes on."""

    _held: dict[int, Lease]
    _guard: threading.Lock
    _thread: threading.Thread | None

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A process that was split off holds nothing of what the first one holds."""
        self._held, self._guard, self._thread = {}, threading.Lock(), None

    def keep(self, lease: Lease) -> None:
        with self._guard:
            self._held[id(lease)] = lease
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._beat, name="leases", daemon=True)
                self._thread.start()

    def leave(self, lease: Lease) -> None:
        with self._guard:
            self._held.pop(id(lease), None)

    def _beat(self) -> None:
        while True:
            time.sleep(BEAT_S)
            with self._guard:
                held = list(self._held.values())
            for lease in held:
                if lease.token and not lease.beat() and lease.token:
                    self.leave(lease)
                    if lease.lost:
                        lease.lost()


_keeper = _Keeper()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keeper.begin)
