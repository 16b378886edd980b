"""What keeps a workspace healthy: `verify`, `clean`, `backup`, `restore`."""

from dataclasses import asdict
from pathlib import Path

from core import access, audit, paths
from core.jobs import store as jobs
from core.jobs.report import Report
from core.upkeep import backup as backups
from core.upkeep import cleaning, items, restoring, verifying
from core.upkeep.request import BackupRequest, CleanRequest, RestoreRequest, VerifyRequest
from core.workflows import in_use

STATES = ("whole", "changed", "missing", "unrecorded")


def verify(request: VerifyRequest, report: Report) -> dict:
    """Exit status 1 where a file is not as it was written."""
    found = verifying.verify(items.named(request.names), report)
    counts = {state: sum(each.state == state for each in found) for state in STATES}
    bad = any(each.state in verifying.BAD for each in found)
    return {**counts, "files": [asdict(each) for each in found], "exit_status": int(bad)}


def clean(request: CleanRequest, report: Report) -> dict:
    """List what may go, and delete it where asked to."""
    if request.yes:
        access.need(access.ADMIN, "cleaning the workspace")
    found, failed = [], []
    for each in cleaning.leftovers():
        if request.yes:
            try:
                cleaning.delete(each)
            except OSError as error:
                failed.append(f"'{each.path.name}' stays: {error.strerror or error}.")
                continue
        found.append(each)
    if request.yes:
        audit.record("clean", f"{len(failed)} leftovers stay", "done")
    active = [job.title for job in jobs.active()]
    kept = [f"The cache stays: “{active[0]}” is at work and may read it."] if active else []
    root = paths.workspace()
    return {
        "leftovers": [
            {**asdict(each), "path": each.path.relative_to(root).as_posix()} for each in found
        ],
        "bytes": sum(each.bytes for each in found),
        "deleted": request.yes,
        "notes": [*kept, *failed],
    }


def backup(request: BackupRequest, report: Report) -> dict:
    out = Path(request.file).expanduser()
    return backups.backup(request.name, request.of_kind, out, request.replace, report)


def restore(request: RestoreRequest, report: Report) -> dict:
    path = Path(request.file).expanduser()
    with audit.changing("restore", path.name, request.needs):
        return restoring.restore(path, request.replace, in_use.check_free, report)
