"""What was found of a stack before any pixel of it is read: its pairs, side-cars, what is left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from core.scene.interferograms.products import TITLES, pair_name


@dataclass(frozen=True)
class Interferogram:
    """The files of a pair, `first` its earlier date. `swapped`: the file has the later date first,
    so that its phase is turned; `index`: its place in a file that holds all pairs; `track` and
    `frame` as far as side-cars or names tell."""

    first: date
    second: date
    swapped: bool = False
    phase: Path | None = None
    coherence: Path | None = None
    baseline_m: float | None = None
    track: str | None = None
    frame: str | None = None
    index: int | None = None

    @property
    def name(self) -> str:
        return pair_name(self.first, self.second)


@dataclass(frozen=True)
class LeftOut:
    """A pair or file that the stack does without, and why.

    >>> LeftOut("20210109_20210121", "has no unwrapped phase").sentence
    '20210109_20210121 has no unwrapped phase, left out.'
    """

    name: str
    reason: str

    @property
    def sentence(self) -> str:
        return f"{self.name} {self.reason}, left out."


@dataclass(frozen=True)
class Found:
    """A stack by its names. `label`: what the user gave; `pairs` by date; `others`: how many files
    there are of each quantity that is no part of the stack; `geometry`: quantity -> files of it;
    `heading` and `incidence` in degrees, where side-cars have them; `container`: the file that
    holds all pairs; `refusal`: why this is no stack, said when it is opened."""

    label: str
    product: str
    pairs: tuple[Interferogram, ...]
    left_out: tuple[LeftOut, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    geometry: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    heading: float | None = None
    incidence: float | None = None
    container: Path | None = None
    refusal: str | None = None

    @property
    def title(self) -> str:
        return TITLES[self.product]

    @property
    def count(self) -> int:
        """Pairs with an unwrapped phase."""
        return sum(p.phase is not None or p.index is not None for p in self.pairs)
