"""Two hosts on one folder, for real: process tables and networks of their own, as two machines or
two containers have."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import leases, paths
from core.__main__ import main
from core.jobs import life, store
from core.runs import store as runs
from tests.test_leases import WORKER, most_inside

ROOT = Path(__file__).resolve().parents[1]
APART = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--net"]
# A training as far as other hosts can tell: a job at work on a run, which reports as one does.
TRAINING = """
import sys, time
from core.jobs import store
from core.jobs.report import working
from core.runs import store as runs
from core.runs.request import TrainRequest
run = runs.load(sys.argv[1])
job = store.create(TrainRequest(resume=run.id), "Train on another host")
runs.assign_job(run, job.id)
with working(job.id) as report:
    report("Epoch 2 of 9", 0.2, run=run.id)
    print(job.id, flush=True)
    while True:
        time.sleep(.1)
        report(f"Epoch {int(time.time()) % 9} of 9", 0.2)
"""


def _apart() -> list[str] | None:
    """How to start a process apart; None where that is not permitted."""
    for rights in ([], ["--user", "--map-root-user"]):
        asked = [APART[0], *rights, *APART[1:], "true"]
        try:
            if subprocess.run(asked, capture_output=True, timeout=20).returncode == 0:
                return asked[:-1]
        except (OSError, subprocess.TimeoutExpired):
            continue
    return None


@pytest.fixture(scope="module")
def apart() -> list[str]:
    found = _apart()
    if found is None:
        pytest.skip("no namespaces of processes and networks here: unshare is missing or refused")
    return [*found, sys.executable, "-c"]


@pytest.fixture
def far(apart, tiny_runs, monkeypatch):
    """(a host apart, the run that it trains); here a host is given up after 10 s."""
    monkeypatch.setenv(life.SILENCE, "10")
    (tiny_runs[1].path / "predictions").rename(tiny_runs[1].path / ".unmeasured")
    host = subprocess.Popen(
        [*apart, TRAINING, tiny_runs[1].id], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert host.stdout.readline().strip()
        yield host, tiny_runs[1].id
    finally:
        host.kill()
        host.wait()


def wait_until(condition, seconds=40):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.2)
    return found


def asked(capsys, *words: str) -> tuple[int, str]:
    """Exit status and the last line, of errors where it is not 0."""
    status = main([*words])
    said = capsys.readouterr()
    return status, ((said.err if status else said.out).splitlines() or [""])[-1]


def test_a_training_on_another_host_is_safe_until_that_host_is_dead(far, capsys):
    host, run_id = far
    seen = runs.load(run_id)
    assert (seen.state, seen.job.elsewhere[:6]) == ("running", "host '")
    wait_until(lambda: store.read(seen.job.id).stage != seen.job.stage)
    for words in (("runs", "--delete", run_id), ("train", "--resume", run_id)):
        status, said = asked(capsys, *words)
        assert status == 2 and "last sign of life" in said and "--take-over" in said
    store.end_overdue()
    host.send_signal(signal.SIGKILL)
    host.wait()
    status, said = asked(capsys, "runs", "--delete", run_id)
    assert status == 2 and "being worked on (host '" in said
    assert runs.load(run_id).state == "running"
    wait_until(lambda: not runs.load(run_id).job.active)
    dead = runs.load(run_id)
    assert dead.state == "interrupted" and "has given no sign of life for 1" in dead.job.reason
    status, said = asked(capsys, "runs", "--delete", run_id, "--json")
    assert status == 0 and json.loads(said)["deleted"] == [run_id]
    assert not (paths.runs_folder() / run_id).exists()


def test_a_worker_that_is_there_after_all_ends_when_it_was_taken_over(far, capsys):
    host, run_id = far
    assert asked(capsys, "runs", "--take-over", run_id)[0] == 0
    assert runs.load(run_id).state == "interrupted"
    assert host.wait(timeout=30) == 130
    assert runs.load(run_id).state == "interrupted"


def test_a_stop_reaches_a_worker_of_another_host(far):
    host, run_id = far
    store.request_stop(runs.load(run_id).job.id)
    host.wait(timeout=30)
    assert runs.load(run_id).state == "stopped"


def test_a_worker_that_slept_finds_out_before_it_writes(far, capsys):
    """Its machine sleeps, somebody takes over, and it wakes up."""
    host, run_id = far
    child = int(Path(f"/proc/{host.pid}/task/{host.pid}/children").read_text().split()[0])
    os.kill(child, signal.SIGSTOP)
    wait_until(lambda: not runs.load(run_id).job.active)
    job = runs.load(run_id).job
    runs.delete(run_id)
    written = (job.folder / "status.json").stat().st_mtime_ns
    os.kill(child, signal.SIGCONT)
    assert host.wait(timeout=30) == 130
    assert (job.folder / "status.json").stat().st_mtime_ns == written
    assert not (paths.runs_folder() / run_id).exists()


def test_of_workers_on_four_hosts_one_is_inside_at_a_time_though_two_die_there(apart, tmp_path):
    short = "from core import leases\nleases.EXPIRES_S, leases.BEAT_S = 4.0, .5\n"
    asked = [*apart, short + WORKER, tmp_path / "x.lease", tmp_path / "log"]
    dies = ["dies", "lives", "lives", "dies"]
    started = [subprocess.Popen([*asked, str(n), each], cwd=ROOT) for n, each in enumerate(dies)]
    ended = [each.wait(timeout=100) for each in started]
    assert ended == [9, 0, 0, 9]
    assert len((tmp_path / "log").read_text().splitlines()) == 2 * (2 * 12 + 2 * 6)
    assert most_inside(tmp_path / "log") == 1
    with leases.Lease(tmp_path / "x.lease", timeout=60):
        assert sorted(os.listdir(tmp_path)) == ["log", "x.lease"]
