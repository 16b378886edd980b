"""`serve`: the app on this machine's own address, on the first free port."""

import argparse
import socket
import subprocess
import sys

from core import paths
from core.commands import prepare
from core.errors import SlideScopeError
from core.jobs.report import Report

FIRST_PORT, PORTS = 8501, 50
HOST = "127.0.0.1"


def add_serve(commands) -> None:
    sub = commands.add_parser("serve", help="serve the app at http://localhost:8501")
    sub.add_argument("--port", type=int, default=FIRST_PORT)
    sub.add_argument("--no-sample", action="store_true", help="do not prepare the sample scene")
    sub.set_defaults(run=serve, show=lambda result: None)


def serve(args: argparse.Namespace, report: Report) -> dict:
    """Start preparing the sample in the background, then serve until interrupted."""
    port = free_port(args.port)
    if port != args.port:
        print(f"Port {args.port} is taken; serving on the next free one.", flush=True)
    if not args.no_sample:
        prepare.start_if_needed()
    print(f"SlideScope: http://localhost:{port}  (Ctrl-C stops it)", flush=True)
    command = [sys.executable, "-m", "streamlit", "run", str(paths.PROJECT / "app.py")]
    options = ["--server.port", str(port), "--server.address", HOST, "--server.headless", "true"]
    child = subprocess.Popen([*command, *options], cwd=paths.PROJECT, env=paths.environment())
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
