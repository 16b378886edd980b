"""What was found in a file is remembered until the file changes, and no longer."""

import builtins
import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from core import atomic, paths, seen, stored
from core.errors import Damaged
from core.jobs import store as jobs
from core.runs import store as runs
from core.runs import summary
from core.workflows import runs as workflow
from core.workflows.requests import RunsRequest
from tests import full_workspace
from tests.full_workspace import Size

SIZE = Size(runs=12, scenes=3, jobs=12, experiments=2)
NUMBER = stored.Reader("number", lambda path: int(path.read_text()))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        full_workspace.make(folder, SIZE)
    return folder


@pytest.fixture
def full(made, workspace, monkeypatch) -> Path:
    """A small full workspace, whose files count as settled at once."""
    shutil.copytree(made, workspace, symlinks=True)
    monkeypatch.setattr(seen, "SETTLED_S", -1.0)
    monkeypatch.setattr(seen, "WORTH", 1)
    seen.forget()
    yield workspace
    seen.forget()


@contextmanager
def opened(monkeypatch):
    """Paths of the files that are opened within."""
    found: list[str] = []
    real = io.open

    def counting(file, *rest, **more):
        found.append(str(file))
        return real(file, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "open", counting)
        patch.setattr(io, "open", counting)
        yield found


def listed() -> dict[str, dict]:
    return {row["run"]: row for row in workflow.run(RunsRequest(), print)["runs"]}


def test_the_first_list_opens_every_file_once_and_the_second_none(full, monkeypatch):
    with opened(monkeypatch) as files:
        first = listed()
    own = [name for name in files if name.startswith(str(full / "runs"))]
    assert len(first) == SIZE.runs and own
    assert len(own) == len(set(own))
    with opened(monkeypatch) as files:
        assert listed() == first
    assert files == []


def test_the_next_process_opens_the_list_alone(full, monkeypatch):
    first = listed()
    seen.forget()
    with opened(monkeypatch) as files:
        assert listed() == first
    assert files == [str(full / "cache" / seen.FILE)]


def test_no_raster_is_opened_for_a_list(full, monkeypatch):
    import rasterio

    monkeypatch.setattr(rasterio, "open", None)
    assert len(listed()) == SIZE.runs


# What another process does in the folder of runs, where one is called b.
CHANGES = {
    "added": "shutil.copytree('b', 'added')",
    "removed": "shutil.rmtree('b')",
    "renamed": "os.rename('b', 'renamed')",
    "noted": """open('b/notes.json', 'w').write('{"pinned": true, "notes": []}')""",
    "trained on": "open('b/history.csv', 'w').write('epoch,loss\\n1,0.5\\n')",
    "damaged": "open('b/config.json', 'w').write('{')",
    "its map gone": "shutil.rmtree('b/predictions')",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_process_changes_is_seen_at_the_next_look(full, change):
    folder = full / "runs"
    os.rename(folder / full_workspace.run_name(1, SIZE), folder / "b")
    before = listed()
    code = f"import os, shutil\n{CHANGES[change]}"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder)
    after = listed()
    there = {
        "added": {*before, "added"},
        "removed": {*before} - {"b"},
        "renamed": {*before, "renamed"} - {"b"},
        "damaged": {*before} - {"b"},
    }
    assert after.keys() == there.get(change, {*before})
    row = after.get("b", {})
    shown = {
        "noted": ("pinned", True),
        "trained on": ("epochs_done", 1),
        "its map gone": ("f1", None),
    }
    if change in shown:
        name, value = shown[change]
        assert row[name] == value != before["b"][name]
    damaged = [each.name for each in runs.listing().damaged]
    assert damaged == (["b"] if change == "damaged" else [])


def test_a_job_that_ends_is_seen_at_the_next_look(full):
    job = full_workspace.job_name(3)
    status = full / "jobs" / job / "status.json"
    assert jobs.read(job).state == "done"
    atomic.write_json(status, {**json.loads(status.read_text()), "state": "stopped"})
    assert jobs.read(job).state == "stopped"


@pytest.mark.parametrize(
    "hurt", ["emptied", "cut", "garbled", "another version", "no text", "a folder"]
)
def test_a_damaged_list_of_readings_is_passed_over(full, hurt):
    first = listed()
    file = full / "cache" / seen.FILE
    text = file.read_text()
    if hurt == "a folder":
        file.unlink()
        file.mkdir()
    else:
        changed = {
            "emptied": b"",
            "cut": text[: len(text) // 2].encode(),
            # Figures of every run, in lines whose checksum is another's.
            "garbled": text.replace('"f1":0.', '"f1":0.9').encode(),
            "another version": text.replace('"seen": 1', '"seen": 99', 1).encode(),
            "no text": b"\xff\xfe" + text.encode(),
        }
        file.write_bytes(changed[hurt])
    seen.forget()
    assert listed() == first


def test_a_list_that_cannot_be_written_costs_nothing_but_time(full, monkeypatch):
    def refused(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(atomic, "write_text", refused)
    assert len(listed()) == SIZE.runs
    assert not (full / "cache" / seen.FILE).exists()


def test_two_processes_note_the_same_workspace(full):
    listed()
    code = (
        "from core.runs import store\nfrom core import seen\nseen.SETTLED_S = -1\nseen.WORTH = 0\n"
    )
    code += "for n in range(5):\n    seen.forget()\n    store.listing()"
    both = [subprocess.Popen([sys.executable, "-c", code], cwd=paths.PROJECT) for _ in range(2)]
    assert [each.wait() for each in both] == [0, 0]
    seen.forget()
    assert len(listed()) == SIZE.runs


def test_a_file_that_was_written_this_moment_is_read_again(tmp_path):
    path = tmp_path / "number"
    path.write_text("1")
    status = path.stat()
    assert stored.known(path, NUMBER, "it") == 1
    path.write_text("2")  # the same size, and on a coarse clock the same moment
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert stored.known(path, NUMBER, "it") == 2


def test_what_cannot_be_read_for_now_is_not_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(seen, "SETTLED_S", -1.0)
    path = tmp_path / "number"
    path.write_text("1")

    def too_many(_):
        raise OSError(24, "Too many open files")

    with pytest.raises(Damaged, match="'number' cannot be used"):
        stored.known(path, stored.Reader("number", too_many), "it")
    assert stored.known(path, NUMBER, "it") == 1


def test_what_is_remembered_has_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(seen, "SETTLED_S", -1.0)
    monkeypatch.setattr(seen, "MOST", 8)
    seen.forget()
    for number in range(50):
        path = tmp_path / str(number)
        path.write_text(str(number))
        assert stored.known(path, NUMBER, "it") == number
    assert len(seen._readings) <= 8


def test_one_look_lists_once_until_this_process_writes(full):
    with stored.one_look():
        first = runs.listing()
        shutil.rmtree(full / "runs" / first.items[0].id)
        assert runs.listing() == first
        summary.pin(first.items[1], True)
        assert len(runs.listing().items) == SIZE.runs - 1
    with stored.one_look():
        assert len(runs.listing().items) == SIZE.runs - 1


def test_a_list_is_its_callers_own(full):
    with stored.one_look():
        runs.listing().items.clear()
        assert len(runs.listing().items) == SIZE.runs
    found = runs.listing().items[0]
    found.metrics()["f1"] = "changed"
    assert found.metrics()["f1"] != "changed"
