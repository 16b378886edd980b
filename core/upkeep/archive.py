"""A backup: a scene or a run as one zip that nothing is compressed in, with the SHA-256 of every
file; what it holds is checked before anything of it is believed.

item/<file>                the files of the item as they lie in its folder
review/decisions.jsonl     of a scene: what was decided about it
backup.json                `Manifest`, last
"""

import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, TypedDict

from core import digests, paths, stored
from core.errors import SlideScopeError
from core.shapes import Count

FORMAT = 1
MANIFEST = "backup.json"
ITEM, REVIEW = "item", "review"
MOST_FILES, LARGEST_MANIFEST = 10**6, 1 << 28
# What a damaged zip makes Python's reader raise; NotImplementedError: packed in an unknown way.
UNREADABLE = (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError)


class File(TypedDict):
    """A file of the zip; `modified` in ns, which is more than JSON's numbers hold for everybody."""

    file: str
    sha256: str
    bytes: Count
    modified: str


class Manifest(TypedDict):
    """backup.json"""

    format: Count
    kind: Literal["scene", "run"]
    name: str
    software: str
    created: str
    files: list[File]


@dataclass(frozen=True)
class Backup:
    """A backup that was opened: its file, and what it says of itself, which the zip bears out."""

    path: Path
    manifest: Manifest

    @property
    def bytes(self) -> int:
        return sum(each["bytes"] for each in self.manifest["files"])

    def under(self, top: str) -> list[File]:
        """The files that lie under `item` or `review`."""
        return [each for each in self.manifest["files"] if each["file"].startswith(f"{top}/")]


def refused(path: Path, why: str) -> SlideScopeError:
    return SlideScopeError(
        f"'{path.name}' is refused: {why}; give a file that `python -m core backup` wrote."
    )


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise a SlideScopeError where the zip turns out to be damaged."""
    try:
        yield
    except UNREADABLE as error:
        if getattr(error, "errno", None):  # of the disk, not of the zip
            raise
        raise refused(path, "it is cut short or garbled, or no backup at all") from error


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Backup]]:
    """The zip and what it says of itself. Raises a SlideScopeError for whatever is no whole backup
    that this version can read."""
    if not path.is_file():
        raise SlideScopeError(f"No file '{path}': give the file that `backup` wrote.")
    with readable(path):
        file = zipfile.ZipFile(path)
    with file:
        with readable(path):
            backup = Backup(path, _checked(path, file))
        yield file, backup


def _checked(path: Path, file: zipfile.ZipFile) -> Manifest:
    members = {each.filename: each for each in file.infolist()}
    if len(members) != len(file.infolist()) or len(members) > MOST_FILES:
        raise refused(path, "it holds a file twice, or more files than an item has")
    if MANIFEST not in members:
        raise refused(path, f"it has no {MANIFEST}")
    manifest = _manifest(path, file, members.pop(MANIFEST))
    told = {each["file"]: each["bytes"] for each in manifest["files"]}
    if told.keys() != members.keys() or len(told) != len(manifest["files"]):
        raise refused(path, "its list of files is not what it holds")
    for name, member in members.items():
        _check_place(path, name)
        plain = member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & 1
        if not plain or member.file_size != told[name] or member.compress_size != told[name]:
            raise refused(path, f"'{name[:80]}' is not as its list of files says")
    if len({name.casefold() for name in told}) != len(told):
        raise refused(path, "two of its files have one name on some systems")
    if sum(told.values()) > path.stat().st_size:
        raise refused(path, "its files are larger than itself")
    return manifest


def _manifest(path: Path, file: zipfile.ZipFile, member: zipfile.ZipInfo) -> Manifest:
    if member.file_size > LARGEST_MANIFEST:
        raise refused(path, f"its {MANIFEST} is too large")
    try:
        value = json.loads(file.read(member))
        newer = value.get("format", 0)
        if isinstance(newer, int) and newer > FORMAT:
            raise SlideScopeError(
                f"'{path.name}' has format {str(newer)[:20]}, and this version reads up to "
                f"{FORMAT}: restore it with the version that wrote it."
            )
        stored.check(value, Manifest)
    except (ValueError, AttributeError, RecursionError) as error:
        raise refused(path, f"its {MANIFEST} cannot be used") from error
    paths.known_name(value["name"])
    return value


def _check_place(path: Path, name: str) -> None:
    """Raise unless the file would lie within the item, under a name that an item's files have."""
    place = PurePosixPath(name)
    strange = any(c in name for c in "\\:") or any(ord(c) < 32 for c in name)
    parts = place.parts
    outside = place.is_absolute() or ".." in parts or place.as_posix() != name
    if strange or outside or len(parts) < 2 or parts[0] not in (ITEM, REVIEW):
        raise refused(path, f"'{name[:80]}' would lie outside of it")
    hidden = [part for part in parts if part.startswith(".") and part != digests.RECORD]
    if hidden or any(len(part.encode()) > 255 or paths.is_reserved(part) for part in parts):
        raise refused(path, f"'{name[:80]}' is no name of a file that an item has")


def files(folder: Path) -> Sequence[Path]:
    """What of an item's folder goes into a backup: all but links and what is half written."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or (path.name.startswith(".") and path.name != digests.RECORD):
            continue
        if path.is_dir():
            found += files(path)
        elif path.is_file():
            found.append(path)
    return found
