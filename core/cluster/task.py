"""What a worker does of an action: a small function, on files of the workspace that all share."""

import json
import os
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core
from core import arithmetic, paths
from core.errors import SlideScopeError

RUNNING = "running"


@dataclass(frozen=True)
class Task:
    """`function` of a module that workers have too, and plain `arguments`; `name`, in words, is
    what people see."""

    name: str
    function: Callable[..., Any]
    arguments: tuple = ()


@dataclass(frozen=True)
class Head:
    """What a worker compares itself with: the software's version, the kernels of numpy, and the
    folder of the action beneath the workspace."""

    version: str
    kernels: str
    workspace: str
    folder: str


def head_of(folder: Path) -> Head:
    """That of this process; `folder` lies in the workspace."""
    root = paths.workspace()
    below = folder.relative_to(root).as_posix()
    return Head(core.__version__, arithmetic.kernels(), str(root), below)


def carry_out(head: Head, number: int, task: Task) -> Any:
    """Carry the task out, here, on a worker, and say meanwhile who does."""
    with _told(_joined(head), number, task.name):
        try:
            return task.function(*task.arguments)
        except SlideScopeError:
            raise
        except Exception as error:
            # Not the exception itself: another machine may not have its class.
            told = f"{type(error).__name__}: {error}"
            raise TaskFailed(task.name, me(), told, traceback.format_exc()) from None


class TaskFailed(Exception):
    """A task ended by an error that is no sentence of ours: `words` of it, `trace` where."""

    def __init__(self, name: str, worker: str, words: str, trace: str):
        super().__init__(name, worker, words, trace)
        self.name, self.worker, self.words, self.trace = name, worker, words, trace

    def __str__(self) -> str:
        return f"{self.name}, on {self.worker}: {self.words}\n{self.trace}"


class Unfit(SlideScopeError):
    """A worker that cannot take part; another may."""


def me() -> str:
    """This worker by the name of its machine, as Slurm calls it where it is Slurm's."""
    return os.environ.get("SLURMD_NODENAME") or socket.gethostname()


def _joined(head: Head) -> Path:
    """The action's folder as seen from here; raises where this worker cannot take part."""
    if head.version != core.__version__:
        raise Unfit(
            f"The worker on {me()} has version {core.__version__} of the software, and the action "
            f"was started by {head.version}: install the same on both, then start it again."
        )
    if head.kernels != arithmetic.kernels():
        raise Unfit(
            f"The worker on {me()} computes with other kernels of numpy, and its last digits may "
            "differ: start it with `python -m core worker`, which chooses them first."
        )
    if "SLIDESCOPE_WORKSPACE" not in os.environ and Path(head.workspace).is_dir():
        os.environ["SLIDESCOPE_WORKSPACE"] = head.workspace
    folder = paths.workspace() / head.folder
    if not folder.is_dir():
        raise Unfit(
            f"The worker on {me()} does not see the workspace: '{paths.workspace()}' there is not "
            f"'{head.workspace}' here; share that folder, and start the worker with "
            "SLIDESCOPE_WORKSPACE naming it."
        )
    return folder


@contextmanager
def _told(folder: Path, number: int, name: str) -> Iterator[None]:
    """A file that says who works on a task while it does; a killed worker's is written over by the
    one that takes its place."""
    path = folder / RUNNING / f"{number}.json"
    path.write_text(json.dumps({"on": me(), "pid": os.getpid(), "task": name}), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
