"""A backup back into the workspace: `restore`. Whatever is wrong with it is found before anything
of it appears."""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from core import atomic, disk, stored
from core.errors import SlideScopeError
from core.jobs.report import Report
from core.learning.networks import weights
from core.review import decisions
from core.runs import checks
from core.runs import store as runs
from core.scene import store as scenes
from core.upkeep.archive import ITEM, REVIEW, Backup, File, opened, readable, refused
from core.upkeep.backup import CHUNK, folder_of
from core.upkeep.items import run_at_work, settle_run
from core.upkeep.progress import tenths


def restore(path: Path, replace: bool, check_free: Callable[[str], None], report: Report) -> dict:
    """Put the backup's item where it was; return {kind, name, files, bytes, replaced, notes}.

    `check_free` raises where a job is at work on the scene of that name.
    """
    with opened(path) as (file, backup):
        kind, name = backup.manifest["kind"], backup.manifest["name"]
        target = folder_of(kind, name)
        there = target.exists()
        _check_may(kind, name, there and not replace, check_free if there else None)
        review = _review_to_write(file, backup, replace)
        disk.check_room(target, backup.bytes, "what is restored")
        with ExitStack() as stack:
            if review:
                stack.enter_context(decisions.locked(name))
                log = stack.enter_context(atomic.whole_file(decisions.log_file(name)))
                _extract(file, backup, review, log)
            create = scenes.create if kind == "scene" else _new_run
            folder = stack.enter_context(create(name, replace))
            add = tenths(report, f"Restoring {kind} '{name}'", backup.bytes)
            for each in backup.under(ITEM):
                inside = PurePosixPath(each["file"]).relative_to(ITEM)
                _extract(file, backup, each, folder / inside)
                add(each["bytes"])
            _check_content(backup, folder)
            if kind == "scene":
                check_free(name)
        kept = bool(backup.under(REVIEW)) and review is None
    notes = ["The review that was there goes on from the backup's: it was kept."] if kept else []
    files = backup.manifest["files"]
    about = {"kind": kind, "name": name, "files": len(files), "bytes": backup.bytes}
    return {**about, "replaced": there, "notes": notes}


def _check_may(kind: str, name: str, taken: bool, check_free: Callable[[str], None] | None) -> None:
    if taken:
        raise SlideScopeError(
            f"A {kind} named '{name}' exists already: it is only written over when asked to; add "
            "--replace, or delete it first."
        )
    if check_free and kind == "scene":
        check_free(name)
    if kind == "run" and run_at_work(name):
        raise SlideScopeError(
            f"Run '{name}' is being worked on: only a run at rest can be replaced; stop it first."
        )


@contextmanager
def _new_run(name: str, replace: bool) -> Iterator[Path]:
    """A folder that becomes the run, as `scenes.create` gives one for a scene."""
    target = folder_of("run", name)
    try:
        with runs.claim(name), atomic.whole_folder(target, replace, record=True) as folder:
            settle_run(name)
            yield folder
    except FileExistsError as error:
        if error.filename != str(target):
            raise
        raise SlideScopeError(
            f"A run named '{name}' has come meanwhile: it was kept; add --replace."
        ) from error


def _review_to_write(file: zipfile.ZipFile, backup: Backup, replace: bool) -> File | None:
    """The review's log where it is to be written: not where the one that is there goes on from
    it."""
    found = next(iter(backup.under(REVIEW)), None)
    log = decisions.log_file(backup.manifest["name"])
    if found is None or not log.is_file() or not log.stat().st_size:
        return found
    with readable(backup.path), file.open(found["file"]) as stream, open(log, "rb") as mine:
        while chunk := stream.read(CHUNK):
            if mine.read(len(chunk)) != chunk:
                if replace:
                    return found
                raise SlideScopeError(
                    f"Scene '{backup.manifest['name']}' has another review than the backup: it is "
                    "only written over when asked to; add --replace."
                )
    return None


def _extract(file: zipfile.ZipFile, backup: Backup, each: File, target: Path) -> None:
    """Write one file, its hash checked and its time of change as it was: what is older than what
    tells a map of earlier weights."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with (
        readable(backup.path),
        file.open(each["file"]) as stream,
        open(target, "wb") as out,
    ):
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != each["sha256"] or target.stat().st_size != each["bytes"]:
        raise refused(backup.path, f"'{each['file']}' is not as it was backed up")
    with_time = int(each["modified"]) if each["modified"].isdigit() else 0
    if 0 < with_time < 1 << 62:
        os.utime(target, ns=(with_time, with_time))


def _check_content(backup: Backup, folder: Path) -> None:
    """Raise unless what was unpacked is such an item: whoever wrote the file may have put anything
    into it."""
    kind, name = backup.manifest["kind"], backup.manifest["name"]
    try:
        if kind == "scene":
            if scenes.load_folder(folder).name != name:
                raise stored.Wrong("it has another name")
            return
        if checks.config_of(name, folder) is None:
            raise stored.Wrong("it has no configuration")
        checks.check(name, folder, atomic.names(folder), atomic.names(folder / "predictions"))
        for file in folder.rglob("*.weights.h5"):
            weights.shapes(file)
    except stored.BROKEN as error:
        raise refused(backup.path, f"what it holds is no {kind} that can be opened") from error
