"""Which device a training will use, told without importing Keras."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Device:
    """`kind` cpu or gpu, `name` for people, `why` there is no GPU (empty with one)."""

    kind: str
    name: str
    why: str = ""


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def detect() -> Device:
    """Return the GPU that the driver lists, else the processor and the reason."""
    cpu = f"CPU, {cores()} cores"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return Device("cpu", cpu, "CUDA_VISIBLE_DEVICES hides the GPUs.")
    tool = shutil.which("nvidia-smi")
    if not tool:
        return Device("cpu", cpu, "No NVIDIA driver was found.")
    query = [tool, "--query-gpu=name", "--format=csv,noheader"]
    found = subprocess.run(query, capture_output=True, text=True, timeout=10, check=False)
    names = found.stdout.strip().splitlines() if found.returncode == 0 else []
    if not names:
        return Device("cpu", cpu, "The NVIDIA driver lists no GPU.")
    if not _cuda_libraries():
        return Device(
            "cpu",
            cpu,
            f"{names[0]} is there, TensorFlow's CUDA libraries are not: `make gpu` installs them.",
        )
    return Device("gpu", names[0])


def _cuda_libraries() -> bool:
    """Whether cuDNN is there for TensorFlow, as a wheel or on the system; without it TensorFlow
    falls back to the CPU in silence."""
    wheel = importlib.util.find_spec("nvidia") and importlib.util.find_spec("nvidia.cudnn")
    return bool(wheel or ctypes.util.find_library("cudnn"))
