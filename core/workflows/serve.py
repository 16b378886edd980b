"""The app on the first free port: `serve`."""

import errno
import signal
import socket
import subprocess
import sys

from core import paths, quotas
from core.errors import SlideScopeError
from core.jobs.report import Report
from core.serving import hosts
from core.workflows import opening
from core.workflows.requests import LOOPBACK, ServeRequest

PORTS = 50
EVERY = ("0.0.0.0", "::")


def run(request: ServeRequest, report: Report) -> dict:
    """Start preparing the sample in the background, then serve until interrupted."""
    opening.check_server()
    known = hosts.known()
    port = free_port(request.port, request.address)
    if port != request.port:
        opening.say(opening.taken(request.port, port))
    if not request.no_sample:
        opening.prepare_sample()
    here = request.address
    here = "localhost" if hosts.is_loopback(here) or here in EVERY else here
    opening.say(f"Opening at http://{here}:{port}  (Ctrl-C stops it)")
    for line in told(request.address, known, port):
        opening.say(line)
    command = [sys.executable, "-m", "streamlit", "run", str(paths.PROJECT / "app.py")]
    options = ["--server.port", str(port), "--server.address", request.address]
    options += ["--server.headless", "true"]
    # Its own bound would be 200.
    options += ["--server.maxUploadSize", str(int(min(quotas.FILE.most, 100_000)))]
    child = subprocess.Popen([*command, *options], cwd=paths.PROJECT, env=paths.environment())
    # Whoever ends this process by its number means the server, too.
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        code = child.wait()
    except KeyboardInterrupt:
        child.terminate()
        code = child.wait()
    opening.check_end(code)
    return {"port": port, "exit": code}


def told(address: str, known: hosts.Hosts, port: int) -> list[str]:
    """What whoever serves others should know.

    >>> told("127.0.0.1", hosts.Hosts(), 8501)
    []
    >>> told("0.0.0.0", hosts.Hosts(("maps.test",)), 8501)
    ['Others open it as http://maps.test:8501']
    """
    if hosts.is_loopback(address) and not known.names:
        return []
    if not known.names:
        return [
            f"It listens on {address} and answers to localhost alone: name what others call this "
            f"machine in {hosts.VARIABLE} (docs/serving.md)."
        ]
    behind = hosts.is_loopback(address)
    end = " (through a proxy on this machine)" if behind else f":{port}"
    return [f"Others open it as http{'s' if behind else ''}://{n}{end}" for n in known.names]


def free_port(first: int, address: str = LOOPBACK) -> int:
    """Return the first port from `first` on that nobody listens on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for port in range(first, first + PORTS):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
                return port
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
                    raise SlideScopeError(
                        f"Address '{address}' is none of this machine: give one that it has, or "
                        "0.0.0.0 for all of them."
                    ) from None
    raise SlideScopeError(
        f"No free port from {first} to {first + PORTS - 1}: the app needs one; give another --port."
    )
