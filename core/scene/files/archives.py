"""Zip archives: what is in them, looked at before GDAL sees any of it."""

import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO, cast

from core.errors import SlideScopeError
from core.scene.files import encoding, formats

# What grows more than this is made to fill a disk; an empty raster, which is small, may.
SUSPICIOUS_BYTES, MAX_RATIO = 256 * 1024**2, 100
# A container inside an archive could not be looked at before it is opened.
_MEMBERS = (*formats.RASTER_DRIVERS, *formats.VECTOR_DRIVERS, *formats.POINTS)


def is_archive(path: str | Path) -> bool:
    return formats.suffix(path) in formats.ARCHIVES


def holds_polygons(path: str | Path) -> bool:
    """Whether an archive's only readable content is vector files; False for a damaged one."""
    return _holds_only(path, tuple(formats.VECTOR_DRIVERS))


def holds_tables(path: str | Path) -> bool:
    """Whether an archive's only readable content is tables of points; False for a damaged one."""
    return _holds_only(path, formats.POINTS)


def _holds_only(path: str | Path, extensions: Sequence[str]) -> bool:
    try:
        known = members(Path(path))
    except (OSError, SlideScopeError):
        return False
    return bool(known) and all(formats.suffix(m) in extensions for m in known)


def members(path: Path) -> tuple[str, ...]:
    """Names of all rasters, vector files and tables in an archive; of plain text where it has none
    of these, as text beside data is mostly words about it."""
    about = path.stat()
    known = _members(str(path), about.st_mtime_ns, about.st_size)
    maps = [m for m in known if formats.suffix(m) not in formats.PLAIN_TEXT]
    return tuple(map(shown, maps or known))


def shown(name: str) -> str:
    """A member's name as its maker wrote it: zip knows UTF-8 and code page 437, many a Chinese
    system stores GBK and says nothing.

    >>> shown("╗¼╞┬.shp")
    '滑坡.shp'
    """
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    found = encoding.of_bytes(raw, whole=True)
    return found.decode(raw) if found.name in ("utf-8", "gb18030") else name


def member(path: Path, part: str | None, extensions: Sequence[str], wanted: str) -> str:
    """The one member with one of `extensions`, or the one that `part` names."""
    about = path.stat()
    every = _members(str(path), about.st_mtime_ns, about.st_size)
    known = [m for m in every if formats.suffix(m) in extensions]
    if part is None and len(known) == 1:
        return _whole(path, known[0], about)
    names = {m: (m, shown(m)) for m in known}
    whole, last = ([m for m in known if part in names[m]], [m for m in known if _ends(m, part)])
    for chosen in (whole, last):
        if len(chosen) == 1:
            return _whole(path, chosen[0], about)
    if not known:
        raise SlideScopeError(
            f"'{path.name}' holds no {wanted} that SlideScope reads (known are "
            f"{', '.join(extensions)}): unpack it and give what it holds."
        )
    raise choose(path, part, [shown(m) for m in known])


def _ends(member_path: str, part: str | None) -> bool:
    return part in (_name(member_path), _name(shown(member_path)))


def beside(path: Path, name: str, extension: str) -> str | None:
    """The member beside `name` that differs in its extension alone, large or small letters."""
    with zipfile.ZipFile(path) as archive:
        wanted = str(PurePosixPath(name).with_suffix(extension)).lower()
        return next((m for m in archive.namelist() if m.lower() == wanted), None)


def copied(path: Path, name: str) -> BinaryIO:
    """The bytes of a member as a file that can be read again from its start."""
    kept = tempfile.SpooledTemporaryFile(max_size=64 * 1024**2)  # noqa: SIM115 - who asks closes it
    with zipfile.ZipFile(path) as archive, archive.open(name) as file:
        shutil.copyfileobj(file, kept)
    kept.seek(0)
    return cast(BinaryIO, kept)


@contextmanager
def unpacked(path: Path, name: str) -> Iterator[Path]:
    """A member as a file of its own, while it is looked at."""
    with tempfile.TemporaryDirectory(prefix="slidescope-member-") as folder:
        copy = Path(folder) / "member"
        with zipfile.ZipFile(path) as archive, archive.open(name) as file, open(copy, "wb") as out:
            shutil.copyfileobj(file, out)
        yield copy


def head(path: Path, name: str, size: int = 512) -> bytes:
    """The first bytes of a member."""
    with zipfile.ZipFile(path) as archive, archive.open(name) as file:
        return file.read(size)


def inside(path: Path, name: str) -> str:
    """The name by which GDAL opens a member of an archive."""
    return f"/vsizip/{{{path.as_posix()}}}/{name}"


def total(path: Path) -> int:
    """Bytes of all that an archive says it holds."""
    with zipfile.ZipFile(path) as archive:
        return sum(info.file_size for info in archive.infolist())


