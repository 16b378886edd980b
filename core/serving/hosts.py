"""The names that the server answers to.

A page of a stranger can have its own name point at this machine and then speak to the server as if
it were its own (DNS rebinding); what it cannot do is say another name than its own.
"""

import ipaddress
import os
import re
from dataclasses import dataclass

from core import paths
from core.errors import SlideScopeError

VARIABLE = paths.HOSTS
_HEADER = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?")
_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_DEFAULT = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


def split(header: str) -> tuple[str, str] | None:
    """Name and port ('' where none is said) of a Host header; None where it is none.

    >>> split("Localhost:8501"), split("[::1]"), split("localhost@evil.test")
    (('localhost', '8501'), ('::1', ''), None)
    """
    found = _HEADER.fullmatch(header)
    if not found:
        return None
    return (found[1] or found[2]).lower().removesuffix("."), found[3] or ""


def is_loopback(name: str) -> bool:
    """Whether it is always this machine.

    >>> [is_loopback(n) for n in ("localhost", "app.localhost", "127.0.0.1", "::1", "lab.test")]
    [True, True, True, True, False]
    """
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Hosts:
    """Names beside those of this machine; `*.lab.test` stands for every name below lab.test."""

    names: tuple[str, ...] = ()

    def allow(self, header: str) -> bool:
        """Whether the server answers to it.

        >>> [Hosts(("lab.test",)).allow(h) for h in ("LAB.test:80", "a.lab.test", "127.0.0.1:1")]
        [True, False, True]
        """
        found = split(header)
        return found is not None and (is_loopback(found[0]) or self._named(found[0]))

    def _named(self, name: str) -> bool:
        below = (n[1:] for n in self.names if n.startswith("*."))
        return name in self.names or any(name.endswith(end) for end in below)


def same(origin: str, header: str) -> bool:
    """Whether a page of that origin came from the host of that header.

    >>> same("https://lab.test", "lab.test:443"), same("http://lab.test:81", "lab.test")
    (True, False)
    >>> same("null", "null")
    False
    """
    scheme, _, place = origin.partition("://")
    one, other = split(place), split(header)
    if one is None or other is None or scheme not in _DEFAULT:
        return False
    usual = _DEFAULT[scheme]
    return one[0] == other[0] and (one[1] or usual) == (other[1] or usual)


def known() -> Hosts:
    """The names in the environment."""
    said = (n.strip().lower().rstrip(".") for n in os.environ.get(VARIABLE, "").split(","))
    return Hosts(tuple(check(name) for name in said if name))


def check(name: str) -> str:
    """Return `name` as it is compared, if it can be one.

    >>> check("[fd00::1]")
    'fd00::1'
    >>> check("https://lab.test")
    Traceback (most recent call last):
    ...
    core.errors.SlideScopeError: Invalid name 'https://lab.test' in SLIDESCOPE_HOSTS: it is a name \
or an address without scheme and port, such as maps.example.org; correct it.
    """
    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        if _NAME.fullmatch(name):
            return name
    raise SlideScopeError(
        f"Invalid name '{name[:80]}' in {VARIABLE}: it is a name or an address without scheme and "
        "port, such as maps.example.org; correct it."
    )
