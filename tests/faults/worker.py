"""A command in a process of its own that is killed with SIGKILL at a chosen moment."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from core import paths

PROJECT = Path(__file__).resolve().parents[2]
POLL_S = 0.002
# A busy machine may take its time.
PATIENCE_S = 1800
# Where `core.atomic.whole_folder` writes before it moves a folder into place.
BEING_WRITTEN = (
    "runs/.*.tmp",
    "runs/*/.*.tmp",
    "runs/*/predictions/.*.tmp",
    "scenes/.*.tmp",
)


@dataclass(frozen=True)
class Moment:
    """When to kill: `delay` seconds after `mark` was reached: `start`, `stage:<beginning of a
    stage's words>`, `writing:<name of a folder>`, or `never`."""

    mark: str
    delay: float = 0.0


@dataclass(frozen=True)
class Death:
    """How a process ended: `met` is what it was doing when it was killed; None where it ended by
    itself before, with what it printed as `result`."""

    met: str | None
    result: dict | None = None


@dataclass(frozen=True)
class Watch:
    """What a process does, seen from outside: whatever was not there before it began."""

    folder: Path = field(default_factory=paths.workspace)
    before: frozenset[Path] = field(default_factory=lambda: frozenset(_seen(paths.workspace())))

    def stage(self) -> str:
        for path in self.folder.glob("jobs/*/status.json"):
            if path.parent not in self.before:
                return json.loads(path.read_text()).get("stage", "")
        return "starting Python"

    def writing(self) -> str:
        """Name of the folder that is being written, such as `last`; empty where none is."""
        fresh = [p for p in _being_written(self.folder) if p not in self.before]
        # run ids have no dots: `.last.1a2b3c4d.tmp`
        return fresh[-1].name[1:].split(".")[0] if fresh else ""

    def reached(self, mark: str) -> bool:
        kind, _, what = mark.partition(":")
        if kind == "stage":
            return self.stage().startswith(what)
        return kind == "start" or (kind == "writing" and self.writing() == what)


def run(*argv: str) -> dict:
    """Run a command to its end and return what it printed."""
    ended = kill(argv, Moment("never"))
    if ended.result is None:
        log = (paths.workspace() / "faults.log").read_text(errors="replace")
        raise AssertionError(f"`{' '.join(argv)}` failed:\n{log[-2000:]}")
    return ended.result


def kill(argv: tuple[str, ...], moment: Moment) -> Death:
    """Start `python -m core *argv`, kill it at `moment` and say what it met."""
    watch, began, due = Watch(), time.monotonic(), None
    worker = _start(argv)
    while worker.poll() is None:
        now = time.monotonic()
        if due is None and watch.reached(moment.mark):
            due = now + moment.delay
        if now - began > PATIENCE_S:
            worker.kill()
            raise AssertionError(f"`{' '.join(argv)}` took more than {PATIENCE_S} s")
        if due is not None and now >= due:
            # Read before the kill: afterwards the stage is history.
            met, writing = watch.stage(), watch.writing()
            worker.kill()
            worker.communicate()
            return Death(f"{met} (writing {writing})" if writing else met)
        time.sleep(POLL_S)
    printed = worker.communicate()[0].decode().splitlines()
    return Death(None, json.loads(printed[-1]) if printed and worker.returncode == 0 else None)


def _start(argv: tuple[str, ...]) -> subprocess.Popen:
    with open(paths.workspace() / "faults.log", "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "core", *argv, "--json"],
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=PROJECT,
            env=dict(os.environ),
        )


def _seen(folder: Path) -> list[Path]:
    return [*folder.glob("jobs/*"), *_being_written(folder)]


def _being_written(folder: Path) -> list[Path]:
    return [path for pattern in BEING_WRITTEN for path in folder.glob(pattern)]
