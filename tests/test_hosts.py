"""A job of another host: seen from here it is as alive as its last sign of life."""

import errno
import json
import os
import time
from pathlib import Path

import pytest

from core import atomic, clock, hosts, processes
from core.__main__ import main
from core.errors import SlideScopeError
from core.jobs import life, store, words
from core.jobs.report import JobReport, working
from core.runs import store as runs
from core.runs.request import TrainRequest
from core.workflows import in_use
from tests.page import texts, visit

ELSEWHERE = hosts.Host("node7", "another-boot", "4026531836")
CONTAINER = hosts.Host(hosts.here().name, hosts.here().boot, "1")


def put_elsewhere(job, host=ELSEWHERE, silent_s: float = 0.0, **status):
    """As a worker of that host left it, whose last sign of life was so long ago."""
    about = {"state": "running", "stage": "Epoch 2 of 9", "pid": 1, "process_started": "boot:5"}
    atomic.write_json(job.folder / "status.json", about | {"host": host.to_json()} | status)
    (job.folder / "alive").write_bytes(b"{}")
    then = time.time() - silent_s
    for name in ("alive", "status.json", "job.json"):
        os.utime(job.folder / name, (then, then))
    return store.read(job.id)


@pytest.fixture
def job(workspace):
    return store.create(TrainRequest("x"), "Train something")


@pytest.fixture
def far_run(tiny_runs):
    """A run that another host trains."""
    job = store.create(TrainRequest("tiny"), "Train something")
    runs.assign_job(tiny_runs[1], job.id)
    (tiny_runs[1].path / "predictions").rename(tiny_runs[1].path / ".unmeasured")
    put_elsewhere(job, silent_s=12, figures={"run": tiny_runs[1].id})
    return runs.load(tiny_runs[1].id)


@pytest.mark.parametrize("host", [ELSEWHERE, CONTAINER], ids=["another machine", "a container"])
def test_a_job_of_another_host_runs_as_long_as_it_gives_signs_of_life(job, host):
    seen = put_elsewhere(job, host, silent_s=100)
    assert (seen.state, seen.active) == ("running", True)
    assert 100 <= seen.silent_s < 110 and seen.elsewhere == host.words
    assert words.line(seen).startswith("Train something · Epoch 2 of 9 · host '")
    silent = put_elsewhere(job, host, silent_s=121)
    assert (silent.state, silent.active) == ("interrupted", False)
    assert "has given no sign of life for 2 min 1 s" in silent.reason


def test_silence_is_what_the_operator_says(job, monkeypatch):
    monkeypatch.setenv(life.SILENCE, "600")
    assert put_elsewhere(job, silent_s=500).active
    for wrong in ("soon", "1", "nan", "-5"):
        monkeypatch.setenv(life.SILENCE, wrong)
        with pytest.raises(SlideScopeError, match="Invalid SLIDESCOPE_SILENCE"):
            store.read(job.id)


def test_a_job_that_another_host_has_only_created_is_starting(job):
    record = json.loads((job.folder / "job.json").read_text())
    record |= {"host": ELSEWHERE.to_json(), "boot": "another-boot"}
    atomic.write_json(job.folder / "job.json", record)
    assert store.read(job.id).active
    os.utime(job.folder / "job.json", (1, 1))
    assert store.read(job.id).state == "interrupted"


def test_a_status_of_an_earlier_version_means_what_it_meant(job):
    status = {"state": "running", "pid": os.getpid(), "process_started": "another-boot:5"}
    atomic.write_json(job.folder / "status.json", status)
    assert store.read(job.id).reason == store.ENDED_EARLY
    status["process_started"] = processes.identity(os.getpid())
    atomic.write_json(job.folder / "status.json", status)
    assert store.read(job.id).state == "running"


def test_a_worker_notes_its_host_and_gives_signs_of_life(job):
    with working(job.id) as report:
        report("Working", 0.1)
        status = json.loads((job.folder / "status.json").read_text())
        assert hosts.of_json(status["host"]) == hosts.here()
        os.utime(job.folder / "alive", (1, 1))
        assert report.sign.beat()
        assert clock.now(job.folder) - clock.written(job.folder / "alive") < 5
        report.end("done")
    assert not (job.folder / "alive").exists()


def test_a_worker_that_was_taken_over_ends_before_it_writes_anything(job, monkeypatch):
    def ended(status):
        raise SystemExit(status)

    monkeypatch.setattr(os, "_exit", ended)
    with pytest.raises(SystemExit), working(job.id) as report:
        report("Working", 0.1)
        life.give_up(job.folder)
        now = processes.uptime()[1]
        monkeypatch.setattr(processes, "uptime", lambda: ("", now + 61))
        report("After a long sleep", 0.2)
    assert store.read(job.id).stage == "Working"


def test_a_job_that_was_taken_over_does_not_begin(job):
    life.give_up(job.folder)
    with pytest.raises(SlideScopeError, match="was taken over by another host"), working(job.id):
        pass


def test_a_run_of_another_host_is_neither_deleted_nor_resumed(far_run, capsys):
    for words_of in (["runs", "--delete", far_run.id], ["train", "--resume", far_run.id]):
        assert main(words_of) == 2
        said = capsys.readouterr().err.splitlines()[-1]
        assert "host 'node7', last sign of life 1" in said
        assert "silent for 2 min 0 s (in 1 min " in said and "runs --take-over" in said
    assert runs.load(far_run.id).state == "running"
    assert {job.title for job in store.active()} == {"Train something"}
    with pytest.raises(SlideScopeError, match=r"Scene 'tiny' is in use: .* \(host 'node7'"):
        in_use.check_free("tiny")


