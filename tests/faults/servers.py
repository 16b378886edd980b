"""`python -m tests.faults.servers`: a server that is killed, and two on one workspace.

A server's process is killed with SIGKILL while a job that it started is at work: the job goes on to
its end, and a server that is started anew shows it. Two servers that start together on one
workspace both show its scene, and begin to prepare the sample once. The last line is one
JSON object.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import browser
from bench.browser import serving
from core.jobs import store as jobs
from core.workflows.requests import PrepareRequest
from tests import page, tiny
from tests.faults import checks, imports, worker

PATIENCE_S = 1200
SCENE = "of-a-killed-server"
# What the server does when a button is clicked, in a process that can be killed as one.
STARTS = """
import json, sys, time
from core.commands import parse
from core.jobs import store
print(store.start(parse(json.loads(sys.argv[1]))).id, flush=True)
time.sleep(3600)
"""
OPENS = "from core.workflows import prepare; job = prepare.start_if_needed(); print(job and job.id)"


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.1)


def killed(workspace: Path) -> dict:
    """Kill a server twice: while its job is at work, and while it serves."""
    words = ["import", SCENE, *imports.rasters(workspace / "rasters")]
    server = subprocess.Popen(
        [sys.executable, "-c", STARTS, json.dumps(words)],
        cwd=worker.PROJECT,
        stdout=subprocess.PIPE,
    )
    assert server.stdout
    job_id = server.stdout.readline().decode().strip()
    until(lambda: _at_work(jobs.read(job_id)), "the job is at work")
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    met = jobs.read(job_id).stage
    assert jobs.read(job_id).active
    until(lambda: not jobs.read(job_id).active, "the job ends")
    ended = jobs.read(job_id)
    assert ended.state == "done", ended.reason
    files = checks.every_file_can_be_read()
    app = page.visit("scene", scene=SCENE)
    assert SCENE in page.texts(app) and not app.exception
    return {"killed_while": met, "state_afterwards": ended.state, "files_read": files}


def served_again(workspace: Path) -> dict:
    """Kill what serves pages, then serve again."""
    with serving(workspace):
        (child,) = _children_of(os.getpid())
        os.kill(child, signal.SIGKILL)
    began = time.monotonic()
    with serving(workspace):
        return {"answers_again_after_s": round(time.monotonic() - began, 1)}


def two(workspace: Path) -> dict:
    """Two on one workspace: one preparation, and both show what is there."""
    both = [
        subprocess.Popen([sys.executable, "-c", OPENS], cwd=worker.PROJECT, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = sorted(each.communicate()[0].decode().strip() for each in both)
    preparing = jobs.jobs(PrepareRequest.KIND)
    assert len(preparing) == 1 and said == sorted(["None", preparing[0].id]), said
    jobs.request_stop(preparing[0].id)
    until(lambda: not jobs.read(preparing[0].id).active, "the preparation stops")
    with serving(workspace) as one, serving(workspace) as other, browser.opened() as visitor:
        for address in (one, other):
            visitor.goto(f"{address}/scene?scene={SCENE}")
            visitor.get_by_text(SCENE).first.wait_for(timeout=180_000)
    return {"preparations": len(preparing), "servers_that_show_it": 2}


def _at_work(job: jobs.Job) -> bool:
    return job.state == "running" and job.stage != "starting"


def _children_of(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children()]


def main() -> None:
    browser.START_S = PATIENCE_S  # a machine that others use too
    with tempfile.TemporaryDirectory(prefix="slidescope-servers-") as folder:
        os.environ["SLIDESCOPE_WORKSPACE"] = folder
        tiny.scene()
        found = killed(Path(folder))
        print(json.dumps(found), flush=True)
        found |= served_again(Path(folder))
        print(json.dumps(found), flush=True)
        print(json.dumps(found | two(Path(folder))))


if __name__ == "__main__":
    main()