def small_texts(path: Path, names: Sequence[str], most: int) -> dict[str, bytes]:
    """Members that are called one of `names`, in any folder, with what is in them: at most eight,
    of at most `most` bytes each."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [i for i in archive.infolist() if _name(i.filename) in names]
            small = [i for i in infos if i.file_size <= most][:8]
            return {i.filename: archive.read(i) for i in small}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise SlideScopeError(
            f"'{path.name}' cannot be read as a zip archive: it is damaged or another format; pack "
            "it again or give the files themselves."
        ) from error


def choose(path: Path, part: str | None, known: Sequence[str], most: int = 12) -> SlideScopeError:
    """The error that lists the parts of a file to choose from."""
    listed = ", ".join(known[:most]) + (", ..." if len(known) > most else "")
    what = f"has no '{part}'" if part else f"holds {len(known)} rasters or layers"
    return SlideScopeError(
        f"'{path.name}' {what}: it has {listed}; choose one, as {path.name}:{known[0]}."
    )


def _whole(path: Path, name: str, about: os.stat_result) -> str:
    """The member's name, once all of it is known to unpack: GDAL crashes on some that do not."""
    if formats.suffix(name) == ".gdb":
        with zipfile.ZipFile(path) as archive:
            inside = [n for n in archive.namelist() if n.startswith(f"{name}/") and n[-1] != "/"]
        for file in inside:
            _unpacks(str(path), file, about.st_mtime_ns, about.st_size)
        return name
    _unpacks(str(path), name, about.st_mtime_ns, about.st_size)
    return name


@lru_cache(maxsize=256)
def _unpacks(path: str, name: str, changed: int, size: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            while file.read(4 * 1024**2):
                pass
    # zlib's errors and those of other compressions have no base in common.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise SlideScopeError(
            f"'{name}' in '{Path(path).name}' does not unpack: the archive is damaged or cut off; "
            "copy it again."
        ) from error


@lru_cache(maxsize=32)
def _members(path: str, changed: int, size: int) -> tuple[str, ...]:
    """Names of the rasters and vector files in it; the other arguments make it look again."""
    name = Path(path).name
    try:
        with zipfile.ZipFile(path) as archive:
            every = (i for i in archive.infolist() if not i.is_dir())
            infos = [i for i in every if not _of_a_mac(i.filename)]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise SlideScopeError(
            f"'{name}' cannot be read as a zip archive: it is damaged or another format; pack it "
            "again or give the files themselves."
        ) from error
    for info in infos:
        _check(name, info)
    if formats.suffix(path) == ".kmz":
        # Pictures in it are symbols and overlays.
        return tuple(i.filename for i in infos if formats.suffix(i.filename) == ".kml")
    found = [i.filename for i in infos if formats.suffix(i.filename) in _MEMBERS]
    # The files of an ArcInfo grid are one raster.
    found = [n for n in found if formats.suffix(n) != ".adf" or _name(n).lower() == "hdr.adf"]
    return tuple([*_geodatabases(infos), *found])


def _geodatabases(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The folders NAME.gdb with tables of a file geodatabase in them."""
    tables = (PurePosixPath(i.filename) for i in infos if i.filename.endswith(".gdbtable"))
    return list(dict.fromkeys(str(t.parent) for t in tables if t.parent.suffix.lower() == ".gdb"))


def _of_a_mac(name: str) -> bool:
    """What macOS packs beside files: folders and forks that look like them by name.

    >>> _of_a_mac("__MACOSX/._dem.tif"), _of_a_mac("dem.tif")
    (True, False)
    """
    return name.startswith("__MACOSX/") or _name(name).startswith("._")


def _check(archive: str, info: zipfile.ZipInfo) -> None:
    where = PurePosixPath(info.filename.replace("\\", "/"))
    # A drive is a place of its own to Windows, and plain text elsewhere.
    drive = PureWindowsPath(info.filename).drive
    if where.is_absolute() or drive or ".." in where.parts:
        raise SlideScopeError(
            f"'{archive}' holds '{info.filename}', which points out of the archive: archives like "
            "this are refused; pack the files anew."
        )
    raster = formats.suffix(where) in formats.RASTER_DRIVERS
    most = formats.MAX_DECLARED_BYTES if raster else formats.MAX_VECTOR_BYTES
    if info.file_size > most:
        raise SlideScopeError(
            f"'{info.filename}' in '{archive}' unpacks to {info.file_size / 1e9:.1f} GB: over "
            f"{most / 1e9:.1f} GB is refused; cut it to the area."
        )
    if info.file_size > SUSPICIOUS_BYTES and info.file_size > MAX_RATIO * info.compress_size:
        raise SlideScopeError(
            f"'{info.filename}' in '{archive}' unpacks to {info.file_size / 1e9:.1f} GB, over "
            f"{MAX_RATIO} times what is stored: archives like this are refused; unpack it yourself "
            "and give the file."
        )
    if info.flag_bits & 1:
        raise SlideScopeError(
            f"'{archive}' is encrypted: unpack it with its password and give the files."
        )


def _name(member_path: str) -> str:
    return PurePosixPath(member_path).name
