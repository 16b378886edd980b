"""Which device a training will use, told without importing Keras or its backend."""

import ctypes.util
import importlib.util
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core import processes
from core.errors import SlideScopeError

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


@dataclass(frozen=True)
class Device:
    """`kind` cpu or gpu, `name` for people, `why` there is no GPU (empty with one)."""

    kind: str
    name: str
    why: str = ""


def backend() -> str:
    """The library that Keras computes with: `KERAS_BACKEND`, TensorFlow by default."""
    return os.environ.get("KERAS_BACKEND") or "tensorflow"


def backend_title() -> str:
    return BACKENDS.get(backend(), backend())


def check_backend() -> None:
    """Raise a SlideScopeError unless the backend is one of Keras's and installed."""
    name = backend()
    if name not in BACKENDS:
        raise SlideScopeError(
            f"Unknown KERAS_BACKEND '{name}': it must be {', '.join(BACKENDS)}; set one of these."
        )
    if importlib.util.find_spec(name) is None:
        raise SlideScopeError(
            f"KERAS_BACKEND is {name}, but {BACKENDS[name]} is not installed: install the package "
            f"'{name}' or unset KERAS_BACKEND."
        )


def detect() -> Device:
    """Return the GPU that the driver lists and the backend can use, else the processor and why."""
    return _detect(backend())


@cache
def _detect(name: str) -> Device:
    cpu = f"CPU, {processes.cores()} cores"
    if name == "torch" and (platform.system(), platform.machine()) == ("Darwin", "arm64"):
        return Device("gpu", "Apple GPU")
    gpu, why = _nvidia()
    if gpu and not _SUPPORT.get(name, lambda: False)():
        title = BACKENDS.get(name, name)
        gpu, why = None, f"{gpu} is there, {title}'s CUDA libraries are not: {_CURE.get(name)}."
    return Device("gpu", gpu) if gpu else Device("cpu", cpu, why)


def _nvidia() -> tuple[str | None, str]:
    """(name of the first GPU that the driver lists, reason where there is none)."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return None, "CUDA_VISIBLE_DEVICES hides the GPUs."
    tool = shutil.which("nvidia-smi")
    if not tool:
        return None, "No NVIDIA driver was found."
    query = [tool, "--query-gpu=name", "--format=csv,noheader"]
    found = subprocess.run(
        query, capture_output=True, encoding="utf-8", errors="replace", timeout=10, check=False
    )
    names = found.stdout.strip().splitlines() if found.returncode == 0 else []
    return (names[0], "") if names else (None, "The NVIDIA driver lists no GPU.")


def _tensorflow_cuda() -> bool:
    """Whether cuDNN is there for TensorFlow, as a wheel or on the system; without it TensorFlow
    falls back to the CPU in silence."""
    wheel = importlib.util.find_spec("nvidia") and importlib.util.find_spec("nvidia.cudnn")
    return bool(wheel or ctypes.util.find_library("cudnn"))


def _jax_cuda() -> bool:
    """JAX reaches a GPU through a plug-in package of its own."""
    names = ("jax_cuda12_plugin", "jax_cuda13_plugin")
    return any(importlib.util.find_spec(name) for name in names)


def _torch_cuda() -> bool:
    """PyTorch's own wheels hold its CUDA part, or do not."""
    found = importlib.util.find_spec("torch")
    library = Path(found.origin).parent / "lib" if found and found.origin else Path()
    return any((library / name).exists() for name in ("libtorch_cuda.so", "torch_cuda.dll"))


_CURE = {
    "tensorflow": "`make gpu` installs them",
    "jax": "`pip install jax[cuda12]` installs them",
    "torch": "install a PyTorch that is built with CUDA",
}
_SUPPORT = {"tensorflow": _tensorflow_cuda, "jax": _jax_cuda, "torch": _torch_cuda}
