"""The command line, one file a noun; also the background worker.

A command file has `add_<command>(commands)`, which adds a parser and sets its defaults:
`run(args, report) -> dict` (the object `--json` prints), `show(result)` (the same for people) and,
for a long action, `job_kind` and `job_title(args)`.
"""

from collections.abc import Callable
from importlib import import_module

FILES = {  # command: its file, in the order of the help
    "sample": "sample",
    "import": "scenes",
    "scenes": "scenes",
    "factors": "factors",
    "models": "models",
    "train": "train",
    "kfold": "kfold",
    "predict": "predict",
    "pack": "weights",
    "load": "weights",
    "evaluate": "evaluate",
    "review": "review",
    "channels": "channels",
    "attention": "channels",
    "experiment": "experiment",
    "export": "export",
    "runs": "runs",
    "prepare": "prepare",
    "serve": "serve",
}


def adders(command: str | None = None) -> list[Callable]:
    """The `add_<command>` of one command, or of all when it names none.

    A file is imported with its libraries when it is asked for: all of them take seconds.
    """
    wanted = [command] if command in FILES else FILES
    return [
        getattr(import_module(f"core.commands.{FILES[name]}"), f"add_{name}") for name in wanted
    ]
