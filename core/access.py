"""Who asks, and what they may change: one notion for pages, routes, jobs and the command line.

Who has the machine is its operator and may do everything; a server tells, for each request, who is
behind it (`found_by`). A store or workflow that changes something says so (`need`, or
`core.audit.changing`, which notes it down as well); everything else may be looked at by whoever
has been let in.
"""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from core import paths
from core.errors import SlideScopeError

VIEWER, EDITOR, ADMIN = "viewer", "editor", "admin"
# In order: each may do what those before it may.
ROLES = (VIEWER, EDITOR, ADMIN)
READONLY = "SLIDESCOPE_READONLY"
_OFF = ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class Actor:
    """Somebody who asks: a name to note down, and a role."""

    name: str
    role: str = VIEWER

    def may(self, role: str) -> bool:
        """
        >>> Actor("ana", EDITOR).may(VIEWER), Actor("ana", EDITOR).may(ADMIN)
        (True, False)
        """
        return ROLES.index(self.role) >= ROLES.index(role)


class Refused(SlideScopeError):
    """Whoever asks may not do it."""


_asking: ContextVar[Actor | None] = ContextVar("asking", default=None)
_find: Callable[[], Actor | None] | None = None


def found_by(find: Callable[[], Actor | None] | None) -> None:
    """Let the server say who is behind what this process does just now; None where nobody is."""
    global _find
    _find = find


def actor() -> Actor:
    """Whoever asks just now."""
    return _asking.get() or (_find() if _find else None) or operator()


@contextmanager
def asking(who: Actor) -> Iterator[None]:
    """Whatever the block does, `who` asks for it."""
    token = _asking.set(who)
    try:
        yield
    finally:
        _asking.reset(token)


def operator() -> Actor:
    """Whoever this process belongs to."""
    try:
        return Actor(getpass.getuser(), ADMIN)
    except (OSError, KeyError, ImportError):  # a container may have users without a name
        return Actor("operator", ADMIN)


def readonly() -> bool:
    """Whether nothing may be changed, whoever asks."""
    return os.environ.get(READONLY, "").strip().lower() not in _OFF


def may(role: str = EDITOR) -> bool:
    """Whether whoever asks may do what needs `role`."""
    return actor().may(role) and (role == VIEWER or not readonly())


def need(role: str, doing: str) -> None:
    """Raise Refused unless whoever asks may do what needs `role`; `doing` says what, such as
    'deleting a run'."""
    if role != VIEWER and readonly():
        raise Refused(
            f"This SlideScope is read-only: {doing} is not possible; look, download, or ask "
            f"whoever runs it to unset {READONLY}."
        )
    who = actor()
    if not who.may(role):
        raise Refused(
            f"{doing[:1].upper()}{doing[1:]} needs the role '{role}', and {who.name} has "
            f"'{who.role}': ask whoever runs this SlideScope."
        )


def keep_out(path: Path) -> None:
    """Raise Refused where nothing may be changed and `path` is of the workspace; what saves work
    (`paths.cache_folder`) may still be kept."""
    if not readonly():
        return
    home, place = paths.workspace(), Path(path).absolute()
    if place.is_relative_to(home) and not place.is_relative_to(home / paths.CACHE):
        need(EDITOR, f"writing '{place.name.lstrip('.')[:60]}'")
