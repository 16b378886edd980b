"""A scene or a run to one file: `backup`."""

import hashlib
import json
import time
import zipfile
from pathlib import Path
from typing import IO

from core import __version__, atomic, digests, disk, paths
from core.errors import NotFound, SlideScopeError
from core.jobs.report import Report
from core.review import decisions
from core.upkeep import archive
from core.upkeep.archive import FORMAT, ITEM, MANIFEST, REVIEW, File, Manifest
from core.upkeep.items import Item, named, run_at_work
from core.upkeep.progress import tenths

KINDS = ("scene", "run")
CHUNK = 1 << 20
# Beside its bytes, what a zip keeps of a file: headers, and its line in the manifest.
OVERHEAD = 600


def backup(name: str, kind: str | None, out: Path, replace: bool, report: Report) -> dict:
    """Write the item into `out`, in one move; return {kind, name, file, files, bytes, notes}."""
    item = _item(name, kind)
    if out.exists() and not (replace and out.is_file()):
        raise SlideScopeError(
            f"'{out}' exists already: a backup is only written over when asked to; give another "
            "FILE or add --replace."
        )
    if item.kind == "run":
        _check_at_rest(item)
    sources = _sources(item)
    total = sum(path.stat().st_size for path in sources.values())
    try:
        disk.check_room(out.absolute().parent, total + OVERHEAD * len(sources), "the backup")
        with (
            atomic.whole_file(out, digest=False) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as file,
        ):
            written = _write(file, sources, total, report)
            manifest = Manifest(
                format=FORMAT,
                kind="run" if item.kind == "run" else "scene",
                name=item.name,
                software=__version__,
                created=time.strftime("%Y-%m-%dT%H:%M:%S"),
                files=written,
            )
            file.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
    except FileNotFoundError as error:
        raise SlideScopeError(
            f"{item.title} changed while it was backed up ('{Path(error.filename or '').name}' is "
            "gone): wait until nothing works on it, then back it up again."
        ) from error
    except (PermissionError, NotADirectoryError, IsADirectoryError, FileExistsError) as error:
        raise SlideScopeError(f"Cannot write '{out}': {error.strerror}; give another FILE.") from (
            error
        )
    about = {"kind": item.kind, "name": item.name, "file": str(out), "files": len(written)}
    return {**about, "bytes": out.stat().st_size, "notes": _notes(item, written)}


def _item(name: str, kind: str | None) -> Item:
    found = [i for i in named([name]) if i.kind in ((kind,) if kind else KINDS)]
    if not found:
        raise NotFound(
            f"No {kind or 'scene or run'} '{name}': a backup is of a scene or a run; "
            "`python -m core scenes` and `python -m core runs` list them."
        )
    if len(found) > 1:
        raise SlideScopeError(
            f"'{name}' is a scene and a run: say which one with --kind scene or --kind run."
        )
    return found[0]


def _check_at_rest(item: Item) -> None:
    if run_at_work(item.name):
        raise SlideScopeError(
            f"Run '{item.name}' is being worked on: its backup would be of two states; stop it or "
            "wait until it has ended."
        )


def _sources(item: Item) -> dict[str, Path]:
    """Name in the zip -> file."""
    found = {f"{ITEM}/{f.relative_to(item.path).as_posix()}": f for f in archive.files(item.path)}
    log = decisions.log_file(item.name)
    if item.kind == "scene" and log.is_file():
        found[f"{REVIEW}/{log.name}"] = log
    return found


def _write(
    file: zipfile.ZipFile, sources: dict[str, Path], total: int, report: Report
) -> list[File]:
    """Copy the files; each is read once."""
    written: list[File] = []
    add = tenths(report, "Writing the backup", total)
    for name, path in sources.items():
        status, digest, size = path.stat(), hashlib.sha256(), 0
        # A zip's own time of change has two seconds and no zone: the manifest has it.
        with open(path, "rb") as source, _member(file, name) as target:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                target.write(chunk)
                size += len(chunk)
        add(size)
        modified = str(status.st_mtime_ns)
        written.append(File(file=name, sha256=digest.hexdigest(), bytes=size, modified=modified))
    return written


def _member(file: zipfile.ZipFile, name: str) -> IO[bytes]:
    return file.open(zipfile.ZipInfo(name), "w", force_zip64=True)


def _notes(item: Item, written: list[File]) -> list[str]:
    """A file that was changed before is backed up as it is, and said."""
    noted = digests.read(item.path)
    said = []
    for each in written:
        known = {n.sha256 for n in noted.get(each["file"].removeprefix(f"{ITEM}/"), ())}
        if known and each["sha256"] not in known:
            said.append(
                f"'{each['file'].removeprefix(f'{ITEM}/')}' is not as it was written: the backup "
                "has it as it is."
            )
    return said


def folder_of(kind: str, name: str) -> Path:
    """Where an item of that kind and name lies."""
    parent = paths.scenes_folder() if kind == "scene" else paths.runs_folder()
    return parent / paths.known_name(name)
