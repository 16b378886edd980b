"""Asks `core.doctor.probe`, and goes on behind a step that ended it or did not answer."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.installed import PROJECT

# TensorFlow takes some seconds to load; from a cold disk, on a machine that is shared by many, it
# took more than 90 (29 November 2026).
STEP_S = 240.0
LATE = "no answer within"
ENDED = "it ended the process that loaded it"


@dataclass(frozen=True)
class Answer:
    """What a step gave, or why there is nothing."""

    value: Any = None
    error: str = ""


def ask(steps: Sequence[str], step_s: float = STEP_S) -> dict[str, Answer]:
    """The answer to every step."""
    found: dict[str, Answer] = {}
    left = list(steps)
    while left:
        answers, broken_at, why = _once(left, step_s)
        found |= answers
        left = [step for step in left if step not in found]
        if left:
            found[broken_at or left[0]] = Answer(error=why)
            left = [step for step in left if step not in found]
    return found


def _once(steps: Sequence[str], step_s: float) -> tuple[dict[str, Answer], str, str]:
    """(answers, the step it came to and did not answer, why)."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    child = subprocess.Popen(
        [sys.executable, "-m", "core.doctor.probe", *steps],
        cwd=PROJECT,
        env={**os.environ, **quiet},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    )
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(child, lines), daemon=True)
    reader.start()
    found: dict[str, Answer] = {}
    begun, why = "", ENDED
    try:
        while (line := lines.get(timeout=step_s)) is not None:
            said = json.loads(line)
            begun = said.get("begun", begun)
            if "step" in said:
                found[said["step"]] = Answer(said["value"], said["error"])
    except queue.Empty:
        why = f"{LATE} {step_s:.0f} s"
    finally:
        child.kill()
        child.wait()
    return found, begun, why


def _read(child: subprocess.Popen, lines: "queue.Queue[str | None]") -> None:
    assert child.stdout is not None
    for line in child.stdout:
        lines.put(line)
    lines.put(None)
