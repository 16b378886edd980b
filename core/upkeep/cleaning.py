"""What a workspace can do without: what is computed again, what a kill left half written, jobs that
nothing comes from, uploads that nobody uses. Nothing that a job at work may be using."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core import atomic, clock, digests, paths, stored
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.upkeep.items import run_at_work

HOUR_S, DAY_S, WEEK_S = 3600.0, 86400.0, 7 * 86400.0
# What `core.atomic` names what it is writing: a folder; a text; any other file.
HALF_FOLDER = re.compile(r"\..+\.tmp")
HALF_FILE = re.compile(r"\..+\.[0-9a-f]{8}|\.[0-9a-f]{8}\..+")
SET_ASIDE = re.compile(r"\..+\.old")
# Strips of a map that is not finished, of one network or of several.
UNFINISHED_MAP = re.compile(r"\..+\.partial|\.members")


@dataclass(frozen=True)
class Leftover:
    """Something that may go; `what`: cache, half written, job, upload or unfinished map."""

    what: str
    path: Path
    bytes: int
    why: str


def leftovers() -> list[Leftover]:
    """All that may go now."""
    return [*_cache(), *_half_written(), *_jobs(), *_uploads()]


def delete(each: Leftover) -> None:
    """Remove it, unless it has become somebody's meanwhile."""
    if each.path.is_dir():
        shutil.rmtree(each.path)
    else:
        each.path.unlink(missing_ok=True)


def _cache() -> Iterator[Leftover]:
    """All of it, unless a job is at work: it may be reading any of it."""
    folder = paths.workspace() / "cache"
    if not folder.is_dir() or jobs.active():
        return
    for path in sorted(folder.iterdir()):
        yield Leftover("cache", path, size(path), "it is computed again when it is needed")


def _half_written() -> Iterator[Leftover]:
    for path in _hidden(paths.workspace()):
        age = _age(path)
        if HALF_FOLDER.fullmatch(path.name) and path.is_dir():
            if age > HOUR_S and not atomic.is_written(path):
                yield Leftover("half written", path, size(path), "nobody is writing it any more")
        elif UNFINISHED_MAP.fullmatch(path.name) and path.is_dir():
            if age > WEEK_S and not _of_run_at_work(path):
                why = "strips of a map that nobody went on with for a week"
                yield Leftover("unfinished map", path, size(path), why)
        elif SET_ASIDE.fullmatch(path.name):
            # Without what took its place it is the only copy, which is put back.
            if age > DAY_S and (path.parent / path.name[1:-4]).exists():
                yield Leftover("half written", path, size(path), "another took its place")
        elif HALF_FILE.fullmatch(path.name) and path.is_file() and age > DAY_S:
            yield Leftover("half written", path, size(path), "nobody is writing it any more")


def _hidden(folder: Path) -> Iterator[Path]:
    """Hidden files and folders, none within another; links are not followed."""
    for here, names, files in os.walk(folder):
        hidden = [name for name in (*names, *files) if name.startswith(".")]
        names[:] = [name for name in names if not name.startswith(".")]
        for name in sorted(set(hidden) - {digests.RECORD}):
            path = Path(here, name)
            if not path.is_symlink():
                yield path


def _of_run_at_work(path: Path) -> bool:
    runs = paths.runs_folder()
    return runs in path.parents and run_at_work(path.relative_to(runs).parts[0])


def _jobs() -> Iterator[Leftover]:
    """Jobs at rest for a week of which no run and no experiment is left."""
    used = set(_markers())
    for folder in stored.folders(paths.jobs_folder()):
        if folder.name in used or _age(folder) < WEEK_S:
            continue
        try:
            job = jobs.read(folder.name)
        except SlideScopeError:
            if not (folder / "job.json").exists():
                yield Leftover("job", folder, size(folder), "it never began")
            continue  # a damaged one is listed as such
        run = job.figures.get("run")
        if not job.active and not (run and (paths.runs_folder() / run).is_dir()):
            yield Leftover("job", folder, size(folder), "nothing that it made is there")


def _markers() -> Iterator[str]:
    """The latest jobs of runs and experiments."""
    for parent in (paths.runs_folder(), paths.experiments_folder()):
        for folder in stored.folders(parent):
            try:
                yield (folder / "job").read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                continue


def _uploads() -> Iterator[Leftover]:
    """Uploads of more than a day ago that no job at work names."""
    asked = "\n".join(json.dumps(job.request) for job in jobs.active())
    for folder in stored.folders(paths.uploads_folder()):
        if folder.name not in asked and _age(folder) > DAY_S:
            yield Leftover("upload", folder, size(folder), "no job is about to read it")


def _age(path: Path) -> float:
    """Seconds since anything in it was written, by the clock of whoever keeps the files."""
    newest = 0.0
    for each in (path, *(path.rglob("*") if path.is_dir() else ())):
        try:
            newest = max(newest, each.lstat().st_mtime)
        except OSError:
            return 0.0  # somebody is at work on it
    return clock.now(paths.workspace()) - newest


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    found = 0
    for each in (path, *(path.rglob("*") if path.is_dir() and not path.is_symlink() else ())):
        try:
            found += each.lstat().st_size if not each.is_dir() else 0
        except OSError:
            continue
    return found
