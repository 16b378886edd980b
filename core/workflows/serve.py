"""The app on this machine's own address, on the first free port: `serve`."""

import signal
import socket
import subprocess
import sys

from core import paths
from core.errors import SlideScopeError
from core.jobs.report import Report
from core.workflows import prepare
from core.workflows.requests import ServeRequest

PORTS = 50
HOST = "127.0.0.1"


def run(request: ServeRequest, report: Report) -> dict:
    """Start preparing the sample in the background, then serve until interrupted."""
    port = free_port(request.port)
    if port != request.port:
        print(f"Port {request.port} is taken; serving on the next free one.", flush=True)
    if not request.no_sample:
        prepare.start_if_needed()
    print(f"SlideScope: http://localhost:{port}  (Ctrl-C stops it)", flush=True)
    command = [sys.executable, "-m", "streamlit", "run", str(paths.PROJECT / "app.py")]
    options = ["--server.port", str(port), "--server.address", HOST, "--server.headless", "true"]
    child = subprocess.Popen([*command, *options], cwd=paths.PROJECT, env=paths.environment())
    # Whoever ends this process by its number means the server, too.
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        code = child.wait()
    except KeyboardInterrupt:
        child.terminate()
        code = child.wait()
    return {"port": port, "exit": code}


def free_port(first: int) -> int:
    """Return the first port from `first` on that nobody listens on."""
    for port in range(first, first + PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
                return port
            except OSError:
                continue
    raise SlideScopeError(
        f"No free port from {first} to {first + PORTS - 1}: the app needs one; give another --port."
    )
