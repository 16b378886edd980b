"""Jobs: one status, true even when the worker vanished."""

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from core import atomic
from core.errors import SlideScopeError
from core.jobs import reasons, store
from core.jobs.report import JobStopped, working
from core.runs.request import TrainRequest
from core.scene.plan.request import ImportRequest


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def job(workspace):
    return store.create(TrainRequest("x"), "Train something")


def test_a_job_that_ends_well_is_done_with_its_result(job):
    with working(job.id) as report:
        report("Half way", 0.5, epoch=3)
        seen = store.read(job.id)
        assert (seen.state, seen.stage, seen.progress) == ("running", "Half way", 0.5)
        assert seen.figures == {"epoch": 3}
        report.end("done", result={"run": "r1"})
    done = store.read(job.id)
    assert (done.state, done.progress, done.result) == ("done", 1.0, {"run": "r1"})
    assert not done.active


def test_a_stop_request_ends_it_at_the_next_report(job):
    with pytest.raises(JobStopped), working(job.id) as report:
        report("Working", 0.1)
        store.request_stop(job.id)
        assert store.read(job.id).state == "stopping"
        report("Working", 0.2)
    assert store.read(job.id).state == "stopped"


def test_what_the_user_can_mend_is_the_reason(job):
    with pytest.raises(SlideScopeError), working(job.id):
        raise SlideScopeError("No overlap: choose other files.")
    failed = store.read(job.id)
    assert (failed.state, failed.reason) == ("failed", "No overlap: choose other files.")


def test_a_defect_is_named_and_still_crashes(job):
    with pytest.raises(ZeroDivisionError), working(job.id):
        _ = 1 / 0
    assert store.read(job.id).reason == "Unexpected ZeroDivisionError; the log has the details."


def _raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    error.__cause__ = cause
    return error


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's."""


FULL = OSError(errno.ENOSPC, "No space left on device")
HDF5_FULL = "Can't write data (file write failed: errno = 28, error message = 'No space left')"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), reasons.MEMORY),
        (ResourceExhaustedError("OOM when allocating tensor"), reasons.MEMORY),
        (RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 5 bytes"), reasons.MEMORY),
        (FULL, reasons.DISK),
        (OSError(HDF5_FULL), reasons.DISK),
        (_raised(ValueError("cannot close"), FULL), reasons.DISK),
    ],
)
def test_what_the_machine_ran_out_of_is_one_sentence(job, error, sentence):
    with pytest.raises(type(error)), working(job.id):
        raise error
    failed = store.read(job.id)
    assert (failed.state, failed.reason) == ("failed", sentence)
    assert sentence.count(".") == 1 and sentence.endswith(".")


def test_a_scene_that_went_missing_is_named(job, tiny_scene):
    tiny_scene.stack_path.unlink()
    with pytest.raises(Exception, match="No such file"), working(job.id):
        tiny_scene.read()
    reason = store.read(job.id).reason
    assert reason.startswith("A file that was needed is gone (")
    assert "stack.tif" in reason


def test_a_killed_worker_shows_as_interrupted(job):
    code = (
        "import sys, time\n"
        "from core.jobs.report import working\n"
        "with working(sys.argv[1]) as report:\n"
        "    report('Working', .3)\n"
        "    time.sleep(60)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code, job.id])
    assert wait_until(lambda: store.read(job.id).stage == "Working")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    killed = store.read(job.id)
    assert (killed.state, killed.active) == ("interrupted", False)
    assert killed.reason == store.ENDED_EARLY


def test_a_reused_process_id_does_not_pass_for_the_worker(job):
    status = {"state": "running", "pid": os.getpid(), "process_started": 1.0}
    atomic.write_json(job.folder / "status.json", status)
    assert store.read(job.id).state == "interrupted"


def test_the_launcher_runs_a_command_detached(workspace):
    started = store.start(TrainRequest("nowhere", "unet"))
    assert started.active
    assert wait_until(lambda: not store.read(started.id).active)
    ended = store.read(started.id)
    assert ended.state == "failed"
    assert ended.reason.startswith("No scene named 'nowhere'")
    # The state is told first, then the line of the log.
    assert wait_until(lambda: "No scene named 'nowhere'" in store.log_tail(ended))


def test_a_worker_that_prints_without_end_fills_no_disk(job, monkeypatch):
    monkeypatch.setattr(store, "LOG_MOST", 1000)
    monkeypatch.setattr(store, "LOG_KEPT", 100)
    store.bound_log(job.folder)
    assert store.log_tail(job) == "" and not (job.folder / "log.txt").exists()
    # As a worker has it: opened once, for appending.
    with open(job.folder / "log.txt", "ab", buffering=0) as log:
        log.write(b"a line of 20 letters\n" * 40)
        store.bound_log(job.folder)
        assert store.log_tail(job).count("\n") == 39
        log.write(b"a line of 20 letters\n" * 40 + b"the last\n")
        store.bound_log(job.folder)
        log.write(b"and on\n")
    kept = store.log_tail(job, 100).splitlines()
    assert kept[0] == "(what came before was cut)" and kept[-2:] == ["the last", "and on"]
    assert len(kept) == 7 and set(kept[1:-2]) == {"a line of 20 letters"}


def test_jobs_are_listed_newest_first_by_kind(workspace):
    for asked in (ImportRequest("a"), TrainRequest("a"), TrainRequest("a")):
        store.create(asked)
    assert len(store.jobs()) == 3
    assert [j.kind for j in store.jobs("train")] == ["train", "train"]


def test_an_unknown_job_is_one_sentence(workspace):
    with pytest.raises(SlideScopeError, match="No job 'gone'"):
        store.read("gone")
