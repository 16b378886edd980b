"""Which role somebody has who has signed in: from a file of the operator, read anew when it
changes.

    default = "viewer"          # of who is named nowhere; "none" does not let them in
    claim = "groups"            # where the provider says somebody's groups

    [admin]
    emails = ["ana@example.org"]

    [editor]
    emails = ["*@lab.example.org"]
    groups = ["landslides"]
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.access import ROLES, VIEWER, Actor
from core.errors import SlideScopeError

VARIABLE = "SLIDESCOPE_ROLES"
NOBODY = "none"
_NAMES = ("preferred_username", "name", "sub")


@dataclass(frozen=True)
class Roles:
    """`named`: role -> (emails, groups)."""

    default: str = VIEWER
    claim: str = "groups"
    named: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)

    def actor(self, claims: Mapping[str, Any]) -> Actor | None:
        """Whoever the provider says has signed in; None where they are not let in.

        >>> lab = Roles("none", named={"editor": (("*@lab.test",), ())})
        >>> lab.actor({"email": "Ben@Lab.test"}), lab.actor({"email": "eve@evil.test"})
        (Actor(name='Ben@Lab.test', role='editor'), None)
        """
        # An address that the provider itself does not vouch for is anybody's.
        email = str(claims.get("email") or "") if claims.get("email_verified") is not False else ""
        said = claims.get(self.claim)
        groups = {said} if isinstance(said, str) else set(map(str, said or ()))
        role = next((r for r in ROLES[::-1] if self._is(r, email, groups)), self.default)
        name = next((str(claims[n]) for n in _NAMES if claims.get(n)), "somebody")
        return None if role == NOBODY else Actor(email or name, role)

    def _is(self, role: str, email: str, groups: set[str]) -> bool:
        emails, wanted = self.named.get(role, ((), ()))
        return any(_same(email, each) for each in emails) or bool(groups & set(wanted))


def _same(email: str, wanted: str) -> bool:
    email, wanted = email.lower(), wanted.lower()
    return bool(email) and (email.endswith(wanted[1:]) if wanted[:2] == "*@" else email == wanted)


def known() -> Roles:
    """The roles of the operator's file; without one whoever signs in may look."""
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return Roles()
    path = Path(text)
    try:
        status = path.stat()
        return _read(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise SlideScopeError(
            f"{VARIABLE} names '{text}', which cannot be read ({error.strerror}): give the path of "
            "a file of roles (docs/serving.md)."
        ) from error


@lru_cache(maxsize=4)
def _read(path: Path, _modified: int, _size: int) -> Roles:
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, f"it is no TOML ({error})") from error
    unknown = set(value) - {"default", "claim", *ROLES}
    if unknown:
        raise _wrong(path, f"it has '{min(unknown)}', and known are default, claim, {_LIST}")
    default = value.get("default", VIEWER)
    if default not in (NOBODY, *ROLES):
        raise _wrong(path, f"its default is '{default}', and a role is {NOBODY}, {_LIST}")
    if not isinstance(value.get("claim", ""), str):
        raise _wrong(path, "its claim is no text")
    named = {role: _members(path, role, value[role]) for role in ROLES if role in value}
    return Roles(default, value.get("claim", "groups"), named)


_LIST = ", ".join(ROLES)


def _members(path: Path, role: str, value: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not isinstance(value, dict) or set(value) - {"emails", "groups"}:
        raise _wrong(path, f"[{role}] has emails and groups, and nothing else")
    found = []
    for name in ("emails", "groups"):
        texts = value.get(name, [])
        if not isinstance(texts, list) or not all(isinstance(t, str) and t for t in texts):
            raise _wrong(path, f"{name} of [{role}] are no list of texts")
        found.append(tuple(texts))
    return found[0], found[1]


def _wrong(path: Path, what: str) -> SlideScopeError:
    return SlideScopeError(
        f"The roles in '{path}' cannot be used: {what}; correct it (docs/serving.md)."
    )
