"""A real Slurm of two nodes on this machine, with a key and ports of its own, for as long as the
test takes (Debian: apt install slurm-wlm munge)."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.cluster import actions
from tests.cluster.actions import Place

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "sinfo")
CONFIGURATION = """\
ClusterName=slidescope
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
SlurmctldPort=16817
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=4000
MpiDefault=none
ReturnToService=2
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port=16818 CPUs=1 RealMemory=4000
NodeName=node2 NodeHostname={host} NodeAddr=127.0.0.1 Port=16819 CPUs=1 RealMemory=4000
PartitionName=short Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
"""


def run(wanted: tuple[str, ...] = ()) -> Iterator[str]:
    """A line a check, of the actions `wanted`."""
    os.environ["PATH"] += f"{os.pathsep}/usr/sbin"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing or os.geteuid():
        why = f"there is no {missing[0]} (apt install slurm-wlm munge)" if missing else "no root"
        yield f"SKIPPED: {why}"
        return
    # Where the daemon of keys looks, nobody else may write.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        _begin(stack, folder)
        workspace = folder / "workspace"
        workspace.mkdir()
        actions.prepare(workspace)
        place = Place("slurm:short,mem=3500M", (), _kill, again=True)
        yield from actions.compared(workspace, place, wanted)


def _kill(at: dict) -> None:
    """End the process that works on a task; Slurm gives a task that failed to nobody else."""
    with suppress(ProcessLookupError):
        os.kill(at["pid"], signal.SIGKILL)


def _begin(stack: ExitStack, folder: Path) -> None:
    (folder / "state").mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    host = socket.gethostname()
    text = CONFIGURATION.format(host=host, user="root", folder=folder)
    (folder / "slurm.conf").write_text(text, encoding="utf-8")
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    files = {"key-file": key, "socket": folder / "munge.socket", "pid-file": folder / "munged.pid"}
    files |= {"log-file": folder / "munged.log", "seed-file": folder / "munge.seed"}
    _daemon(stack, ["munged", "--force", *(f"--{n}={p}" for n, p in files.items())], "munged")
    _daemon(stack, ["slurmctld"], "slurmctld")
    for node in ("node1", "node2"):
        _daemon(stack, ["slurmd", "-N", node], f"slurmd-{node}")
    _wait()


def _daemon(stack: ExitStack, words: list[str], name: str) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    stack.callback(_end, Path(os.environ["SLURM_CONF"]).parent / f"{name}.pid")


def _end(file: Path) -> None:
    with suppress(OSError, ValueError):
        pid = int(file.read_text(encoding="utf-8"))
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            os.kill(pid, 0)
            time.sleep(0.1)


def _wait() -> None:
    """Until both nodes are idle."""
    for _ in range(120):
        told = subprocess.run(["sinfo", "-h", "-o", "%D %t"], capture_output=True, text=True)
        if told.stdout.strip() == "2 idle":
            return
        time.sleep(0.5)
    raise AssertionError(f"Slurm does not begin: {told.stdout} {told.stderr}")
