"""Ctrl-C while the command line is still being loaded is answered in one line too; imported before
anything that takes time."""

import signal
import sys
import threading
from types import FrameType, TracebackType

STOPPED = 130  # what a shell says of a command that Ctrl-C ended
SAID = "Stopped on request."


def answer(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Instead of a traceback, where nothing has caught it."""
    if issubclass(kind, KeyboardInterrupt):
        print(SAID, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = answer
_asked = False


def _interrupt(number: int, frame: FrameType | None) -> None:
    """As Python's own, and noted: what a library calls back from C swallows exceptions."""
    global _asked
    _asked = True
    raise KeyboardInterrupt


def again() -> None:
    """Raise a KeyboardInterrupt that was asked for and got lost."""
    global _asked
    if _asked and threading.current_thread() is threading.main_thread():
        _asked = False
        raise KeyboardInterrupt


# Where Ctrl-C means nothing, as for what a shell runs in the background, it stays so.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _interrupt)
