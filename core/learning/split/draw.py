"""Deal tiles to the parts: by block, by single tile as the paper, or fold by fold.

Blocks are drawn many times and the most even draw is kept (`core.learning.split.balance`).
"""

import numpy as np

from core.errors import SlideScopeError
from core.learning.scores.metrics import TEST, TRAIN, VALIDATION
from core.learning.split.balance import DRAWS, STRATUM, group, most_even
from core.learning.split.blocks import BLOCK_TILES
from core.learning.split.folds import Fold, check_enough, fold_of
from core.learning.split.parts import UNUSED, Split, TileTable
from core.learning.tiles.tiling import Tiling
from core.scene.store import Scene

TEST_SHARE, VALIDATION_SHARE = 0.3, 0.1
FEW_TILES, FEW_BLOCKS = 100, 4


def split_tiles(
    scene: Scene,
    tiling: Tiling,
    table: TileTable,
    method: str,
    seed: int,
    buffer: int,
    test_share: float = TEST_SHARE,
    fold: Fold | None = None,
) -> Split:
    """Return the split of a scene's tiles; the same arguments give the same split.

    A `test_share` of 0 holds nothing out: the network is to be tested on another scene. `fold`
    (number from 1, of how many) holds out one fold of blocks: over all folds of a seed, each used
    tile is held out once.
    """
    used = np.flatnonzero(table.valid > 0)
    if len(used) < 3:
        raise SlideScopeError(
            f"Scene '{scene.name}' has {len(used)} tiles of {tiling.tile} px with data: training, "
            "validation and test need one each; import a larger area or a finer resolution."
        )
    buffer, notes = _buffer(scene, len(used), method, buffer)
    rng = np.random.default_rng([seed, 2024])
    part = np.full(len(tiling), UNUSED, np.uint8)
    if method == "block" and test_share and not fold:
        blocks = group(_blocks(tiling, used, scene), used, table)
        part[used] = most_even(blocks, _three_parts(blocks.sizes), rng, DRAWS)
    else:
        if fold:
            test, held_out = _fold_test(scene, tiling, table, used, fold, rng), 1 / fold[1]
        else:
            test = _paper_test(table, used, rng) if test_share else used[:0]
            held_out = TEST_SHARE
        part[test] = TEST
        rest, share = np.setdiff1d(used, test), VALIDATION_SHARE / (1 - held_out)
        blocks = group(_blocks(tiling, rest, scene), rest, table)
        # The paper's split is left to chance as in the paper.
        draws = DRAWS if method == "block" else 1
        part[rest] = most_even(blocks, _two_parts(blocks.sizes, share), rng, draws)
    split = Split(tiling, part, buffer, notes)
    _check(scene, split, table, tested=bool(test_share))
    return split


def _buffer(scene: Scene, used: int, method: str, buffer: int) -> tuple[int, tuple[str, ...]]:
    """The buffer that is kept, and a note where it is not the one asked for."""
    if method == "paper" or scene.kind == "tiles" or not buffer:
        return 0, ()
    if used >= FEW_TILES:
        return buffer, ()
    return 0, (
        f"Only {used} tiles: the buffer of {buffer} px between the parts is set to 0, so "
        "neighbouring pixels may lie in different parts and the scores are optimistic.",
    )


def _blocks(tiling: Tiling, used: np.ndarray, scene: Scene) -> np.ndarray:
    """Block number of each used tile; single tiles where 2 x 2 would leave too few."""
    side = 1 if scene.kind == "tiles" else BLOCK_TILES
    rows, columns = np.divmod(used, tiling.shape[1])
    blocks = rows // side * -(-tiling.shape[1] // side) + columns // side
    return blocks if len(np.unique(blocks)) >= FEW_BLOCKS else used


def _three_parts(sizes: tuple[int, ...]) -> np.ndarray:
    """uint8 (blocks,): the parts of the blocks in strata of these sizes."""
    return np.concatenate([_in_stratum(size) for size in sizes])


def _in_stratum(size: int) -> np.ndarray:
    """
    >>> _in_stratum(5).tolist()
    [2, 2, 1, 0, 0]
    """
    tests = max(1, round(TEST_SHARE * size))
    validations = max(1, round(VALIDATION_SHARE * size)) if size > 2 else 0
    counts = (tests, validations, max(0, size - tests - validations))
    return np.repeat(np.array([TEST, VALIDATION, TRAIN], np.uint8), counts)[:size]


def _two_parts(sizes: tuple[int, ...], share: float) -> np.ndarray:
    """uint8 (blocks,): training and a `share` of validation in strata of these sizes."""
    first = [np.arange(size) < max(1, round(share * size)) for size in sizes]
    return np.where(np.concatenate(first), VALIDATION, TRAIN).astype(np.uint8)


def _paper_test(table: TileTable, used: np.ndarray, rng) -> np.ndarray:
    """30 % of the landslide tiles and 30 % of the others; quartiles where a class is small."""
    with_landslide = table.landslide[used] > 0
    classes = [used[with_landslide], used[~with_landslide]]
    if min(len(c) for c in classes) < STRATUM:
        classes = np.array_split(used[np.argsort(table.share[used], kind="stable")], 4)
    picked = [rng.permutation(c)[: round(TEST_SHARE * len(c))] for c in classes]
    return np.concatenate(picked)


def _fold_test(scene: Scene, tiling: Tiling, table: TileTable, used, fold: Fold, rng) -> np.ndarray:
    """The tiles of one fold."""
    numbers = _blocks(tiling, used, scene)
    check_enough(scene, numbers, fold)
    return used[fold_of(group(numbers, used, table), fold, rng) == fold[0]]


def _check(scene: Scene, split: Split, table: TileTable, tested: bool) -> None:
    needed = {"train": TRAIN, "test": TEST} if tested else {"train": TRAIN}
    for word, part in needed.items():
        if not table.landslide[split.tiles(part)].sum():
            raise SlideScopeError(
                f"Scene '{scene.name}' has no landslide pixel in the {word} part of this split: "
                "nothing could be learnt or measured; choose another --seed or a larger inventory."
            )
