"""Have a function carried out by a child that is ended when it takes more than it may."""

import atexit
import json
import logging
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil

from core import errors, offline, paths
from core.confined import wire
from core.confined.allowance import OUTPUT, Allowance
from core.errors import Damaged, SlideScopeError

LOOK_S = 0.03
# A child that has to load libraries on a busy machine.
START_S = 120.0
# Idle children that are kept, each with its libraries loaded, and calls until one is replaced.
KEPT, CALLS = 2, 100
AT_ONCE = max(2, (os.cpu_count() or 2))
_idle: list["_Child"] = []
_lock = threading.Lock()
_turns = threading.BoundedSemaphore(AT_ONCE)
LOG = logging.getLogger("slidescope.confined")


def call(
    function: Callable[..., Any],
    *arguments: Any,
    about: str,
    allowed: Allowance | None = None,
    tick: Callable[[], None] | None = None,
) -> Any:
    """Return what `function(*arguments)` returns in a child; that must be JSON.

    `about` names the file in the sentence of a refusal. `tick` is called while it lasts and may
    raise, which ends the child. Errors of ours come back as they are; any other is the file's
    fault: reading it in-process would have ended there, too.
    """
    allowed = allowed or Allowance()
    name = f"{function.__module__}:{function.__qualname__}"
    with _turns:
        child = _child(function.__module__)
        try:
            said = child.ask((name, arguments), allowed, tick)
        except BaseException:
            child.end()
            raise
        if "ended" in said:
            child.end()
        else:
            _keep(child)
    return _result(said, about, allowed)


def _result(said: dict[str, Any], about: str, allowed: Allowance) -> Any:
    if "result" in said:
        return said["result"]
    if "error" in said:
        kind = getattr(errors, said["error"], SlideScopeError)
        raise kind(said["words"])
    if "defect" in said:
        LOG.info("Looking at %s failed:\n%s", about, said["defect"])
        raise Damaged(
            f"{about} cannot be read ({said.get('kind', 'an unknown error')} in what it holds): it "
            "is damaged or made by hand; export it again, in another format if need be."
        )
    raise SlideScopeError(
        f"{about} is refused: {_why(said, allowed)}; it is damaged or made to do harm: export it "
        "again, or simplify what it holds."
    )


def _why(said: dict[str, Any], allowed: Allowance) -> str:
    was, far = said.get("was") or "looking at it", "far more than a file of its size should"
    return {
        "time": f"{was} took more than {allowed.seconds:.1f} s of processor time, {far}",
        "wall": f"{was} did not end within {allowed.wall_s:.0f} s",
        "memory": f"{was} took more than {allowed.memory / 1e9:.1f} GB of memory, {far}",
        "output": "what it holds takes too long to tell",
    }.get(said["ended"], f"{was} ended the process that did it")


class _Child:
    """A process, and a thread that waits for its answers; it loads `module` before it is asked."""

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.confined.child", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=paths.PROJECT,
            env=offline.environment(paths.environment()),
            # Ctrl-C is for whoever waits for it.
            start_new_session=True,
        )
        self._watched = psutil.Process(self._process.pid)
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.calls = 0
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(
        self, asked: tuple[str, tuple], allowed: Allowance, tick: Callable[[], None] | None
    ) -> dict[str, Any]:
        """The answer, or {"ended": why} of a child that took too much; that one goes on."""
        self.calls += 1
        bounds = (allowed.memory, allowed.seconds, allowed.output)
        ours = {n: v for n, v in os.environ.items() if n.startswith("SLIDESCOPE_")}
        text = pickle.dumps((*asked, *bounds, os.getcwd(), ours))
        assert self._process.stdin is not None
        try:
            wire.send(self._process.stdin, text)
        except OSError:
            return {"ended": "died"}
        begun = self._wait(lambda waited: "wall" if waited > START_S else None, tick)
        if "begun" not in begun:
            return begun
        taken, held = self._taken()
        return self._wait(lambda waited: self._over(waited, taken, held, allowed), tick)

    def _wait(
        self, over: Callable[[float], str | None], tick: Callable[[], None] | None
    ) -> dict[str, Any]:
        since, doing = time.monotonic(), ""
        while True:
            with suppress(queue.Empty):
                said = self._answers.get(timeout=LOOK_S) or {"ended": "died"}
                if "doing" not in said:
                    return {"was": doing, **said}
                doing = said["doing"]
            why = over(time.monotonic() - since)
            if why:
                return {"ended": why, "was": doing}
            if tick is not None:
                tick()

    def _over(self, waited: float, taken: float, held: int, allowed: Allowance) -> str | None:
        if waited > allowed.wall_s:
            return "wall"
        seconds, memory = self._taken()
        if seconds - taken > allowed.seconds:
            return "time"
        return "memory" if memory - held > allowed.memory else None

    def _taken(self) -> tuple[float, int]:
        """Processor seconds and bytes of memory; of one that is gone, nothing."""
        try:
            spent = self._watched.cpu_times()
            return spent.user + spent.system, self._watched.memory_info().rss
        except psutil.Error:
            return 0.0, 0

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with suppress(OSError, ValueError, RecursionError):
            while (text := wire.received(pipe, OUTPUT)) is not None:
                self._answers.put(json.loads(text))
        self._answers.put(None)

    def end(self) -> None:
        with suppress(OSError):
            self._process.kill()
        self._process.wait()


def _child(module: str) -> _Child:
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.alive:
                return child
    return _Child(module)


def _keep(child: _Child) -> None:
    with _lock:
        if child.alive and len(_idle) < KEPT and child.calls < CALLS:
            _idle.append(child)
            return
    child.end()


def prepare(module: str) -> None:
    """Have a child ready that has loaded the module by the time it is asked for something of it."""
    with _lock:
        if not _idle:
            _idle.append(_Child(module))


@atexit.register
def end_all() -> None:
    """End the children that wait for work."""
    with _lock:
        while _idle:
            _idle.pop().end()
