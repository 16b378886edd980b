"""The command line: its parser, made from the requests of all actions, and what they print."""

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from core import __version__
from core.commands import arguments as command_line
from core.installed import COMMAND
from core.request import Request
from core.workflows import ACTIONS, request_class

SHOWN = {  # file: the actions whose results it prints
    "shown_scenes": ("sample", "import", "mask", "scenes", "prepare", "serve", "worker"),
    "shown_places": ("displacement", "profile"),
    "shown_factors": ("factors",),
    "shown_networks": (
        *("models", "pack", "load", "channels", "applicability", "attention", "runs"),
    ),
    "shown_changes": ("audit",),
    "shown_training": ("train", "kfold", "experiment"),
    "shown_upkeep": ("verify", "clean", "backup", "restore"),
    "shown_doctor": ("doctor",),
    "shown_manuscript": ("figure", "tables", "methods"),
    "shown_maps": ("predict", "load-map", "evaluate", "export", "review"),
}
VERBOSE = "--verbose"
LEFT_OUT = {"kfold": ("fold", "resume", "no_predict")}


def parser(action: str | None = None) -> argparse.ArgumentParser:
    """Of one action, or of none where it is not known: that one names all and loads nothing."""
    root = argparse.ArgumentParser(
        prog=COMMAND,
        description="The command line, which is also the background worker. Exit status 0, or 2 "
        "with one sentence on standard error for input that the user can put right.",
    )
    root.add_argument("--version", action="version", version=f"slidescope {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for word in [action] if action in ACTIONS else ACTIONS:
        sub = commands.add_parser(word, help=ACTIONS[word].help, description=ACTIONS[word].help)
        if word == action:
            command_line.add(sub, request_class(word), LEFT_OUT.get(word, ()))
            sub.add_argument("--json", action="store_true", help="print one JSON object, last")
            words = "print every step, and a defect in full (may stand anywhere)"
            sub.add_argument(VERBOSE, action="store_true", help=words)
    return root


def parse(argv: Sequence[str]) -> Request:
    """The request that a command line makes."""
    return command_line.read(parser(argv[0] if argv else None).parse_args(argv))


def show(action: str, result: dict[str, Any]) -> None:
    """Print the result of an action for people."""
    file = next(name for name, actions in SHOWN.items() if action in actions)
    getattr(import_module(f"core.commands.{file}"), f"show_{action.replace('-', '_')}")(result)
