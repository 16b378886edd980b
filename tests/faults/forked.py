"""A command in a process of its own that begins where this one is: with everything loaded. Starting
Python for each of hundreds of commands would take an hour."""

import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from core.__main__ import main

PATIENCE_S = 900


@dataclass(frozen=True)
class Ended:
    """`status` as a shell tells it (negative: the signal), what was printed, `seconds`."""

    status: int
    out: str
    err: str
    seconds: float

    @property
    def last(self) -> str:
        return (self.err.strip().splitlines() or [""])[-1]


def command(*words: str) -> Ended:
    """Run `python -m core *words --json`."""
    return call(lambda: main([*words, "--json"]))


def call(work: Callable[[], int]) -> Ended:
    """Run `work` in a fork; what it returns is the exit status, an exception's is 1."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _work(work, out.fileno(), err.fileno())
        status = _wait(child)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return Ended(status, *texts, round(time.monotonic() - began, 1))


def _work(work: Callable[[], int], out: int, err: int) -> None:
    status = 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(out, 1)
        os.dup2(err, 2)
        tempfile.tempdir = None  # TMPDIR may have been set since
        status = work()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _wait(child: int) -> int:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL
