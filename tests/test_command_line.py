"""The command line as such: Ctrl-C, a pipe that nobody reads, defects, a newer workspace."""

import io
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import MISSING
from pathlib import Path

import pytest

import core.interrupted
from core import atomic, logs, workflows
from core.__main__ import DEFECT, NOBODY_READS, STOPPED, main
from core.doctor.broken import loading
from core.jobs import store as jobs
from core.jobs.report import JobReport, to_terminal
from core.request import options
from core.workflows import ACTIONS, request_class
from tests.test_jobs import wait_until

ROOT = Path(__file__).resolve().parents[1]
# What takes no "x".
GIVEN = {("worker", "address"): "tcp://127.0.0.1:9"}


def words(action: str) -> list[str]:
    """The shortest command line of an action: what must be given, and nothing else."""
    needed = [each for each in options(request_class(action)).values() if each.default is MISSING]
    told = {each.name: GIVEN.get((action, each.name), "x") for each in needed}
    given = [[told[e.name]] if e.place else [e.switch, told[e.name]] for e in needed]
    return [action, *(word for each in given for word in each)]


@pytest.fixture
def instead(workspace, monkeypatch):
    """Carry out something else instead of whatever action is asked for."""

    def carry_out(what):
        monkeypatch.setattr(workflows, "run", lambda request, report: what())

    return carry_out


def interrupted():
    raise KeyboardInterrupt


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_answers_ctrl_c_with_one_short_line(action, instead, workspace, capsys):
    instead(interrupted)
    assert main(words(action)) == STOPPED
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Stopped on request.\n")
    assert all(job.state == "stopped" for job in jobs.jobs())
    assert not list(workspace.rglob(".*.tmp"))


class Closed(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("more", [["--json"], []], ids=["json", "words"])
def test_every_action_answers_a_closed_pipe_silently(action, more, instead, monkeypatch, capsys):
    instead(dict)
    monkeypatch.setattr("core.__main__.show", lambda *_: print("words"))
    monkeypatch.setattr(sys, "stdout", Closed())
    assert main([*words(action), *more]) == NOBODY_READS
    assert capsys.readouterr().err == ""


def test_a_job_goes_on_where_nobody_reads_its_reports(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Closed())
    to_terminal("Training", 0.5)


def _started(workspace: Path, *command: str, **how) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "core", *command],
        cwd=ROOT,
        env={**os.environ, "SLIDESCOPE_WORKSPACE": str(workspace)},
        text=True,
        stderr=subprocess.PIPE,
        **how,
    )


def test_a_real_pipe_that_is_closed_at_once(workspace):
    reading, writing = os.pipe()
    os.close(reading)
    command = _started(workspace, "models", stdout=writing)
    os.close(writing)
    assert command.communicate(timeout=60)[1] == ""
    assert command.returncode == NOBODY_READS


def test_a_real_ctrl_c_in_the_middle_leaves_nothing_half_written(workspace):
    out = workspace / "out"
    command = _started(workspace, "sample", "--out", str(out), "--size", "2048")
    assert wait_until(lambda: list(workspace.glob("jobs/*/status.json")))
    time.sleep(0.5)
    command.send_signal(signal.SIGINT)
    said = command.communicate(timeout=60)[1]
    # Under -m Python ends by the signal, which a shell tells as the same number, where it came
    # while a library carried out text (named tuples do), although it was caught and answered.
    assert command.returncode in (STOPPED, -signal.SIGINT)
    assert said.splitlines()[-1] == "Stopped on request." and "Traceback" not in said
    assert not out.exists() and not list(workspace.glob(".out.*"))
    assert [job.state for job in jobs.jobs()] == ["stopped"]


def test_a_ctrl_c_that_a_library_swallowed_counts_at_the_next_report(workspace, monkeypatch):
    """numba's compiler calls Python back from C, where no exception leads out."""
    (workspace / "jobs" / "a").mkdir(parents=True)
    report = JobReport(workspace / "jobs" / "a")
    with suppress(KeyboardInterrupt):
        core.interrupted._interrupt(signal.SIGINT, None)
    with pytest.raises(KeyboardInterrupt):
        report("going on", 0.5)
    report("asked once, answered once", 0.6)


