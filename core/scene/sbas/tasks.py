"""The blocks of an inversion as tasks of a pool: a worker opens the stack itself, inverts some of
them and keeps what it found where one process keeps its own."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np

from core import paths
from core.cluster.parts import Parts, beneath, everywhere, from_everywhere
from core.cluster.pool import Pool
from core.cluster.task import Task, me
from core.errors import SlideScopeError
from core.jobs.report import Report, silent
from core.scene.interferograms import finding
from core.scene.interferograms.stack import Stack, open_stack
from core.scene.sbas import chain
from core.scene.sbas.blocks import BYTES, PhaseStack
from core.scene.sbas.partial import Partial
from core.scene.sbas.settings import SbasSettings
from core.scene.sbas.survey import Survey
from core.scene.sbas.work import Work

# Of a task, phase and coherence of all pairs: some seconds of work.
TASK_BYTES = 2**28


@dataclass(frozen=True)
class Given:
    """What a stack is opened by: the rate's `name`, its `files` as every machine names them, the
    `wavelength` in metres where the files do not say it, and the pairs that are left out."""

    name: str
    files: tuple[str, ...]
    wavelength: float | None = None
    drop: tuple[str, ...] = ()
    max_days: int | None = None

    @classmethod
    def of(
        cls,
        name: str,
        files: Sequence[str],
        settings: SbasSettings,
        wavelength: float | None = None,
    ) -> Self:
        """`files` as they were given here."""
        named = tuple(everywhere(file) for file in files)
        return cls(name, named, wavelength, settings.drop, settings.max_days)

    @contextmanager
    def opened(self, report: Report = silent) -> Iterator[Stack]:
        found = finding.find([from_everywhere(file) for file in self.files])
        if found is None:  # it was one a moment ago
            raise SlideScopeError(
                f"The interferograms of {self.name} are not there any more: check the folder and "
                "start the import again."
            )
        with open_stack(
            found,
            wavelength=self.wavelength,
            drop=self.drop,
            max_days=self.max_days,
            work=paths.cache_folder(),
            report=report,
        ) as stack:
            yield stack


@dataclass(frozen=True)
class Bare:
    """`Work` without its stack and without the sample of its pixels; `traits` of the stack that a
    worker must find in the same files."""

    given: Given
    settings: SbasSettings
    found: Survey
    turns: np.ndarray
    inputs: str
    traits: str


@dataclass(frozen=True)
class Crew:
    """Has the blocks of a stack inverted by a pool."""

    pool: Pool
    given: Given

    def __call__(self, work: Work, done: Partial, blocks: Sequence[slice], report: Report) -> None:
        found = replace(work.found, sample=work.found.sample[:, :0])
        traits = _traits(work.stack)
        bare = Bare(self.given, work.settings, found, work.turns, done.inputs, traits)
        a_row = len(found.kept) * work.stack.grid.width * BYTES
        place = beneath(done.folder)
        tasks = [
            Task(f"pairs, rows {each[0][0]} to {each[-1][1]}", invert_rows, (bare, each, place))
            for each in _groups(blocks, TASK_BYTES * self.pool.grain // a_row)
        ]
        for _ in self.pool.results(tasks, report, "Inverting the interferograms"):
            pass


def invert_rows(bare: Bare, blocks: Sequence[tuple[int, int]], place: str) -> None:
    """A worker's task: invert blocks of rows, and keep them in a folder of the workspace."""
    stack = _stack(bare.given, bare.inputs)
    if _traits(stack) != bare.traits:
        raise SlideScopeError(
            f"The worker on {me()} finds other interferograms than this machine: the files are not "
            "the same there, or were changed meanwhile; share their folder and start again."
        )
    done = Partial(Parts.here(place), bare.inputs, begins=False)
    work = Work(stack, bare.settings, bare.found, bare.turns)
    for first, last in blocks:
        chain.invert_block(work, done, slice(first, last))


@lru_cache(maxsize=1)
def _stack(given: Given, inputs: str) -> Stack:
    """The stack, kept open from one task to the next; `inputs` tell one state of its files from
    another."""
    return ExitStack().enter_context(given.opened())


def _traits(stack: PhaseStack) -> str:
    """What two machines have to find alike."""
    network = stack.network
    days = [day.isoformat() for day in network.dates]
    about = [stack.grid.to_json(), stack.wavelength_m, stack.row_block, days, network.pairs]
    return json.dumps([*about, stack.has_coherence.tolist()])


def _groups(blocks: Sequence[slice], rows: int) -> list[list[tuple[int, int]]]:
    """(first row, row after the last) of the blocks, as many together as have so many rows.

    >>> _groups([slice(0, 8), slice(8, 16), slice(16, 20)], 9)
    [[(0, 8), (8, 16)], [(16, 20)]]
    """
    groups: list[list[tuple[int, int]]] = []
    held = rows
    for each in blocks:
        if held >= rows:
            groups.append([])
            held = 0
        groups[-1].append((each.start, each.stop))
        held += each.stop - each.start
    return groups
