"""Start an action as a detached process that outlives the server."""

import subprocess
import sys

from core import paths
from core.jobs import store
from core.request import Request

# Started workers are children of the server; polling them here keeps none as a zombie.
_children: list[subprocess.Popen] = []


def start(request: Request, title: str | None = None) -> store.Job:
    """Run what is asked for in the background and return its job at once."""
    _children[:] = [child for child in _children if child.poll() is None]
    job = store.create(request, title)
    with open(job.folder / "log.txt", "ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "core", "work", job.id],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=paths.PROJECT,
            env=paths.environment(),
            # Its own session: Ctrl-C in the server's terminal does not reach it.
            start_new_session=True,
        )
    _children.append(child)
    store.mark_started(job, child.pid)
    return job
