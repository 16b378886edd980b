"""Ctrl-C while the command line is still being loaded is answered in one line too; imported before
anything that takes time."""

import sys
from types import TracebackType

STOPPED = 130  # what a shell says of a command that Ctrl-C ended
SAID = "Stopped on request."


def answer(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Instead of a traceback, where nothing has caught it."""
    if issubclass(kind, KeyboardInterrupt):
        print(SAID, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = answer
