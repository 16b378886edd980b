"""One side of a comparison in its own process, which computes only when it is told to.

A side prints one JSON line when it is warm and another for each line it reads: so both sides meet
the same machine in turns, and never compute at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from statistics import median

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


class Worker:
    """`script --side=SIDE` with the named options of `wish`; `first` is its first answer, `times`
    holds (seconds, processor seconds) of every `go`."""

    def __init__(
        self,
        script: str,
        wish,
        side: str,
        options: Sequence[str],
        environment: Mapping[str, str] | None = None,
    ):
        self.side, self.times = side, []
        told = [f"--{name}={getattr(wish, name)}" for name in options]
        threads = {name: str(wish.threads) for name in THREADS}
        self.process = subprocess.Popen(
            [sys.executable, script, *told, f"--side={side}"],
            env={**os.environ, **threads, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.first = self._answer()

    def ask(self, line: str):
        """Tell the side something and return its answer."""
        print(line, file=self.process.stdin, flush=True)
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"The {self.side} side ended with status {self.process.wait()}.")
        return json.loads(line)

    def go(self) -> None:
        self.times.append(self.ask("go"))

    @property
    def seconds(self) -> float:
        """Median of what passed, s."""
        return median(passed for passed, _ in self.times)

    @property
    def worked(self) -> float:
        """Median of what the processors worked for the side, s."""
        return median(worked for _, worked in self.times)

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()