def test_ctrl_c_while_libraries_are_loaded_is_the_same_line(capsys):
    with pytest.raises(SystemExit) as ended, loading():
        interrupted()
    assert ended.value.code == STOPPED
    assert capsys.readouterr().err == "Stopped on request.\n"
    code = "import core.interrupted; raise KeyboardInterrupt"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == "Stopped on request.\n" and done.returncode in (-2, 1, STOPPED)


def defect():
    return {}["not there"]


def test_a_defect_is_one_sentence_and_its_traceback_is_in_the_log(instead, workspace, capsys):
    instead(defect)
    assert main(["scenes"]) == DEFECT
    said = capsys.readouterr().err
    assert said.startswith("Something failed that should not have (KeyError): the log in '")
    assert len(said.splitlines()) == 1
    written = (workspace / "logs" / "commands.log").read_text()
    assert "ERROR scenes failed" in written and "KeyError: 'not there'" in written


def test_verbose_shows_steps_and_a_defect_in_full(instead, capsys):
    instead(defect)
    assert main(["--verbose", "scenes"]) == DEFECT
    said = capsys.readouterr().err
    assert "DEBUG scenes begins" in said
    assert said.count("Traceback (most recent call last)") == 1
    instead(dict)
    assert main(["scenes", "--json", "--verbose"]) == 0
    assert "DEBUG scenes ends after" in capsys.readouterr().err


def test_the_log_of_a_job_says_how_it_ended_and_no_folder_of_a_home(instead, workspace, capsys):
    instead(interrupted)
    main(["sample", "--out", str(Path.home() / "secret")])
    written = (workspace / "logs" / "commands.log").read_text()
    assert "begins: sample" in written and "is stopped" in written
    assert "secret" not in written and str(Path.home()) not in written


def test_the_log_is_rotated_and_stays_small(workspace, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST", 1000)
    logs.begin("server")
    for number in range(200):
        logs.log.info("line %d", number)
    logs.end()
    found = sorted(file.name for file in logs.folder().glob("server.log*"))
    assert found == ["server.log", *(f"server.log.{n}" for n in range(1, 6))]
    assert sum(file.stat().st_size for file in logs.folder().iterdir()) < 7000
    assert "line 199" in (logs.folder() / "server.log").read_text()


def test_several_processes_write_to_one_log(workspace):
    code = (
        "import sys; from core import logs\n"
        "logs.LARGEST = 2000\n"
        "logs.begin('jobs')\n"
        "for n in range(30): logs.log.info('%s %d', sys.argv[1], n)\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, name], cwd=ROOT) for name in "AB"]
    assert [process.wait(60) for process in both] == [0, 0]
    lines = [
        line.split("INFO ")[1]
        for file in logs.folder().glob("jobs.log*")
        for line in file.read_text().splitlines()
    ]
    assert sorted(lines) == sorted(f"{name} {n}" for name in "AB" for n in range(30))


# `doctor` looks at the workspace itself and says the same among the rest.
@pytest.mark.parametrize("action", [action for action in ACTIONS if action != "doctor"])
def test_every_action_refuses_a_newer_workspace(action, workspace, capsys):
    workspace.mkdir(parents=True)
    atomic.write_json(workspace / "format.json", {"format": 99})
    assert main(words(action)) == 2
    assert "has format 99, and this version reads up to" in capsys.readouterr().err
    assert [file.name for file in workspace.iterdir()] == ["format.json"]


def test_a_worker_refuses_a_newer_workspace_too(workspace, capsys):
    workspace.mkdir(parents=True)
    atomic.write_json(workspace / "format.json", {"format": 99})
    assert main(["work", "20260101-120000-aaaaaa"]) == 2
    assert "has format 99" in capsys.readouterr().err