def test_a_run_of_another_host_is_listed_with_its_host(far_run, capsys):
    assert main(["runs"]) == 0
    said = capsys.readouterr().out
    assert "running" in said and "host 'node7', last sign of life 1" in said
    assert main(["runs", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["runs"]
    assert {row["where"][:12] for row in rows} == {"", "host 'node7'"}


def test_a_run_whose_host_is_dead_is_deleted_and_its_worker_would_end(far_run):
    job = put_elsewhere(far_run.job, silent_s=130, figures={"run": far_run.id})
    assert runs.load(far_run.id).state == "interrupted"
    runs.delete(far_run.id)
    assert not far_run.path.exists()
    assert (job.folder / "taken").exists() and not (job.folder / "alive").exists()


def test_an_operator_takes_over_at_once(far_run, capsys):
    assert main(["runs", "--take-over", far_run.id]) == 0
    assert f"Taken over: {far_run.id} (host 'node7'" in capsys.readouterr().out
    taken = runs.load(far_run.id)
    assert (taken.state, taken.job.reason) == (
        "interrupted",
        "It was taken over from host 'node7'.",
    )
    assert main(["runs", "--take-over", far_run.id]) == 2
    assert "is at rest (interrupted): there is nothing to take over" in capsys.readouterr().err
    assert main(["runs", "--delete", far_run.id]) == 0


def test_what_is_at_work_here_is_not_taken_over(job, capsys):
    with working(job.id) as report:
        assert main(["runs", "--take-over", job.id]) == 2
        assert "is at work on this host" in capsys.readouterr().err
        report.end("done")


def test_what_another_host_is_writing_stays(tmp_path):
    host = ELSEWHERE.mark
    half = tmp_path / f".scene.77-912-{host}-0123abcd.tmp"
    (half / "display").mkdir(parents=True)
    (half / "display" / "x.tif").write_bytes(b"x")
    os.utime(half, (1, 1))
    assert atomic.is_written(half)
    atomic.recover(tmp_path)
    assert half.exists()
    for each in (half / "display" / "x.tif", half / "display", half):
        os.utime(each, (1, 1))
    atomic.recover(tmp_path)
    assert not half.exists()


def test_a_file_that_another_host_replaces_while_it_is_read_is_read_again(job, monkeypatch):
    """As a network drive says it."""
    read, stale = Path.read_text, [1, 2]

    def read_text(path, *args, **more):
        if path.name == "status.json" and stale and stale.pop():
            raise OSError(errno.ESTALE, "Stale file handle")
        return read(path, *args, **more)

    monkeypatch.setattr(Path, "read_text", read_text)
    assert put_elsewhere(job).stage == "Epoch 2 of 9" and not stale


def test_nobody_here_ends_a_process_for_a_job_of_another_host(job):
    put_elsewhere(job, pid=os.getppid(), process_started=processes.identity(os.getppid()))
    (job.folder / "stop").write_text(f"{hosts.here().boot} 0")
    assert store.read(job.id).state == "stopping"
    store.end_overdue()
    assert processes.identity(os.getppid())


def test_of_two_who_resume_a_run_at_once_one_does(far_run):
    put_elsewhere(far_run.job, silent_s=130)
    with runs.claim(far_run.id) as first:
        assert first.token
        with pytest.raises(SlideScopeError, match="in use by process"):
            runs.claim(far_run.id).acquire(timeout=0.05)
        mine = store.create(TrainRequest("tiny"))
        JobReport(mine.folder)
        runs.assign_job(runs.load(far_run.id), mine.id)
    with pytest.raises(SlideScopeError, match="only a run at rest can be resumed; stop it first"):
        runs.check_at_rest(runs.load(far_run.id), None)
    assert (far_run.job.folder / "taken").exists()


def test_the_training_page_says_where_a_run_is_at_work_and_lets_an_admin_take_it_over(far_run):
    app = visit("training", run=far_run.id)
    said = texts(app)
    assert "At work elsewhere: host 'node7', last sign of life 1" in said
    assert not [each for each in app.button if each.label == "Resume"]
    with pytest.raises(SlideScopeError, match="being worked on"):
        runs.delete(far_run.id)
    next(each for each in app.button if each.label == "Take over at once").click().run()
    assert runs.load(far_run.id).state == "interrupted"
    assert "taken over from host 'node7'" in texts(app)


def test_trainings_of_two_hosts_are_shown_beside_each_other(far_run):
    mine = store.create(TrainRequest("tiny"), "Train it here")
    JobReport(mine.folder)("Training", 0.5)
    said = texts(visit("training"))
    assert "Running beside it:" in said and "Waiting:" not in said
    assert "Train it here\n" in said and "Train something · Epoch 2 of 9 · host 'node7'" in said


def test_a_restored_run_is_safe_from_a_worker_of_a_dead_host(far_run, tmp_path, capsys):
    put_elsewhere(far_run.job, silent_s=130)
    assert main(["backup", far_run.id, str(tmp_path / "run.zip")]) == 0
    put_elsewhere(far_run.job)
    again = ["restore", str(tmp_path / "run.zip"), "--replace"]
    assert main(again) == 2
    assert "is being worked on" in capsys.readouterr().err
    job = put_elsewhere(far_run.job, silent_s=130)
    assert main(again) == 0
    assert (job.folder / "taken").exists()
