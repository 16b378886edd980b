"""Things of one kind in a folder: each is read guarded, and what cannot be read is listed as
damaged, with its reason, beside those that can."""

import csv
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from core import atomic, shapes
from core.errors import Damaged, InvalidName, NotFound, SlideScopeError

T = TypeVar("T")
# What reading something that is not what it should be can raise.
BROKEN = (
    ValueError,  # no JSON, no UTF-8, digits without end
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    EOFError,
    OSError,
    zipfile.BadZipFile,
    csv.Error,
    SlideScopeError,
)


@dataclass(frozen=True)
class Broken:
    """Something that is there and cannot be read. `kind` is scene, run, job and the like."""

    kind: str
    name: str
    reason: str
    path: Path = field(compare=False)

    def to_json(self) -> dict[str, str]:
        return {name: text for name, text in asdict(self).items() if name != "path"}

    def delete(self) -> None:
        """Remove it with all that it holds."""
        if self.path.is_dir() and not self.path.is_symlink():
            hidden = self.path.with_name(f".{self.path.name[:200]}.deleted.tmp")
            shutil.rmtree(hidden, ignore_errors=True)
            os.replace(self.path, hidden)
            shutil.rmtree(hidden, ignore_errors=True)
        else:
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Listing(Generic[T]):
    """Everything of a kind: `items` that could be read, in the order asked for, and the others."""

    items: list[T]
    damaged: list[Broken]


def listing(kind: str, found: Iterable[Path], load: Callable[[str], T]) -> Listing[T]:
    """Load each of `found`, folders or files whose stem is the name; what is gone meanwhile is left
    out."""
    items, damaged = [], []
    for path in found:
        name = path.name if path.is_dir() else path.stem
        try:
            items.append(load(name))
        except (Damaged, InvalidName) as error:
            damaged.append(Broken(kind, name, str(error), path))
        except NotFound as error:
            if path.is_dir() and any(path.iterdir()):
                damaged.append(Broken(kind, name, str(error), path))
    return Listing(items, damaged)


def named(damaged: Sequence[Broken], name: str) -> Broken | None:
    """The damaged one of that name, None where there is none."""
    return next((each for each in damaged if each.name == name), None)


def folders(parent: Path, newest_first_by: str | None = None) -> list[Path]:
    """The folders in `parent` that are whole (those being written begin with a dot): by name, or by
    when the file `newest_first_by` in them was written, the newest first."""
    try:
        found = [f for f in parent.iterdir() if not f.name.startswith(".") and f.is_dir()]
    except FileNotFoundError:
        return []
    if newest_first_by is None:
        return sorted(found)
    return sorted(found, key=lambda f: _written(f / newest_first_by, f), reverse=True)


def _written(file: Path, folder: Path) -> float:
    for path in (file, folder):
        try:
            return path.stat().st_mtime
        except OSError:
            continue
    return 0.0


@contextmanager
def guarded(path: Path, of: str, cure: str = "") -> Iterator[None]:
    """Raise Damaged, in one sentence, for whatever goes wrong in reading `path`; a file that is not
    there is no damage. `of` says whose it is, such as "run 'r1'", `cure` what can be done."""
    try:
        yield
    except (FileNotFoundError, Damaged, NotFound):
        raise
    except BROKEN as error:
        said = str(error) if isinstance(error, Wrong | SlideScopeError) else _words(error)
        cure = cure or "put the file back from a copy, or delete it with all that belongs to it"
        raise Damaged(
            f"{of[:1].upper()}{of[1:]} is damaged: '{path.name}' cannot be used ({said.rstrip('.')}"
            f"); {cure}."
        ) from error


class Wrong(ValueError):
    """A value of another shape, in words."""


def _words(error: BaseException) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is no text"
    if isinstance(error, json.JSONDecodeError):
        return "it is empty" if not error.doc.strip() else "it is no JSON"
    return f"it cannot be read, {type(error).__name__}"


def check(value: Any, shape: Any) -> None:
    """Raise inside `guarded` unless `value` has that shape."""
    said = shapes.wrong(value, shape)
    if said:
        raise Wrong(said)


def read(path: Path, shape: Any, of: str, cure: str = "") -> Any | None:
    """The JSON value in `path`, which has that shape; None where there is no such file, Damaged
    where it is something else."""
    with guarded(path, of, cure):
        value = atomic.read_json(path)
        # A file that says null is not one that is missing.
        if value is not None or path.exists():
            check(value, shape)
        return value


def usable(path: Path, shape: Any) -> Any | None:
    """The same of what can be made again: None where it is damaged too."""
    try:
        return read(path, shape, "what is kept")
    except Damaged:
        return None


def sealed(value: dict) -> dict:
    """The value with a digest of itself, for what can be made again and has many parts."""
    return {**value, "digest": _digest(value)}


def _digest(value: dict) -> str:
    # As it is read again: keys are text, tuples are lists.
    plain = json.loads(json.dumps(value))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def seal(path: Path) -> None:
    """A test for `sound`: the digest is that of the value; earlier versions wrote none."""
    value = atomic.needed_json(path)
    if "digest" in value and value.pop("digest") != _digest(value):
        raise Wrong("it was changed after it was written")


def made_again(path: Path, shape: Any) -> Any | None:
    """What `sealed` wrote, None where it is missing or not as it was written."""
    try:
        sound(path, seal, "what is kept")
    except Damaged:
        return None
    return usable(path, shape)


def sound(path: Path, test: Callable[[Path], None], of: str, cure: str = "") -> None:
    """Raise Damaged unless `path`, where it is there, passes the test; one that did and has not
    changed since is not read again."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise Damaged(f"{of} is damaged: '{path.name}' cannot be read.") from error
    stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    said = _tested(path, test, stamp, of, cure)
    if said:
        raise Damaged(said)


@lru_cache(maxsize=50_000)
def _tested(path: Path, test: Callable[[Path], None], stamp: tuple, of: str, cure: str) -> str:
    """The sentence on what is wrong, empty where nothing is."""
    try:
        with guarded(path, of, cure):
            test(path)
    except FileNotFoundError:
        return ""
    except Damaged as error:
        return str(error)
    return ""


def json_of(shape: Any) -> Callable[[Path], None]:
    """A test for `sound`: JSON of that shape. Make it once, not for each call."""

    def test(path: Path) -> None:
        check(atomic.needed_json(path), shape)

    return test


def numbers_table(path: Path) -> None:
    """A test for `sound`: CSV whose cells are numbers or empty, with a column `epoch`."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
        named = rows[0].keys() if rows else ()
    if not rows:
        text = path.read_text(encoding="utf-8")
        if text.strip().startswith("epoch"):
            return
        raise Wrong("it is empty")
    if "epoch" not in named:
        raise Wrong("it has no column 'epoch'")
    for row in rows:
        values = {name: float(cell) for name, cell in row.items() if cell}
        said = shapes.wrong(values.get("epoch"), shapes.Epoch, "epoch")
        if said:
            raise Wrong(said)


def archive(path: Path) -> None:
    """A test for `sound`: arrays as NumPy keeps them, every byte as it was written."""
    with zipfile.ZipFile(path) as file:
        if not file.namelist() or file.testzip():
            raise Wrong("a part of it is damaged")
