"""What `serve` says: whose its port is, how the sample stands, why a server is gone."""

import os
import socket

import pytest

from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.workflows import opening, prepare, serve
from core.workflows.requests import LOOPBACK, PrepareRequest, ServeRequest


class Server:
    """In place of Streamlit's process: one that ends with a status."""

    def __init__(self, code: int):
        self.code = code

    def __call__(self, *given, **more):
        return self

    def wait(self) -> int:
        return self.code

    def terminate(self) -> None:
        raise AssertionError("nobody asked for it")


@pytest.fixture
def served(workspace, monkeypatch):
    """`serve` on a port, with a server that ends with a status."""

    def serve_it(code: int = 0, port: int = 8731) -> dict:
        monkeypatch.setattr(serve.subprocess, "Popen", Server(code))
        monkeypatch.setattr(serve.signal, "signal", lambda *given: None)
        return serve.run(ServeRequest(port=port, no_sample=True), print)

    return serve_it


def test_the_address_is_said(served, capsys):
    assert served()["exit"] == 0
    assert "Opening at http://localhost:" in capsys.readouterr().out


def test_a_taken_port_is_said_with_who_has_it_and_the_next_is_taken(served, capsys):
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = served(port=port)["port"]
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"Port {port} is taken by ") and f"(process {os.getpid()})" in said[0]
    assert said[0].endswith(f"serving on {other}, the next free one; --port asks for one.")


def test_who_has_a_port_may_be_unknown(monkeypatch):
    monkeypatch.setattr(opening.ports, "holder", lambda port: "")
    assert opening.taken(1, 2).startswith("Port 1 is taken: serving on 2")


@pytest.mark.parametrize("code", [0, 130, 143, -2, -15])
def test_a_server_that_was_stopped_is_no_error(served, code):
    assert served(code)["exit"] == code


def test_a_server_that_ended_by_itself_leads_to_the_doctor(served):
    with pytest.raises(SlideScopeError, match=r"exit status 1: `python -m core doctor` says"):
        served(1)


def test_a_server_that_was_killed_is_said_to_be_so(served):
    with pytest.raises(SlideScopeError, match="whose memory runs out"):
        served(-9)


def test_without_streamlit_it_is_not_started(served, monkeypatch):
    monkeypatch.setattr(opening.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SlideScopeError, match="'streamlit' is missing"):
        served()


@pytest.fixture
def preparing(workspace, monkeypatch):
    """`prepare` as a job that somebody else carries out."""
    job = jobs.create(PrepareRequest())
    monkeypatch.setattr(prepare, "start_if_needed", lambda: job)
    return job


def test_the_sample_is_announced_with_its_size_and_told_when_ready(preparing, monkeypatch, capsys):
    monkeypatch.setattr(opening.threading.Thread, "start", lambda thread: thread.run())
    ended = jobs.Job(
        **{**vars(preparing), "state": "done", "result": {"runs": ["a", "b"]}},
    )
    monkeypatch.setattr(opening.jobs, "read", lambda job_id: ended)
    opening.prepare_sample()
    first, last = capsys.readouterr().out.splitlines()
    assert "2048 x 2048 px, 300 MB on the disk" in first
    assert last == "Sample scene: ready after 0 s, with the maps of 2 networks."


def test_a_sample_that_failed_says_why_and_what_tries_again(preparing):
    failed = jobs.Job(**{**vars(preparing), "state": "failed", "reason": "The disk is full."})
    assert opening.sample_words(failed, 3) == (
        "Sample scene: not ready. The disk is full. `python -m core prepare` tries again."
    )


def test_too_little_memory_for_the_sample_is_said_before(preparing, monkeypatch, capsys):
    monkeypatch.setattr(opening.machine, "free_memory_mb", lambda: 400)
    monkeypatch.setattr(opening.threading.Thread, "start", lambda thread: None)
    opening.prepare_sample()
    assert "1500 MB of memory and 400 MB are free" in capsys.readouterr().out


def test_where_the_sample_is_there_nothing_is_said(workspace, monkeypatch, capsys):
    monkeypatch.setattr(prepare, "start_if_needed", lambda: None)
    opening.prepare_sample()
    assert capsys.readouterr().out == ""
