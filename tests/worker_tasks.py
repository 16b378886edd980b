"""Tasks for the workers of tests/test_cluster.py, which find them by name."""

import os
import time
from pathlib import Path

from core.errors import SlideScopeError


def double(number: int) -> int:
    return 2 * number


def slow(number: int, seconds: float) -> int:
    time.sleep(seconds)
    return number


def where() -> tuple[int, str]:
    return os.getpid(), os.environ["SLIDESCOPE_WORKSPACE"]


def refuse(name: str) -> None:
    raise SlideScopeError(f"There is no '{name}': name another.")


def fail() -> None:
    raise ZeroDivisionError("of a worker")


def touch(path: str) -> None:
    Path(path).write_text("done", encoding="utf-8")


def hold(megabytes: int, seconds: float) -> int:
    """Memory that is truly taken."""
    held = bytearray(megabytes << 20)
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
    time.sleep(seconds)
    return len(held) >> 20
