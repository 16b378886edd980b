"""What `serve` says while the app opens: who has its port, how the sample scene is coming, and why
a server ended that nobody stopped."""

import importlib.util
import signal
import threading
import time

from core.doctor import machine, ports
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.workflows import prepare
from core.workflows.requests import SAMPLE_SIZE

POLL_S = 1.0
# What ends it when somebody asks for it: Ctrl-C, `kill` and, as a shell puts it, the same.
ASKED = (0, 130, 143, -signal.SIGINT, -signal.SIGTERM)


def say(line: str) -> None:
    print(line, flush=True)


def check_server() -> None:
    """Raise a SlideScopeError where what serves the pages is missing."""
    if importlib.util.find_spec("streamlit") is None:
        raise SlideScopeError(
            "The library 'streamlit' is missing: `python -m core doctor` says what to mend."
        )


def check_end(code: int) -> None:
    """Raise a SlideScopeError where a server ended that nobody stopped."""
    if code in (-9, 137):
        raise SlideScopeError(
            "The server was killed, as a system does whose memory runs out: end other programs or "
            "add memory, then serve again."
        )
    if code not in ASKED:
        raise SlideScopeError(
            f"The server ended by itself with exit status {code}: `python -m core doctor` says "
            "whether something that it needs is broken."
        )


def taken(asked: int, port: int) -> str:
    """What is said where the port that was asked for is another's."""
    who = ports.holder(asked)
    by = f" by {who}" if who else ""
    return f"Port {asked} is taken{by}: serving on {port}, the next free one; --port asks for one."


def prepare_sample() -> None:
    """Start it where something of it is missing, and say now and at its end how it stands."""
    job = prepare.start_if_needed()
    if job is None:
        return
    about = f"synthetic, {SAMPLE_SIZE} x {SAMPLE_SIZE} px, {machine.WORKSPACE_MB} MB on the disk"
    say(f"Sample scene: being prepared in the background ({about}); the pages show how far it is.")
    free = machine.free_memory_mb()
    if free is not None and free < machine.MEMORY_MB:
        say(
            f"Sample scene: it may not come to its end, as it takes {machine.MEMORY_MB} MB of "
            f"memory and {free} MB are free; end other programs."
        )
    threading.Thread(target=_tell_end, args=(job.id,), daemon=True).start()


def _tell_end(job_id: str) -> None:
    started = time.monotonic()
    try:
        while (job := jobs.read(job_id)).active:
            time.sleep(POLL_S)
    except SlideScopeError:  # deleted meanwhile
        return
    say(sample_words(job, time.monotonic() - started))


def sample_words(job: jobs.Job, seconds: float) -> str:
    """How the preparation ended."""
    if job.state == "done":
        networks = len((job.result or {}).get("runs", ()))
        return f"Sample scene: ready after {seconds:.0f} s, with the maps of {networks} networks."
    reason = job.reason or f"its job was {job.state}."
    return f"Sample scene: not ready. {reason} `python -m core prepare` tries again."
