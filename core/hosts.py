"""Which table of processes this one stands in: what is noted of a process can only be looked up
there. Several hosts share a workspace, and so do containers of one machine.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypedDict

from core import processes

NAMESPACE = "/proc/self/ns/pid"


class Noted(TypedDict):
    """A host as files keep it."""

    name: str
    boot: str
    namespace: str


@dataclass(frozen=True)
class Host:
    """`boot` is of the machine since it was started, `namespace` the table of processes on it, as a
    container has its own; both empty where the system tells neither, and the name decides."""

    name: str
    boot: str = ""
    namespace: str = ""

    @property
    def table(self) -> str:
        """What tells this table of processes from every other.

        >>> Host("node7", "3c0a-77", "4026531836").table, Host("laptop").table
        ('3c0a-77/4026531836', 'laptop')
        """
        return f"{self.boot}/{self.namespace}" if self.boot else self.name

    @property
    def mark(self) -> str:
        """The same, short, for the name of a file."""
        return sha256(self.table.encode()).hexdigest()[:8]

    @property
    def machine(self) -> str:
        """What tells this machine, whose devices all its containers share, from others."""
        return sha256((self.boot or self.name).encode()).hexdigest()[:8]

    @property
    def words(self) -> str:
        """How a sentence calls it, seen from here. Two containers may have one name, as has a
        machine before and after a restart."""
        if self.name == here().name:
            return f"host '{self.name}' (another container of it, or before a restart)"
        return f"host '{self.name}'"

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def here() -> Host:
    """The host of this process."""
    return _of_process(os.getpid())


@lru_cache(maxsize=4)
def _of_process(_pid: int) -> Host:
    name = socket.gethostname() or "unnamed"
    try:
        namespace = str(os.stat(NAMESPACE).st_ino)
    except OSError:
        namespace = ""
    return Host(name, processes.boot(), namespace)


def of_json(noted: Mapping[str, Any]) -> Host:
    return Host(noted["name"], noted["boot"], noted["namespace"])


def is_here(noted: Mapping[str, Any] | None) -> bool:
    """Whether what was noted there can be looked up here; earlier versions noted no host, as a
    workspace had one."""
    return noted is None or of_json(noted).table == here().table
