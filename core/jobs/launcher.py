"""Start a command as a detached process that outlives the server."""

import subprocess
import sys

from core import paths
from core.jobs import store

# Started workers are children of the server; polling them here keeps none as a zombie.
_children: list[subprocess.Popen] = []


def start(kind: str, title: str, argv: list[str]) -> store.Job:
    """Run `python -m core *argv` in the background and return its job at once."""
    _children[:] = [child for child in _children if child.poll() is None]
    job = store.create(kind, title, argv)
    with open(job.folder / "log.txt", "ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "core", *argv, "--job", job.id],
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
