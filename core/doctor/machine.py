"""Processor, GPU, memory, disks and the port."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from core import paths
from core.doctor import ports
from core.doctor.finding import Finding
from core.doctor.probing import Answer

GROUP = "machine"
PORT = 8501
# The synthetic sample, which a first start prepares: what it takes at its peak, and on the disk
# (bench/first_minute.sh, 29 November 2026).
MEMORY_MB, WORKSPACE_MB, TEMPORARY_MB = 1500, 300, 100


def processor() -> Iterator[Finding]:
    kind = platform.machine() or "unknown"
    flags = _flags()
    known = [name for name in ("avx", "avx2", "fma", "avx512f", "avx512_bf16") if name in flags]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    value = ", ".join([f"{kind}, {cores} cores", *([" ".join(known)] if known else [])])
    # Of x86-64 on other systems the instruction set is not told; arm64 has no AVX and needs none.
    enough = "avx" in flags or not flags or kind.lower() not in ("x86_64", "amd64")
    yield Finding(
        GROUP,
        "processor",
        value,
        enough,
        "TensorFlow's wheels need AVX: use another machine, or give a virtual one its host's "
        "processor.",
    )


def _flags() -> set[str]:
    """Instruction sets, as Linux tells them; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    found = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return set(found.partition(":")[2].split())


def gpu(answers: Mapping[str, Answer]) -> Iterator[Finding]:
    """Without one all works, slower."""
    answer = answers.get("gpu", Answer())
    if answer.error:
        yield Finding(GROUP, "GPU", f"not known ({answer.error})", False, needed=False)
        return
    idle = not answer.value and shutil.which("nvidia-smi") is not None
    cure = "`make gpu` installs the CUDA libraries for the GPU that is there."
    value = ", ".join(answer.value or ()) or "none that TensorFlow can use"
    yield Finding(GROUP, "GPU", value, not idle, cure, needed=False)


def memory() -> Iterator[Finding]:
    free, total = _memory()
    if free is None or total is None:
        yield Finding(GROUP, "memory", "not known on this system", needed=False)
        return
    cure = f"Preparing the sample takes {MEMORY_MB / 1000:.1f} GB: end other programs or add swap."
    value = f"{free / 1000:.1f} of {total / 1000:.1f} GB free"
    yield Finding(GROUP, "memory", value, free >= MEMORY_MB, cure)


def _memory() -> tuple[int | None, int | None]:
    """(free, in all) in MB; within a container what it may take."""
    try:
        text = Path("/proc/meminfo").read_text(encoding="utf-8")
        kilobytes = {
            name: int(rest.split()[0])
            for name, _, rest in (line.partition(":") for line in text.splitlines())
        }
        swap = kilobytes.get("SwapFree", 0)
        free, total = (kilobytes["MemAvailable"] + swap) // 1000, kilobytes["MemTotal"] // 1000
    except (OSError, KeyError, ValueError, IndexError):
        return _memory_elsewhere()
    limit = _limit()
    return (min(free, limit), min(total, limit)) if limit else (free, total)


def free_memory_mb() -> int | None:
    """None where the system does not say."""
    return _memory()[0]


def _limit() -> int | None:
    """What the control group leaves, in MB; None where it sets no bound."""
    folder = Path("/sys/fs/cgroup")
    try:
        most = int((folder / "memory.max").read_text(encoding="utf-8"))
        taken = int((folder / "memory.current").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return (most - taken) // 10**6


def _memory_elsewhere() -> tuple[int | None, int | None]:
    try:
        import psutil

        found = psutil.virtual_memory()
        return found.available // 10**6, found.total // 10**6
    except Exception:
        return None, None


def disks() -> Iterator[Finding]:
    """Room where the workspace and temporary files lie."""
    for what, place, size in (
        ("disk of workspace", paths.workspace(), WORKSPACE_MB),
        ("disk of temp", Path(tempfile.gettempdir()), TEMPORARY_MB),
    ):
        there = next(each for each in (place, *place.parents) if each.is_dir())
        free = shutil.disk_usage(there).free // 10**6
        cure = f"{size} MB are needed to begin with: free some, or move it with " + (
            "SLIDESCOPE_WORKSPACE." if place == paths.workspace() else "TMPDIR."
        )
        value = f"{free / 1000:.1f} GB free in {there}"
        yield Finding(GROUP, what, value, free >= size, cure)


def port() -> Iterator[Finding]:
    """Not needed: `serve` takes the next one."""
    if ports.is_free(PORT):
        yield Finding(GROUP, f"port {PORT}", "free", needed=False)
        return
    who = ports.holder(PORT)
    cure = "`serve` takes the next free one, or the one of --port."
    value = f"taken by {who}" if who else "taken"
    yield Finding(GROUP, f"port {PORT}", value, False, cure, needed=False)
