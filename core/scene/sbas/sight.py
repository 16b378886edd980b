"""What a stack looks like: how much of the ground its pairs cover, how coherent they are, which
boxes of pixels they have.

Large stacks are looked at in every fourth block of rows only: what is found here has to be sound,
not complete, and reading costs more than anything else.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np

from core.jobs.report import Report, silent
from core.scene.sbas.blocks import PhaseStack, groups

BOX = 7
# Rows of a block to look at, at least: boxes have to fit in.
LOOKED_ROWS = 64
MOST_BOXES, MOST_SAMPLES = 10_000, 2_000
# Pairs that a thread counts at a time.
TOGETHER = 8


@dataclass(frozen=True)
class Seen:
    """Of K pairs: `valid` pixels, sum of `coherence` and number of `coherent` ones (K,); pixels
    that any pair has (`footprint`); of B boxes of `size` pixels a side `places` (B, 2: row and
    column), valid pixels `counts` (K, B) and `scores` (B,), their mean coherence (without any: the
    share that is valid); `sample` (K, S) phases of single pixels."""

    valid: np.ndarray
    coherence: np.ndarray
    coherent: np.ndarray
    footprint: int
    size: int
    places: np.ndarray
    counts: np.ndarray
    scores: np.ndarray
    sample: np.ndarray


def chosen_blocks(stack: PhaseStack) -> tuple[list[slice], float]:
    """Blocks of rows to look at, and their share of the rows; they follow the files alone, not what
    is read at a time."""
    height, own = stack.grid.height, max(1, stack.row_block)
    step = own * -(-LOOKED_ROWS // own)
    blocks = [slice(top, min(height, top + step)) for top in range(0, height, step)]
    every = 4 if len(blocks) >= 8 else 2 if len(blocks) >= 4 else 1
    looked = blocks[every // 2 :: every]
    return looked, sum(b.stop - b.start for b in looked) / height


def look(
    stack: PhaseStack, pairs: np.ndarray, blocks: list[slice], report: Report = silent
) -> Seen:
    """Look at `pairs` in `blocks` of rows."""
    pixels = sum(b.stop - b.start for b in blocks) * stack.grid.width
    apart = int(np.ceil(np.sqrt(pixels / MOST_BOXES)))
    every = -(-pixels // MOST_SAMPLES)
    found = []
    for n, block in enumerate(blocks):
        report("looking at the interferograms", n / len(blocks))
        found.append(_look_at(stack, pairs, block, max(1, apart), max(1, every)))
    valid, coherence, coherent, footprint, size, places, counts, scores, sample = zip(*found)
    return Seen(
        np.sum(valid, 0),
        np.sum(coherence, 0),
        np.sum(coherent, 0),
        sum(footprint),
        size[0],
        np.concatenate(places),
        np.concatenate(counts, 1),
        np.concatenate(scores),
        np.concatenate(sample, 1),
    )


def _look_at(stack: PhaseStack, pairs: np.ndarray, block: slice, apart: int, every: int) -> tuple:
    height, width = block.stop - block.start, stack.grid.width
    size = min(BOX, stack.grid.height, width) // 2 * 2 - 1 if min(stack.grid.shape) < BOX else BOX
    reach = size // 2
    rows = np.arange(reach, height - reach, apart)
    columns = np.arange(reach, width - reach, apart)
    counts = np.zeros((len(pairs), len(rows), len(columns)), np.int16)
    sums = np.zeros((2, len(rows), len(columns)))
    totals = np.zeros((3, len(pairs)))
    ground = np.zeros((height, width), bool)
    sample = []
    done = 0
    for group in groups(stack, block, list(pairs)):
        phase, coherence = stack.read(block, group)
        at = slice(done, done + len(group))
        where = rows, columns, reach
        sums += _counted(phase, coherence, *where, counts[at], totals[:, at], ground)
        sample.append(phase.reshape(len(group), -1)[:, every // 2 :: every].copy())
        done += len(group)
    known = sums[1] > 0
    share = counts.sum(0) / (len(pairs) * size**2)
    scores = np.where(known, sums[0] / np.maximum(sums[1], 1), share - 1)
    places = np.stack(np.meshgrid(rows + block.start, columns, indexing="ij"), -1).reshape(-1, 2)
    flat = counts.reshape(len(pairs), -1)
    return (*totals, int(ground.sum()), size, places, flat, scores.ravel(), np.concatenate(sample))


def _counted(phase, coherence, rows, columns, reach, counts, totals, ground) -> np.ndarray:
    """Count a group of pairs, a few in every thread; the boxes' sums (2, rows, columns) are added
    up in the order of the pairs, whatever threads there are."""
    starts = range(0, len(phase), TOGETHER)

    def work(start: int) -> np.ndarray:
        at = slice(start, start + TOGETHER)
        sums = np.zeros((2, len(rows), len(columns)))
        where = rows, columns, reach
        _count(phase[at], coherence[at], *where, counts[at], sums, totals[:, at], ground)
        return sums

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.sum(list(pool.map(work, starts)), 0)


@numba.njit(cache=True, nogil=True)
def _count(
    phase, coherence, rows, columns, reach, counts, sums, totals, ground
):  # fmt: skip  # pragma: no cover (compiled)
    for m in range(phase.shape[0]):
        valid, known, total = 0, 0, 0.0
        for i in range(phase.shape[1]):
            for j in range(phase.shape[2]):
                if phase[m, i, j] == phase[m, i, j]:
                    valid += 1
                    ground[i, j] = True
                    if coherence[m, i, j] == coherence[m, i, j]:
                        known += 1
                        total += coherence[m, i, j]
        totals[0, m], totals[1, m], totals[2, m] = valid, total, known
        for a in range(rows.size):
            for b in range(columns.size):
                valid, known, total = 0, 0, 0.0
                for i in range(rows[a] - reach, rows[a] + reach + 1):
                    for j in range(columns[b] - reach, columns[b] + reach + 1):
                        if phase[m, i, j] == phase[m, i, j]:
                            valid += 1
                            if coherence[m, i, j] == coherence[m, i, j]:
                                known += 1
                                total += coherence[m, i, j]
                counts[m, a, b] = valid
                sums[0, a, b] += total
                sums[1, a, b] += known
