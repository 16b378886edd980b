"""Three namespaces as hosts: a scheduler and two workers, each with its own processes, network and
host name; what they say to each other never leaves this machine."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.cluster import actions
from tests.cluster.actions import ROOT, Place

HOSTS = ("head", "work1", "work2")
BRIDGE = "slidescope-t"
PORT = 8786


def run(wanted: tuple[str, ...] = ()) -> Iterator[str]:
    """A line a check, of the actions `wanted`."""
    why = _impossible()
    if why:
        yield f"SKIPPED: {why}"
        return
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder, ExitStack() as stack:
        workspace = Path(folder) / "workspace"
        workspace.mkdir()
        actions.prepare(workspace)
        _network(stack)
        _started(stack, "head", ["distributed.cli.dask_scheduler", "--port", str(PORT)])
        address = f"tcp://{_address('head')}:{PORT}"
        workers = {
            name: _started(stack, name, ["core", "worker", address], workspace)
            for name in HOSTS[1:]
        }
        _wait(address)
        yield from actions.compared(
            workspace,
            Place(f"dask:{address}", _inside("head"), lambda at: _kill(workers[at["on"]], at)),
            wanted,
        )


def _impossible() -> str:
    if os.name != "posix" or os.geteuid():
        return "namespaces need root"
    missing = [tool for tool in ("ip", "unshare", "nsenter") if not shutil.which(tool)]
    if missing:
        return f"there is no {missing[0]}"
    tried = subprocess.run(["unshare", "--net", "--pid", "--uts", "--fork", "true"], check=False)
    return "this machine lets nobody make namespaces" if tried.returncode else ""


def _address(host: str) -> str:
    return f"10.177.0.{HOSTS.index(host) + 1}"


def _network(stack: ExitStack) -> None:
    """A bridge, and a network namespace a host that is plugged into it."""
    _ip("link", "add", BRIDGE, "type", "bridge")
    stack.callback(_ip, "link", "delete", BRIDGE)
    _ip("link", "set", BRIDGE, "up")
    for host in HOSTS:
        name, outside = f"slidescope-{host}", f"sst-{host}"
        _ip("netns", "add", name)
        stack.callback(_ip, "netns", "delete", name)
        _ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", outside, "master", BRIDGE, "up")
        for words in (
            ("address", "add", f"{_address(host)}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", name, *words)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _inside(host: str) -> tuple[str, ...]:
    """What stands before a command to run it on a host, with processes of its own."""
    named = f'hostname {host} && exec "$@"'
    own = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts")
    return ("ip", "netns", "exec", f"slidescope-{host}", *own, "sh", "-c", named, "sh")


def _started(stack: ExitStack, host: str, module: list[str], workspace: Path | None = None):
    process = subprocess.Popen(
        [*_inside(host), sys.executable, "-m", *module],
        cwd=ROOT,
        env={**os.environ, "SLIDESCOPE_WORKSPACE": str(workspace)} if workspace else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def _wait(address: str) -> None:
    """Until both workers have joined."""
    code = (
        "import sys; from distributed import Client\n"
        "with Client(sys.argv[1], timeout=60) as c: c.wait_for_workers(2, timeout=120)"
    )
    words = [*_inside("head"), sys.executable, "-c", code, address]
    subprocess.run(words, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)


def _kill(worker: subprocess.Popen, at: dict) -> None:
    """End the process that works on a task, by its number on its host."""
    first = _init_of(worker.pid)
    subprocess.run(
        ["nsenter", "--target", str(first), "--pid", "--mount", "kill", "-9", str(at["pid"])],
        check=False,
    )
    time.sleep(0.1)


def _init_of(unshare: int) -> int:
    """The process that is number 1 in the namespace that `unshare` made."""
    children = Path(f"/proc/{unshare}/task/{unshare}/children").read_text(encoding="utf-8").split()
    return int(children[0])
