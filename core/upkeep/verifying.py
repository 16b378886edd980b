"""Every file against the hash that was noted when it was written; the last findings are kept, so
that a page can say them without reading gigabytes.

<workspace>/verified.json      {when, changed: [{kind, item, file, state, bytes, modified}]}
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

from core import atomic, digests, paths, stored
from core.access import Refused
from core.digests import State
from core.export import store as exports
from core.jobs.report import Report
from core.review import decisions
from core.shapes import Count
from core.upkeep.items import Item, items
from core.upkeep.progress import tenths

FINDINGS = "verified.json"
BAD = ("changed", "missing")


@dataclass(frozen=True)
class Checked:
    """A file of an item, by its name in the item's folder. `where`: which lines of a log."""

    kind: str
    item: str
    file: str
    state: State
    where: str = ""

    @property
    def words(self) -> str:
        """
        >>> Checked("run", "r1", "history.csv", "changed").words
        "run 'r1': history.csv is not as it was written"
        """
        said = {"changed": "is not as it was written", "missing": "is gone"}
        place = f" ({self.where})" if self.where else ""
        return f"{self.kind} '{self.item}': {self.file} {said.get(self.state, self.state)}{place}"


class Found(TypedDict):
    kind: str
    item: str
    file: str
    state: str
    where: NotRequired[str]
    bytes: Count
    modified: str


class Findings(TypedDict):
    """verified.json"""

    when: str
    changed: list[Found]


def verify(asked: Sequence[Item], report: Report) -> list[Checked]:
    """Hash every file of these items, and note down what is not as it was written."""
    found: list[Checked] = []
    add = tenths(report, "Reading every file", sum(_size(item.path) for item in asked))
    for item in asked:
        with suppress(FileNotFoundError):  # it is being deleted
            found += check(item)
            add(_size(item.path))
    _keep(asked, [each for each in found if each.state in BAD])
    return found


def _size(path: Path) -> int:
    files = [path] if path.is_file() else digests.files(path)
    return sum(file.stat().st_size for file in files if file.exists())


def check(item: Item) -> list[Checked]:
    """Every file of an item."""
    if item.kind == "dataset":
        return [Checked(item.kind, item.name, item.path.name, _sealed(item.path))]
    if item.kind == "review":
        return [Checked(item.kind, item.name, *_log(path)) for path in digests.files(item.path)]
    if item.kind == "export":
        return list(_exported(item))
    return [
        Checked(item.kind, item.name, path.relative_to(item.path).as_posix(), state)
        for path, state in _recorded(item.path)
    ]


def _recorded(folder: Path) -> Iterator[tuple[Path, State]]:
    """Of a folder with a record, or with folders within that have one."""
    noted = digests.read(folder)
    there = {path.relative_to(folder).as_posix() for path in digests.files(folder)}
    for name in sorted({*noted, *there}):
        path = folder / name
        state = digests.state_of(path, noted.get(name, ()), full=True)
        if state in BAD:  # unless it was being written just now
            noted = digests.read(folder)
            state = digests.state_of(_aside(path, folder), noted.get(name, ()), full=True)
        yield path, state
    for inner in sorted(folder.rglob(digests.RECORD)):
        if inner.parent != folder:
            yield from _recorded(inner.parent)


def _aside(path: Path, item: Path) -> Path:
    """Where a file lies that a kill left between the two moves of its folder: it is put back when
    the item is read next."""
    if path.exists():
        return path
    for parent in path.parents[: len(path.relative_to(item).parts) - 1]:
        aside = parent.with_name(f".{parent.name}.old")
        if aside.is_dir() and not parent.exists():
            return aside / path.relative_to(parent)
    return path


def _sealed(path: Path) -> State:
    """Of a JSON object with a digest of itself."""
    try:
        if "digest" not in atomic.needed_json(path):
            return "unrecorded"
        stored.seal(path)
        return "whole"
    except stored.BROKEN:
        return "changed"


def _log(path: Path) -> tuple[str, State, str]:
    """Of a log whose lines have digests; anything else in its folder has none."""
    if path.name != decisions.log_file("x").name:
        return path.name, "unrecorded", ""
    lines = decisions.altered(path)
    if lines:
        return path.name, "changed", f"line {', '.join(map(str, lines[:5]))}"
    return path.name, "whole" if b'"digest"' in path.read_bytes() else "unrecorded", ""


def _exported(item: Item) -> Iterator[Checked]:
    """The list of an export holds the hashes of the others."""
    about = exports.read(item.path) or {}
    hashes = about.get("sha256")
    hashes = hashes if isinstance(hashes, dict) else {}
    yield Checked(item.kind, item.name, exports.LIST, _sealed(item.path / exports.LIST))
    there = {path.name for path in digests.files(item.path)} - {exports.LIST}
    for name in sorted({*hashes, *there}):
        noted = (digests.Noted(hashes[name]),) if name in hashes else ()
        state = digests.state_of(item.path / name, noted, full=True)
        yield Checked(item.kind, item.name, name, state)


def _keep(asked: Sequence[Item], bad: Sequence[Checked]) -> None:
    """Note the findings, beside earlier ones on what was not asked for."""
    mine = {(item.kind, item.name) for item in asked}
    kept = [each for each in _noted() if (each["kind"], each["item"]) not in mine]
    by_name = {(item.kind, item.name): item.path for item in asked}
    for each in bad:
        size, modified = _stamp(by_name[each.kind, each.item], each.file)
        told = Found(kind=each.kind, item=each.item, file=each.file, state=each.state,
                     where=each.where, bytes=size, modified=modified)  # fmt: skip
        kept.append(told)
    value = Findings(when=time.strftime("%Y-%m-%dT%H:%M:%S"), changed=kept)
    with suppress(Refused, OSError):  # who may not write is told all the same
        atomic.write_json(paths.workspace() / FINDINGS, value)


def _stamp(item: Path, file: str) -> tuple[int, str]:
    path = item if item.is_file() else item / file
    try:
        status = path.stat()
    except OSError:
        return 0, ""
    return status.st_size, str(status.st_mtime_ns)


def _noted() -> list[Found]:
    found = stored.usable(paths.workspace() / FINDINGS, Findings)
    return found["changed"] if found else []


def last() -> list[Checked]:
    """What the last `verify` found and is still so, as far as size and time of change tell:
    a file that was put back or made again is left out."""
    noted = _noted()
    if not noted:
        return []
    there = {(item.kind, item.name): item.path for item in items()}
    found = []
    for each in noted:
        path = there.get((each["kind"], each["item"]))
        if path and _stamp(path, each["file"]) == (each["bytes"], each["modified"]):
            state: State = "missing" if each["state"] == "missing" else "changed"
            where = each.get("where", "")
            found.append(Checked(each["kind"], each["item"], each["file"], state, where))
    return found
