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
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from core import atomic, audit, paths, seen, shapes
from core.access import ADMIN
from core.errors import Damaged, InvalidName, NotFound, SlideScopeError
from core.seen import Reader

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
        with audit.changing(f"delete {self.kind}", self.name, ADMIN):
            self._delete()

    def _delete(self) -> None:
        atomic.changed()
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
    out. What was found in their files is remembered for the next list (`core.seen`)."""
    items, damaged = [], []
    seen.recall()
    for path in found:
        name = path.name if path.is_dir() else path.stem
        try:
            items.append(load(name))
        except (Damaged, InvalidName) as error:
            damaged.append(Broken(kind, name, str(error), path))
        except NotFound as error:
            if path.is_dir() and any(path.iterdir()):
                damaged.append(Broken(kind, name, str(error), path))
    seen.note()
    return Listing(items, damaged)


_look: ContextVar[dict | None] = ContextVar("look", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Within it, what is listed twice is looked at once, unless this process writes something
    meanwhile: for what a page draws at a time. What others write, the next look sees."""
    if _look.get() is not None:
        yield
        return
    token = _look.set({})
    try:
        yield
    finally:
        _look.reset(token)


def once(kind: str, make: Callable[[], Listing[T]]) -> Listing[T]:
    """`make()`, or what it gave before in this look; the lists are the caller's own."""
    known = _look.get()
    if known is None:
        return make()
    # The workspace belongs to the key: a test has several.
    key = (kind, paths.workspace())
    changes, found = known.get(key, (None, None))
    if found is None or changes != atomic.changes:
        found = make()
        known[key] = (atomic.changes, found)
    return Listing(list(found.items), list(found.damaged))


def named(damaged: Sequence[Broken], name: str) -> Broken | None:
    """The damaged one of that name, None where there is none."""
    return next((each for each in damaged if each.name == name), None)


def folders(parent: Path, newest_first_by: str | None = None) -> list[Path]:
    """The folders in `parent` that are whole (those being written begin with a dot): by name, or by
    when the file `newest_first_by` in them was written, the newest first."""
    try:
        with os.scandir(parent) as found:
            names = sorted(each.name for each in found if each.name[0] != "." and each.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    if newest_first_by is not None:
        here = os.fspath(parent)
        names.sort(key=lambda name: _written(f"{here}/{name}", newest_first_by), reverse=True)
    return [parent / name for name in names]


def _written(folder: str, file: str) -> float:
    for path in (f"{folder}/{file}", folder):
        try:
            return os.stat(path).st_mtime
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
        raise _damaged(path, _said(error), of, cure) from error


def _damaged(path: Path, said: str, of: str, cure: str) -> Damaged:
    cure = cure or "put the file back from a copy, or delete it with all that belongs to it"
    return Damaged(
        f"{of[:1].upper()}{of[1:]} is damaged: '{path.name}' cannot be used ({said}); {cure}."
    )


class Wrong(ValueError):
    """A value of another shape, in words."""


def _said(error: BaseException) -> str:
    """What is wrong, in words that stand in a sentence."""
    said = str(error) if isinstance(error, Wrong | SlideScopeError) else _words(error)
    return said.rstrip(".")


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
    """Raise `Wrong` unless the digest is that of the value; earlier versions wrote none."""
    value = atomic.needed_json(path)
    if "digest" in value and value.pop("digest") != _digest(value):
        raise Wrong("it was changed after it was written")


SEAL = Reader("seal", seal)


def made_again(path: Path, shape: Any) -> Any | None:
    """What `sealed` wrote, None where it is missing or not as it was written."""
    try:
        sound(path, SEAL, "what is kept")
    except Damaged:
        return None
    return usable(path, shape)


def sound(path: str | Path, reader: Reader, of: str, cure: str = "") -> None:
    """Raise Damaged unless `path`, where it is there, is what the reader takes it for; one that was
    and has not changed since is not read again."""
    known(path, reader, of, cure)


def known(path: str | Path, reader: Reader, of: str, cure: str = "") -> Any | None:
    """What the reader found in `path` when it last changed, for looking at alone; None where there
    is no such file, Damaged where it is something else."""
    try:
        found = seen.look(path, reader, _read)
    except OSError as error:
        raise _damaged(Path(path), _said(error), of, cure) from error
    if found is None:
        return None
    if found.said:
        raise _damaged(Path(path), found.said, of, cure)
    return found.value


def _read(path: Path, reader: Reader) -> tuple[str, Any]:
    """(what is wrong with the file, what was found)"""
    try:
        return "", reader.read(path)
    except OSError:
        raise  # perhaps not for long: nothing to remember
    except BROKEN as error:
        return _said(error), None


def json_of(shape: Any) -> Reader:
    """Reads JSON of that shape. Make it once, not for each call."""

    def read(path: Path) -> Any:
        value = atomic.needed_json(path)
        check(value, shape)
        return value

    return Reader(f"json {getattr(shape, '__qualname__', shape)}", read)


def _numbers(path: Path) -> list[dict[str, float]]:
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
        named = rows[0].keys() if rows else ()
    if not rows:
        text = path.read_text(encoding="utf-8")
        if text.strip().startswith("epoch"):
            return []
        raise Wrong("it is empty")
    if "epoch" not in named:
        raise Wrong("it has no column 'epoch'")
    values = [{name: float(cell) for name, cell in row.items() if cell} for row in rows]
    for row in values:
        said = shapes.wrong(row.get("epoch"), shapes.Epoch, "epoch")
        if said:
            raise Wrong(said)
    return values


def numbers_table(worth: Callable[[list[dict[str, float]]], Any], name: str) -> Reader:
    """Reads CSV whose cells are numbers or empty, with a column `epoch`; remembers what of its rows
    is `worth` it."""
    return Reader(name, lambda path: worth(_numbers(path)))


def _archive(path: Path) -> None:
    with zipfile.ZipFile(path) as file:
        if not file.namelist() or file.testzip():
            raise Wrong("a part of it is damaged")


# A line of text.
WORD = Reader("word", lambda path: path.read_text(encoding="utf-8").strip())
# Arrays as NumPy keeps them, every byte as it was written.
ARCHIVE = Reader("archive", _archive)
