"""Decisions: an append-only log; nothing in it is ever changed or deleted. What stands is the last
word on every object that nobody took back.

reviews/<scene>/decisions.jsonl      one JSON object a line, oldest first; its `digest` is of
                                     itself and of the line before

Beside the scenes, so that a new import of the scene takes nothing away. A line that a kill tore
is skipped by readers and closed by the next writer.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

import geopandas as gpd
import shapely

from core import access, audit, leases, paths, stored
from core.errors import Damaged, SlideScopeError
from core.scene.store import Scene
from core.stored import Broken

UNDOABLE = ("accept", "reject", "comment")


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
    return paths.reviews_folder() / paths.known_name(scene) / "decisions.jsonl"


@contextmanager
def locked(scene: str) -> Iterator[None]:
    """Hold the scene's review lock: one writer at a time, in this process or another, on this host
    or another."""
    access.need(access.EDITOR, "a review decision")
    with leases.of("review", paths.known_name(scene), LOCK_S):
        yield


def append(decision: Decision) -> Decision:
    """Write a decision at the end of its scene's log, down to the disk. The caller holds the
    lock."""
    with audit.changing(f"review: {decision.action}", _item(decision)):
        _append(decision)
    return decision


def _item(decision: Decision) -> str:
    about = (decision.scene, decision.run, decision.item, decision.of, decision.version)
    return " ".join(str(each) for each in about if each is not None)


def _append(decision: Decision) -> None:
    path = log_file(decision.scene)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a buffer, which would be written once more when the file is closed.
    with open(path, "a+b", buffering=0) as file:
        file.seek(0)
        before = [text for text in file.read().split(b"\n") if text.strip()][-1:]
        value = asdict(decision)
        value["digest"] = digest_of(value, before[0] if before else b"")
        line = json.dumps(value, allow_nan=False, ensure_ascii=False)
        end = file.tell()
        torn = end and not _ends_whole(file)
        whole = ("\n" * torn + line + "\n").encode("utf-8")
        try:
            if file.write(whole) < len(whole):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.fsync(file.fileno())
        except OSError:
            os.truncate(path, end)  # a full disk: no half line stays
            raise


def digest_of(value: dict, before: bytes) -> str:
    """Of a line and the bytes of the one before: a line that was changed, put in or taken out shows
    in itself or in the next."""
    plain = json.dumps({k: v for k, v in value.items() if k != "digest"}, sort_keys=True)
    return hashlib.sha256(before + plain.encode()).hexdigest()


def altered(path: Path) -> list[int]:
    """Numbers of the lines of a log that are not as they were written; lines of earlier versions,
    which have no digest, are passed over. What a kill left of a line was there when the next one
    was written; a line garbled since makes the next one differ."""
    found, before = [], b""
    lines = enumerate(path.read_bytes().split(b"\n")[:-1], start=1)
    written = [(number, line) for number, line in lines if line.strip()]
    for number, line in written:
        value = _object(line)
        digest = value.get("digest") if value else None
        garbled_end = value is None and number == written[-1][0]
        if garbled_end or (value and digest and digest != digest_of(value, before)):
            found.append(number)
        before = line
    return found


def _object(line: bytes) -> dict | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _ends_whole(file) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def read(scene: str) -> list[Decision]:
    """All decisions of a scene that can be read, oldest first."""
    return [line for line in _lines(scene) if isinstance(line, Decision)]


def damaged(scene: str) -> list[Broken]:
    """The lines of the log that can not: they are passed over, and stay as they are."""
    return [line for line in _lines(scene) if isinstance(line, Broken)]


def _lines(scene: str) -> list[Decision | Broken]:
    path = log_file(scene)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    # After the last line's end there is nothing, or what a kill left of a line.
    numbered = enumerate(text.split("\n")[:-1], start=1)
    return [_parsed(line, number, path) for number, line in numbered if line.strip()]


def _parsed(line: str, number: int, path: Path) -> Decision | Broken:
    """A decision; what a newer version notes beside is left out."""
    known = {each.name for each in fields(Decision)}
    try:
        with stored.guarded(path, f"line {number} of the review's log", "it is passed over"):
            value = json.loads(line)
            found = Decision(**{k: v for k, v in value.items() if k in known})
            stored.check(found, Decision)
            return found
    except Damaged as error:
        return Broken("decision", f"line {number}", str(error), path)


def effective(log: Sequence[Decision]) -> list[Decision]:
    """Accept, reject and comment decisions that were not undone, oldest first."""
    undone = {decision.of for decision in log if decision.action == "undo"}
    return [d for d in log if d.action in UNDOABLE and d.id not in undone]


def verdicts(log: Sequence[Decision]) -> list[Decision]:
    """The last accept or reject of every object, oldest first."""
    last = {d.subject: d for d in effective(log) if d.action != "comment"}
    return sorted(last.values(), key=lambda d: d.time)


def accepted(log: Sequence[Decision]) -> list[Decision]:
    """The accepted objects that stand."""
    return [decision for decision in verdicts(log) if decision.action == "accept"]


def to_undo(log: Sequence[Decision], author: str, of: str | None) -> Decision:
    """The decision `of` that id, or the author's last one; a SlideScopeError if there is none."""
    standing = effective(log)
    if of is None:
        mine = [d for d in standing if d.author == author]
        if mine:
            return mine[-1]
        raise SlideScopeError(
            f"Nothing to undo: no decision by '{author}' stands; name one by its id."
        )
    found = next((d for d in standing if d.id == of), None)
    if found is None:
        raise SlideScopeError(
            f"No decision '{of}' stands: only an accept, reject or comment that was not undone "
            "can be; choose one from the list."
        )
    return found


def outlines(found: Sequence[Decision], scene: Scene) -> list:
    """Geometries of decisions in the scene's coordinates, None where a decision has none or comes
    from a pixel grid while the scene has a CRS (or the other way round)."""
    return [_outline(decision, scene) for decision in found]


def _outline(decision: Decision, scene: Scene):
    if decision.outline is None or (decision.crs is None) != (scene.grid.crs is None):
        return None
    geometry = shapely.from_wkt(decision.outline, on_invalid="ignore")
    if geometry is None or decision.crs == scene.grid.crs:
        return geometry
    return gpd.GeoSeries([geometry], crs=decision.crs).to_crs(scene.grid.crs).iloc[0]
