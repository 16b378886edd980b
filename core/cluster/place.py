"""Where an action's tasks run, as `--on` names it.

local                             in the action's own process, by threads
local:N                           in N processes of this machine
dask:local:N                      in N dask workers of this machine
dask:tcp://HOST:8786              by the workers of a dask scheduler (tls:// as well)
slurm[:PARTITION][,OPTION=VALUE]  each task a job of Slurm
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import SlideScopeError
from core.request import option

LOCAL = "local"
FORMS = "local, local:N, dask:local:N, dask:tcp://HOST:PORT or slurm[:PARTITION][,OPTION=VALUE...]"
# What Slurm is told of each job: the option, and what submitit calls it.
SLURM = {
    "gpus": "slurm_gpus_per_node",
    "cpus": "slurm_cpus_per_task",
    "mem": "slurm_mem",
    "time": "slurm_time",  # minutes
    "account": "slurm_account",
    "qos": "slurm_qos",
    "constraint": "slurm_constraint",
    "at_once": "slurm_array_parallelism",
}
NUMBERS = ("gpus", "cpus", "time", "at_once")
MOST = 100_000
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:\d{1,5}")


@dataclass(frozen=True)
class Place:
    """`kind` local, processes, dask or slurm; `count` of processes on this machine, `address` of a
    scheduler, `options` by submitit's names."""

    kind: str
    count: int = 0
    address: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def here(self) -> bool:
        """Whether the action's own process does all by itself."""
        return self.kind == LOCAL


def parse(text: str) -> Place:
    """The place that a word of `--on` names.

    >>> parse("local").here, parse("dask:local:2").count
    (True, 2)
    >>> parse("slurm:gpu,gpus=1,time=60").options["slurm_gpus_per_node"]
    1
    """
    kind, _, rest = text.strip().partition(":")
    if text == LOCAL:
        return Place(LOCAL)
    if kind == LOCAL:
        return Place("processes", _count(rest, text))
    if kind == "dask" and rest.startswith("local:"):
        return Place("dask", _count(rest.removeprefix("local:"), text))
    if kind == "dask" and _ADDRESS.fullmatch(rest):
        return Place("dask", address=rest)
    first, *words = text.split(",")
    if first.partition(":")[0] == "slurm" and (first == "slurm" or first[6:]):
        return Place("slurm", options=_slurm(first[6:], words, text))
    raise _unknown(text)


def address_of(text: str) -> str:
    """The address of a scheduler, as it is."""
    if not _ADDRESS.fullmatch(text):
        raise SlideScopeError(
            f"'{text}' is no address of a scheduler: write tcp://HOST:PORT or tls://HOST:PORT, as "
            "`dask scheduler` prints it."
        )
    return text


def _slurm(partition: str, words: list[str], text: str) -> dict[str, Any]:
    found: dict[str, Any] = {"slurm_partition": partition} if partition else {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in SLURM or not value or not equals:
            raise SlideScopeError(
                f"In '{text}', '{word}' is no option of Slurm that is passed on: --on slurm takes "
                f"{', '.join(f'{each}=...' for each in SLURM)}, separated by commas."
            )
        found[SLURM[name]] = _count(value, text) if name in NUMBERS else value
    return found


def _count(word: str, text: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= MOST:
        raise SlideScopeError(
            f"In '{text}', '{word}' is no number of 1 to {MOST}: write it such as "
            "--on dask:local:2."
        )
    return int(word)


def _unknown(text: str) -> SlideScopeError:
    return SlideScopeError(f"'{text}' is no place to run: --on is {FORMS}; write one of these.")


def checked(text: str) -> str:
    """The word of `--on` as it is, if it names a place."""
    parse(text)
    return text


def on() -> Any:
    """The option of a request whose tasks may run elsewhere."""
    return option(
        f"where its tasks run: {FORMS} (docs/scale.md)",
        LOCAL,
        title="Runs on",
        page="In this machine's own process, or as tasks on other processes and machines "
        "(docs/scale.md).",
        read=checked,
        metavar="WHERE",
    )


def leaves(argv: list[str]) -> bool:
    """Whether words of a command line ask for another place than this process.

    >>> leaves(["factors", "s", "--on", "dask:local:2"]), leaves(["factors", "s", "--on=local"])
    (True, False)
    """
    pairs = zip(argv, [*argv[1:], ""])
    named = [after if word == "--on" else word[5:] for word, after in pairs if _names(word)]
    return any(each != LOCAL for each in named)


def _names(word: str) -> bool:
    return word == "--on" or word.startswith("--on=")
