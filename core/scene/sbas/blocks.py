"""Reading a stack in blocks of rows that follow its files' own, within bounds of memory."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from core.scene.grid import Grid
from core.scene.interferograms.network import Network

# Phase and coherence, float32.
BYTES = 8
# What is aimed at for one block of all pairs, and what one may take at most.
BLOCK_BYTES, MOST_BYTES = 64_000_000, 320_000_000


class PhaseStack(Protocol):
    """What the chain reads: M pairs on one grid, a block of rows at a time."""

    @property
    def network(self) -> Network:
        """Dates and pairs."""

    @property
    def grid(self) -> Grid:
        """The extent that all pairs share."""

    @property
    def wavelength_m(self) -> float:
        """Of the radar."""

    @property
    def has_coherence(self) -> np.ndarray:
        """(M,) bool."""

    @property
    def row_block(self) -> int:
        """Rows that one read should take to follow the files' strips or tiles."""

    def read(
        self, rows: slice, pairs: Sequence[int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Phase (M, rows, columns) float32 radians, later minus earlier, positive = away, and
        coherence 0..1; NaN = no data."""


def row_blocks(stack: PhaseStack, pairs: int) -> list[slice]:
    """Whole blocks of the files, as many of them together as a block of `pairs` may take."""
    height, width = stack.grid.shape
    own = max(1, min(height, stack.row_block))
    step = own * max(1, BLOCK_BYTES // (own * width * pairs * BYTES))
    return [slice(top, min(height, top + step)) for top in range(0, height, step)]


def groups(
    stack: PhaseStack, rows: slice, pairs: Sequence[int] | np.ndarray
) -> Iterator[list[int]]:
    """The pairs, as many at a time as a read of these rows may take."""
    each = (rows.stop - rows.start) * stack.grid.width * BYTES
    step = max(1, BLOCK_BYTES // each)
    for n in range(0, len(pairs), step):
        yield [int(m) for m in pairs[n : n + step]]


Piece = tuple[slice, np.ndarray, np.ndarray]


def cuts(stack: PhaseStack, rows: slice, pairs: int) -> list[slice]:
    """What a block is worked through in, as each step of the chain takes memory of its own."""
    step = max(1, BLOCK_BYTES // (stack.grid.width * pairs * BYTES))
    return [slice(top, min(rows.stop, top + step)) for top in range(rows.start, rows.stop, step)]


def pieces(
    stack: PhaseStack, rows: slice, pairs: Sequence[int] | np.ndarray, scratch: Path
) -> Iterator[Piece]:
    """Phase and coherence of all `pairs` for every one of a block's `cuts`.

    Where the files' own blocks are too high for all pairs at once (tiles of 512 rows), they are
    decoded once, a few pairs at a time, into a file of `scratch`, and taken from there.
    """
    chosen = [int(m) for m in pairs]
    parts = cuts(stack, rows, len(chosen))
    shape = (len(chosen), 2, rows.stop - rows.start, stack.grid.width)
    if shape[0] * shape[2] * shape[3] * BYTES <= MOST_BYTES:
        phase, coherence = stack.read(rows, chosen)
        for part in parts:
            here = slice(part.start - rows.start, part.stop - rows.start)
            yield part, phase[:, here], coherence[:, here]
        return
    with tempfile.TemporaryFile(dir=scratch) as spool:
        for group in groups(stack, rows, chosen):
            phase, coherence = stack.read(rows, group)
            for pair in zip(phase, coherence):
                for values in pair:
                    np.ascontiguousarray(values, np.float32).tofile(spool)
        spool.flush()
        for part in parts:
            here = slice(part.start - rows.start, part.stop - rows.start)
            phase, coherence = _unspooled(spool, here, shape)
            yield part, phase, coherence


def _unspooled(spool, rows: slice, shape: tuple[int, int, int, int]) -> np.ndarray:
    pairs, layers, height, width = shape
    out = np.empty((layers, pairs, rows.stop - rows.start, width), np.float32)
    for m in range(pairs):
        for layer in range(layers):
            spool.seek(((m * layers + layer) * height + rows.start) * width * 4)
            spool.readinto(out[layer, m])
    return out
