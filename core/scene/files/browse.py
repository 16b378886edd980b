"""Looking through the folders that pages may open: folders and readable files, nothing beyond."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import formats, guard, tile_folder, tile_layout
from core.scene.files.uploads import MAX_FILES, is_readable
from core.scene.interferograms import products


@dataclass(frozen=True)
class Entry:
    """A file that may be opened: `path`, its `name` and `size` in words."""

    path: str
    name: str
    size: str


@dataclass(frozen=True)
class Listing:
    """`folder` with its `above` (None where that may not be opened), the `folders` in it and its
    readable `files`; `hidden` counts what is left out because it leads elsewhere, `more` what did
    not fit. `kind`: tiles, product (Sentinel-2), stack (of interferograms) or plain."""

    folder: str
    above: str | None
    folders: tuple[str, ...]
    files: tuple[Entry, ...]
    hidden: int
    more: int
    kind: str


def roots(folders: Sequence[Path]) -> list[str]:
    """The allowed folders that are there, none twice; those that the operator names come first."""
    found = [str(Path(f).resolve()) for f in reversed(folders) if Path(f).is_dir()]
    return list(dict.fromkeys(found))


def listing(folder: str, folders: Sequence[Path]) -> Listing:
    """What is in `folder`, which must lie in an allowed one, links followed.

    A link to a place outside the allowed folders is counted, not shown; names that begin with a
    dot are left out.
    """
    path = guard.check_inside(Path(folder), folders)
    if not path.is_dir():
        raise SlideScopeError(f"Folder '{folder}' is missing: choose another.")
    inside, files, hidden = [], [], 0
    for entry in _entries(path):
        if not _allowed(entry, folders):
            hidden += 1
        elif entry.is_dir() and _is_one_file(Path(entry.path)):
            size = sum(p.stat().st_size for p in Path(entry.path).iterdir() if p.is_file())
            files.append(Entry(entry.path, entry.name, _size(size)))
        elif entry.is_dir():
            inside.append(entry.path)
        elif entry.is_file() and is_readable(entry.name):
            files.append(Entry(entry.path, entry.name, _size(entry.stat().st_size)))
    # Text beside data is mostly words about it.
    maps = [f for f in files if formats.suffix(f.name) not in formats.PLAIN_TEXT]
    files = maps or files
    above = str(path.parent) if _is_allowed(path.parent, folders) else None
    more = max(0, len(files) - MAX_FILES)
    kept = tuple(files[:MAX_FILES])
    kind = _kind(path, inside, folders)
    return Listing(str(path), above, tuple(inside), kept, hidden, more, kind)


def check_tiles(folder: str, folders: Sequence[Path]) -> str:
    """Return a folder of tiles that may be opened: no file in it is a link."""
    path = guard.check_inside(Path(folder), folders)
    for here, inside, files in os.walk(path):
        linked = [n for n in (*inside, *files) if os.path.islink(os.path.join(here, n))]
        if linked:
            raise SlideScopeError(
                f"Folder '{path.name}' has links in it ('{linked[0]}'): pages open tiles that lie "
                "in the folder itself; import it from the command line."
            )
    return str(path)


def _is_one_file(folder: Path) -> bool:
    """Whether a folder is opened as a whole: a file geodatabase, an ArcInfo grid."""
    return formats.is_geodatabase(folder) or formats.is_arcinfo(folder)


def _entries(path: Path) -> list[os.DirEntry]:
    try:
        with os.scandir(path) as found:
            every = [entry for entry in found if not entry.name.startswith(".")]
    except OSError as error:
        raise SlideScopeError(
            f"Folder '{path}' cannot be looked into ({error.strerror}): choose another."
        ) from error
    return sorted(every, key=lambda entry: entry.name.lower())


def _allowed(entry: os.DirEntry, folders: Sequence[Path]) -> bool:
    """Only a link can lead out of a folder that is allowed."""
    return not entry.is_symlink() or _is_allowed(Path(entry.path), folders)


def _is_allowed(path: Path, folders: Sequence[Path]) -> bool:
    try:
        guard.check_inside(path, folders)
    # A link that leads to itself has no place at all.
    except (SlideScopeError, OSError, RuntimeError):
        return False
    return True


def _kind(path: Path, inside: Sequence[str], folders: Sequence[Path]) -> str:
    if path.suffix.upper() == ".SAFE":
        return "product"
    if tile_layout.looks_like([Path(p).name for p in inside]):
        return "tiles"
    return "stack" if _holds_pairs(path, inside, folders) else "plain"


def _holds_pairs(path: Path, inside: Sequence[str], folders: Sequence[Path]) -> bool:
    """Whether it looks like a stack's folder: pairs in it or in the folder of the first pair. The
    rest is looked at when it is taken."""
    near = [path, *(Path(p) for p in inside if len(products.dates_in(Path(p).name)) > 1)][:2]
    names = [e.name for folder in near for e in _entries(folder)]
    found = [products.recognise(Path(n)) for n in names if products.is_candidate(n)]
    return any(n.role == products.PHASE and n.dates for n in found)


def check_pairs(found: tile_folder.TileFolder, folders: Sequence[Path]) -> None:
    """Refuse tiles that lie beside their folder, outside the allowed ones."""
    for path in {file.parent for pair in found.pairs for file in pair if file}:
        guard.check_inside(path, folders)


def _size(count: int) -> str:
    """
    >>> _size(800), _size(2_500_000), _size(3_200_000_000)
    ('1 kB', '2.5 MB', '3.2 GB')
    """
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"
