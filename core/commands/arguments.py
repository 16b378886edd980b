"""The command line of a request: its options as arguments, and the arguments as a request."""

import argparse
from collections.abc import Sequence
from dataclasses import MISSING
from typing import Any

from core.request import Option, Request, options


def add(
    sub: argparse.ArgumentParser,
    request: type[Request],
    leave_out: Sequence[str] = (),
) -> None:
    """Add the options of `request` to a parser, but for some."""
    alone: dict[str, Any] = {}
    for name, each in options(request).items():
        if name in leave_out:
            continue
        if each.alone and each.alone not in alone:
            alone[each.alone] = sub.add_mutually_exclusive_group()
        if each.own:
            each.own.add(sub)
            continue
        default = None if each.default is MISSING else each.default
        _add(alone.get(each.alone, sub), each, default)
    sub.set_defaults(request=request)


def read(args: argparse.Namespace) -> Request:
    """The request of parsed arguments."""
    found = options(args.request)
    given = {}
    for name, each in found.items():
        if each.own:
            given[name] = each.own.read(args)
        elif hasattr(args, name):
            given[name] = _read(each, getattr(args, name))
    return args.request(**given)


def _read(each: Option, value: Any) -> Any:
    if not each.many:
        return each.read(value) if each.read and isinstance(value, str) else value
    holder = frozenset if isinstance(each.default, frozenset) else tuple
    return holder(each.read(one) if each.read else one for one in value or ())


def _add(sub, each: Option, default: Any) -> None:
    if each.place:
        optional = {} if each.default is MISSING else {"nargs": "?", "default": default}
        if each.many:
            optional = {"nargs": "*", "default": []}
        sub.add_argument(each.name, metavar=each.metavar, help=_help(each), **optional)
        return
    about: dict[str, Any] = {"dest": each.name, "help": _help(each), "default": default}
    if each.kind is bool and not each.many:
        action = argparse.BooleanOptionalAction if default in (None, True) else "store_true"
        sub.add_argument(each.switch, action=action, **about)
        return
    about |= {"metavar": each.metavar}
    if each.many and each.together:
        about |= {"nargs": each.together, "default": None}
    elif each.many:
        about |= {"action": "append", "default": []}
    elif each.bare is not None:
        about |= {"nargs": "?", "const": each.bare}
    if each.choices:
        about |= {"choices": tuple(each.choices)}
        del about["metavar"]
    if each.kind in (int, float) and not each.read:
        about |= {"type": each.kind}
    sub.add_argument(each.switch, required=each.default is MISSING, **about)


def _help(each: Option) -> str:
    """What stands in the help; what the paper has, in brackets."""
    if each.hidden:
        return argparse.SUPPRESS
    paper = f" (paper: {each.paper})" if each.paper else ""
    return f"{each.words}{paper}".replace("%", "%%")
