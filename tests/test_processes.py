"""Who is at work is known by the process, not by the clock."""

import os
import subprocess
import sys
import time

import pytest

from core import atomic, processes
from core.jobs import report, store
from core.jobs.report import working
from core.runs.request import TrainRequest

DAY = 24 * 3600.0


@pytest.fixture
def job(workspace):
    return store.create(TrainRequest("x"), "Train something")


@pytest.fixture(params=[-30 * DAY, 30 * DAY], ids=["back", "forward"])
def stepped(request, monkeypatch):
    """A clock that is set by a month; processes and uptime know nothing of it."""
    real = time.time
    return lambda: monkeypatch.setattr(time, "time", lambda: real() + request.param)


def test_a_process_has_one_identity_and_an_ended_one_none():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    known = processes.identity(child.pid)
    assert known and known == processes.identity(child.pid) != processes.identity(os.getpid())
    assert processes.is_same(child.pid, known)
    child.kill()
    assert child.wait() and processes.identity(child.pid) is None
    assert not processes.is_same(child.pid, known)


def test_a_clock_that_is_set_leaves_a_running_job_running(job, stepped):
    with working(job.id) as tell:
        tell("Working", 0.1)
        stepped()
        assert store.read(job.id).state == "running"
        tell.end("done")


def test_a_clock_that_is_set_leaves_a_job_that_starts_starting(job, stepped):
    stepped()
    assert store.read(job.id).state == "queued"


@pytest.mark.skipif(not processes.BOOT.exists(), reason="only Linux counts ticks since its start")
def test_a_clock_that_is_set_brings_no_dead_job_back(job, stepped):
    status = {"state": "running", "pid": os.getpid(), "process_started": "another-boot:5"}
    atomic.write_json(job.folder / "status.json", status)
    stepped()
    assert store.read(job.id).state == "interrupted"


def test_a_job_that_never_got_a_process_is_interrupted_after_a_moment(job, monkeypatch):
    boot, seconds = processes.uptime()
    monkeypatch.setattr(processes, "uptime", lambda: (boot, seconds + store.START_GRACE_S))
    assert store.read(job.id).state == "interrupted"


def test_half_written_folders_of_a_living_process_stay_whatever_the_clock_says(tmp_path):
    with atomic.whole_folder(tmp_path / "scene") as folder:
        os.utime(folder, (1, 1))
        atomic.recover(tmp_path)
        assert folder.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["scene"]


def test_what_does_not_answer_to_a_stop_is_ended_after_the_grace_period(job):
    code = (
        "import sys, time\n"
        "from core.jobs import report, store\n"
        "store.STOP_GRACE_S = report.STOP_POLL_S = .2\n"
        "with report.working(sys.argv[1]) as tell:\n"
        "    tell('Held up', .3)\n"
        "    time.sleep(60)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code, job.id])
    end = time.monotonic() + 30
    while store.read(job.id).stage != "Held up" and time.monotonic() < end:
        time.sleep(0.05)
    store.request_stop(job.id)
    assert worker.wait(timeout=20) == 130
    stopped = store.read(job.id)
    assert (stopped.state, stopped.reason) == ("stopped", store.STOPPED_HARD)


def test_what_cannot_even_end_itself_is_ended_from_outside(job, monkeypatch):
    worker = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    status = {"state": "running", "pid": worker.pid}
    status["process_started"] = processes.identity(worker.pid)
    atomic.write_json(job.folder / "status.json", status)
    store.request_stop(job.id)
    store.end_overdue()
    assert worker.poll() is None and store.read(job.id).state == "stopping"
    boot, seconds = processes.uptime()
    monkeypatch.setattr(processes, "uptime", lambda: (boot, seconds + 2 * store.STOP_GRACE_S))
    store.end_overdue()
    assert worker.wait(timeout=10) != 0
    assert store.read(job.id).state == "stopped"
    assert report.STOP_POLL_S < store.STOP_GRACE_S
