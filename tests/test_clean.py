"""`clean`: what may go goes when asked to, and nothing that somebody may be using."""

import json
import os
import time

import pytest

from core import atomic, processes
from core.__main__ import main
from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.runs.request import TrainRequest
from core.scene.plan.request import ImportRequest

RUN = "tiny-fcadensenet-rs-made-up"
HOUR, DAY = 3600, 86400


def clean(capsys, *words: str) -> dict:
    assert main(["clean", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def aged(path, seconds: float):
    """A folder with a file, or a file, that nobody wrote to for so long."""
    if path.suffix != ".file":
        path.mkdir(parents=True)
        inside = path / "x"
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path = inside = path.with_suffix("")
    inside.write_bytes(b"12345")
    then = time.time() - seconds
    for each in (inside, path):
        os.utime(each, (then, then))
    return path


def half(name: str) -> str:
    """What a process that is gone was writing."""
    return f".{name}.999999-1-abcdef01.tmp"


MAY_GO = {  # path -> what it is called
    "cache/splits": ("cache", 0),
    f"scenes/{half('new')}": ("half written", 2 * HOUR),
    f"runs/{RUN}/{half('model')}": ("half written", 2 * HOUR),
    "scenes/.old.deleted.tmp": ("half written", 2 * HOUR),
    "scenes/tiny/.analysis.json.0123abcd.file": ("half written", 2 * DAY),
    f"runs/{RUN}/.tiny.ab12.partial": ("unfinished map", 8 * DAY),
    "scenes/.tiny.old": ("half written", 2 * DAY),
    "jobs/20260101-120000-aaaaaa": ("job", 8 * DAY),
    "uploads/somebody": ("upload", 2 * DAY),
}
STAYS = {
    f"scenes/{half('young')}": 60,
    "scenes/tiny/.analysis.json.89abcdef.file": HOUR,
    f"runs/{RUN}/.tiny.cd34.partial": DAY,
    "scenes/.other.old": 2 * DAY,  # the only copy
    "jobs/20260101-120000-bbbbbb": DAY,
    "uploads/today": HOUR,
}


@pytest.mark.parametrize("path", MAY_GO)
def test_what_may_go_is_listed_with_its_size_and_goes_when_asked_to(
    tiny_runs, workspace, capsys, path
):
    what, seconds = MAY_GO[path]
    made = aged(workspace / path, seconds)
    found = clean(capsys)
    (one,) = found["leftovers"]
    assert (one["what"], one["bytes"], found["bytes"]) == (what, 5, 5)
    assert workspace / one["path"] == made and made.exists() and not found["deleted"]
    assert clean(capsys, "--yes")["deleted"] and not made.exists()
    assert clean(capsys)["leftovers"] == []
    assert main(["verify"]) == 0


def test_what_may_still_be_wanted_stays(tiny_runs, workspace, capsys):
    made = [aged(workspace / path, seconds) for path, seconds in STAYS.items()]
    assert clean(capsys, "--yes")["leftovers"] == []
    assert all(path.exists() for path in made)


def test_what_a_process_is_writing_stays_however_old_it_seems(tiny_scene, workspace, capsys):
    started = processes.identity(os.getpid()).rpartition(":")[2]
    mine = aged(workspace / "scenes" / f".new.{os.getpid()}-{started}-abcdef01.tmp", 9 * DAY)
    assert clean(capsys, "--yes")["leftovers"] == [] and mine.exists()


def test_nothing_that_a_job_at_work_may_use_goes(tiny_runs, workspace, capsys):
    job = jobs.create(ImportRequest("a"), "Import a")
    asked = json.loads((job.folder / "request.json").read_text())
    asked["request"]["of"] = str(workspace / "uploads" / "named" / "dem.tif")
    atomic.write_json(job.folder / "request.json", asked)
    JobReport(job.folder)("reading", 0.1, run=RUN)
    paths = ["cache/splits", "uploads/named", f"runs/{RUN}/.tiny.ab12.partial"]
    made = [aged(workspace / path, 9 * DAY) for path in paths]
    found = clean(capsys, "--yes")
    assert found["leftovers"] == [] and all(path.exists() for path in made)
    assert found["notes"] == ["The cache stays: “Import a” is at work and may read it."]


def test_a_job_stays_while_something_that_it_made_is_there(tiny_runs, workspace, capsys):
    kept, gone = jobs.create(TrainRequest("a")), jobs.create(TrainRequest("b"))
    for job in (kept, gone):
        JobReport(job.folder).end("done")
        for path in (*job.folder.iterdir(), job.folder):
            os.utime(path, (1.7e9, 1.7e9))
    atomic.write_text(workspace / "runs" / RUN / "job", kept.id)
    (one,) = clean(capsys, "--yes")["leftovers"]
    assert one["path"] == f"jobs/{gone.id}" and kept.folder.exists()


def test_people_read_sizes_and_what_to_do_next(workspace, capsys):
    assert main(["clean"]) == 0
    assert capsys.readouterr().out == "Nothing to clean.\n"
    aged(workspace / "cache" / "splits", 0)
    assert main(["clean"]) == 0
    said = capsys.readouterr().out
    assert "cache/splits: it is computed again when it is needed" in said
    assert "nothing was deleted: `python -m core clean --yes` does it." in said
    assert main(["clean", "--yes"]) == 0
    assert "Deleted: 1 items, 0.0 MB." in capsys.readouterr().out


def test_read_only_means_read_only(workspace, monkeypatch, capsys):
    monkeypatch.setenv("SLIDESCOPE_READONLY", "1")
    assert main(["clean"]) == 0
    assert main(["clean", "--yes"]) == 2
    assert "is read-only: 'clean' is not possible" in capsys.readouterr().err
