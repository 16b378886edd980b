"""A first look at a sample of every pair's pixels: coverage, range, coherence, damage."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.errors import SlideScopeError
from core.jobs.report import Report, silent
from core.scene.interferograms import pixels
from core.scene.interferograms.pixels import ArrayLayer, Layer, Look, Stored, over_layers

# Bands of rows that are looked at, spread over the height: a twentieth of a large stack.
BANDS = 8
# Pairs between two reports, which is where a job can be stopped.
AT_ONCE = 16


@dataclass(frozen=True)
class Pair:
    """The layers of a pair and how they store their numbers."""

    phase: Layer
    stored: Stored
    coherence: Layer | None = None
    of_coherence: Stored = field(default_factory=Stored)


def bands(height: int, rows: int) -> list[slice]:
    """Up to eight bands of `rows` rows, evenly spread; all of a small stack.

    >>> bands(20, 50), [b.start for b in bands(1000, 10)]
    ([slice(0, 20, None)], [0, 140, 280, 420, 560, 700, 840, 990])
    """
    count = -(-height // rows)
    chosen = np.unique(np.linspace(0, count - 1, min(count, BANDS)).astype(int))
    return [slice(int(n) * rows, min((int(n) + 1) * rows, height)) for n in chosen]


def look(pairs: Sequence[Pair], where: Sequence[slice], report: Report = silent) -> list[Look]:
    """Look at some rows of every pair; what cannot be read is told in the look."""
    serial = bool(pairs) and isinstance(pairs[0].phase, ArrayLayer)
    found: list[Look] = []
    while len(found) < len(pairs):
        report("looking at interferograms", len(found) / len(pairs))
        some = pairs[len(found) : len(found) + AT_ONCE]
        found += over_layers(lambda pair: _look(pair, where), some, serial)
    return found


def _look(pair: Pair, where: Sequence[slice]) -> Look:
    try:
        found = np.concatenate([pixels.phase(pair.phase.raw(r), pair.stored) for r in where])
    except SlideScopeError:
        return Look(0.0, np.nan, np.nan, damage=pair.phase.label)
    valid = found[~np.isnan(found)]
    if not valid.size:
        return Look(0.0, np.nan, np.nan)
    seen = Look(valid.size / found.size, float(valid.min()), float(valid.max()))
    if pair.coherence is None:
        return seen
    try:
        stored = np.concatenate([pair.coherence.raw(r).ravel() for r in where])
    except SlideScopeError:
        return replace(seen, no_coherence=pair.coherence.label)
    mean, highest = pixels.mean_and_highest(stored, pair.of_coherence)
    return replace(seen, coherence=mean, highest=highest)
