"""Which pixels a forest is not grown on: whole blocks, as neighbours repeat each other."""

from dataclasses import dataclass

import numpy as np

from core.analysis.one_pass.sample import BalancedSample

HELD_OUT = 0.3


@dataclass(frozen=True)
class Blocks:
    """Which block each sampled pixel is in, and the blocks' side in pixels."""

    number: np.ndarray
    side: int


def blocks_of(sample: BalancedSample, tile: int, kind: str, width: int) -> Blocks | None:
    """Return blocks of 2 x 2 tiles (of one tile in a tile scene, whose tiles are independent).

    In a small scene the blocks are halved until at least three hold landslides, down to a quarter
    of a tile; None where even these are too few to hold any out.
    """
    sides = [tile] if kind == "tiles" else [2 * tile, tile, tile // 2, tile // 4]
    for side in sides:
        columns = -(-width // side)
        number = sample.row // side * columns + sample.column // side
        if len(np.unique(number[sample.label == 1])) >= 3:
            return Blocks(number, side)
    return None


def hold_out(blocks: Blocks, label: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Return bool (n,): pixels of the 30 % of blocks held out, drawn apart for blocks with and
    without landslides; None where no draw leaves both classes on both sides.

    >>> blocks = Blocks(np.repeat([0, 1, 2, 3], 2), side=256)
    >>> hold_out(blocks, np.array([0, 1] * 4, np.uint8), np.random.default_rng(0)).sum()
    np.int64(2)
    """
    with_landslide = np.unique(blocks.number[label == 1])
    without = np.setdiff1d(blocks.number, with_landslide)
    for _ in range(20):
        chosen = [
            rng.permutation(group)[: max(len(group) > 1, round(HELD_OUT * len(group)))]
            for group in (with_landslide, without)
        ]
        held = np.isin(blocks.number, np.concatenate(chosen))
        if all(len(np.unique(label[part])) == 2 for part in (held, ~held)):
            return held
    return None
