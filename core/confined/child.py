"""The process that looks at files for another: `python -m core.confined.child`.

It reads (function, arguments) from standard input and answers with JSON, until its input ends. It
has given up the network, and each call has its bounds.
"""

import os
import pickle
import sys
import threading
import time
import traceback
from importlib import import_module
from typing import Any, BinaryIO

from core.confined import progress, sandbox, wire
from core.errors import SlideScopeError

# A child that nobody waits for any more ends itself within this time.
LOOK_S = 2.0


def main() -> None:
    sandbox.no_network()
    # Other sessions' pages come first.
    if hasattr(os, "nice"):
        os.nice(5)
    # What libraries print is no part of an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    for module in sys.argv[1:]:
        import_module(module)
    while True:
        asked = wire.received(sys.stdin.buffer)
        if asked is None:
            return
        _answer(answers, pickle.loads(asked))


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)


def _answer(answers: BinaryIO, asked: tuple) -> None:
    name, arguments, memory, seconds, output, folder, environment = asked
    try:
        os.chdir(folder)
        os.environ.update(environment)
        module, _, function = name.partition(":")
        work = getattr(import_module(module), function)
        wire.answer(answers, {"begun": True})
        sandbox.bound(memory, seconds)
        progress.tell_by(lambda words: wire.answer(answers, {"doing": words}))
        said = _said(work, arguments)
    except MemoryError:
        said = {"ended": "memory"}
    try:
        wire.answer(answers, said, output)
    except (TypeError, ValueError, MemoryError):
        wire.answer(answers, {"defect": traceback.format_exc()})


def _said(work: Any, arguments: tuple) -> dict[str, Any]:
    try:
        return {"result": work(*arguments)}
    except SlideScopeError as error:
        if sandbox.lacks_memory(error):
            raise MemoryError from error
        return {"error": type(error).__name__, "words": error.args[0]}
    except Exception as error:
        if sandbox.lacks_memory(error):
            raise MemoryError from error
        return {"defect": traceback.format_exc(), "kind": type(error).__name__}


if __name__ == "__main__":
    main()
