"""Decisions: an append-only log; nothing in it is ever changed or deleted.

reviews/<scene>/decisions.jsonl      one JSON object a line, oldest first

Beside the scenes, so that a new import of the scene takes nothing away. A line that a kill tore
is skipped by readers and closed by the next writer.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

from filelock import FileLock

from core import paths
from core.errors import SlideScopeError

Action = Literal["accept", "reject", "comment", "undo", "version"]
LOCK_S = 30
LONGEST_NAME = 80


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a predicted object.

    `item` names the object within `run` at `threshold`; `outline` is WKT in `crs` (None: the
    scene's pixel grid), which is `edited` where it is not the prediction's own. `of` is the
    decision that an undo takes back. `version`: the inventory version that was made.
    """

    id: str
    time: str
    author: str
    action: Action
    scene: str
    fingerprint: str
    run: str | None = None
    threshold: float | None = None
    item: str | None = None
    comment: str = ""
    outline: str | None = None
    crs: str | None = None
    edited: bool = False
    probability: float | None = None
    deformation: float | None = None
    pixels: int | None = None
    of: str | None = None
    version: int | None = None

    @property
    def subject(self) -> tuple:
        """The object that is decided about."""
        return self.run, self.threshold, self.item


def new(author: str, action: Action, scene: str, fingerprint: str, **more) -> Decision:
    """Return a decision of now, its author checked."""
    when = datetime.now().astimezone().isoformat(timespec="seconds")
    return Decision(
        uuid4().hex[:12], when, check_author(author), action, scene, fingerprint, **more
    )


def check_author(name: str) -> str:
    """Return the name without blanks around it.

    >>> check_author(" R. Roe ")
    'R. Roe'
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise SlideScopeError(
            f"Invalid author '{name[:40]}': a decision needs a name of 1 to {LONGEST_NAME} letters;"
            " give yours."
        )
    return name


def log_file(scene: str) -> Path:
    return paths.reviews_folder() / paths.check_name(scene) / "decisions.jsonl"


@contextmanager
def locked(scene: str) -> Iterator[None]:
    """Hold the scene's review lock: one writer at a time, in this process or another."""
    folder = paths.locks_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"review-{paths.check_name(scene)}.lock", timeout=LOCK_S):
        yield


def append(decision: Decision) -> Decision:
    """Write a decision at the end of its scene's log, down to the disk. The caller holds the
    lock."""
    path = log_file(decision.scene)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(decision), allow_nan=False, ensure_ascii=False)
    with open(path, "a+b") as file:
        torn = file.tell() and not _ends_whole(file)
        file.write(("\n" * torn + line + "\n").encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
    return decision


def _ends_whole(file) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def read(scene: str) -> list[Decision]:
    """All decisions of a scene, oldest first."""
    try:
        text = log_file(scene).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    # After the last line's end there is nothing, or what a kill left of a line.
    found = (_parsed(line) for line in text.split("\n")[:-1])
    return [decision for decision in found if decision]


def _parsed(line: str) -> Decision | None:
    try:
        return Decision(**json.loads(line))
    except (ValueError, TypeError):
        return None
