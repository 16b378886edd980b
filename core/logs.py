"""What happened, for whoever runs the server: logs/server.log, logs/jobs.log and logs/commands.log
in the workspace, a few megabytes at most.

A defect is written down with its traceback; of a command only its action, never its words, which
may name people's folders. A home folder in a traceback is written as `~`.
"""

import logging
import os
import sys
import traceback
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from core import leases, paths

LARGEST, KEPT = 1 << 20, 5
LOCK_S = 2.0
FORMAT = "%(asctime)s %(process)d %(levelname)s %(message)s"
log = logging.getLogger("slidescope")


class _Shared(RotatingFileHandler):
    """Rotates a file that several processes write to, on several hosts perhaps: one at a time, each
    into the newest."""

    def __init__(self, path: Path):
        super().__init__(path, maxBytes=LARGEST, backupCount=KEPT, delay=True, encoding="utf-8")
        self._lock_of_all = leases.Lease(f"{path}.lease", timeout=LOCK_S)

    def emit(self, record: logging.LogRecord) -> None:
        # A workspace that cannot be written to can be read.
        with suppress(OSError, leases.Busy):
            folder().mkdir(parents=True, exist_ok=True)
            self._locked(record)

    def _locked(self, record: logging.LogRecord) -> None:
        with self._lock_of_all:
            self._follow()
            super().emit(record)

    def _follow(self) -> None:
        """Close the file where another process has moved it away."""
        if self.stream is None:
            return
        try:
            same = os.path.samestat(os.fstat(self.stream.fileno()), os.stat(self.baseFilename))
        except OSError:
            same = False
        if not same:
            self.stream.close()
            self.stream = None

    def handleError(self, record: logging.LogRecord) -> None:
        """A disk that is full must not stop what is logged."""


class _OnScreen(logging.StreamHandler):
    """The steps; a defect is printed by itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno < logging.ERROR


class _Short(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace(str(Path.home()), "~")


def folder() -> Path:
    return paths.workspace() / "logs"


def begin(role: str, verbose: bool = False) -> None:
    """Log to logs/<role>.log from now on, which appears with the first line; where `verbose`,
    every step to standard error as well."""
    end()
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    log.propagate = False
    handlers: list[logging.Handler] = [_Shared(folder() / f"{role}.log")]
    handlers[0].setLevel(logging.INFO)
    if verbose:
        handlers.append(_OnScreen(sys.stderr))
    for each in handlers:
        each.setFormatter(_Short(FORMAT))
        log.addHandler(each)


def end() -> None:
    for each in log.handlers[:]:
        log.removeHandler(each)
        each.close()


def defect(error: BaseException, what: str) -> str:
    """Write down a defect of an action or a page; return one sentence on it."""
    log.error("%s failed\n%s", what, "".join(traceback.format_exception(error)).rstrip())
    return (
        f"Something failed that should not have ({type(error).__name__}): the log in "
        f"'{folder()}' has the details, --verbose shows them here; please report it."
    )
