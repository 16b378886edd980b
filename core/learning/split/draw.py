"""Split tiles into parts: by block, by single tile as the paper, or fold by fold.

Blocks are drawn many times and the most even draw is kept (`core.learning.split.draw`).
"""

from dataclasses import dataclass, replace

import numpy as np

from core.errors import SlideScopeError
from core.learning.scores.metrics import TEST, TRAIN, VALIDATION
from core.learning.split.parts import UNUSED, Split, TileTable
from core.learning.tiles.tiling import Tiling
from core.runs.request import MOST_FOLDS
from core.scene.store import Scene

# Number of the fold that is held out, from 1, and how many there are.
Fold = tuple[int, int]


BLOCK_TILES = 2
# More blocks than these are joined with their neighbours: larger blocks are the more careful
# choice, and what is drawn thousands of times stays bounded.
MOST_BLOCKS = 4000


DRAWS = 200
STRATUM = 10
# Random numbers held at a time.
CHUNK_NUMBERS = 2_000_000


@dataclass(frozen=True)
class Blocks:
    """Blocks numbered from 0. `of_tile` int (tiles,): the block of each tile;
    `order` int (blocks,): the blocks by stratum, and `sizes` of the strata in that order;
    `residuals` float64 (blocks, columns): how far a block is off the whole in each column, in
    standard deviations over the blocks; `weight` (columns,).
    """

    of_tile: np.ndarray
    order: np.ndarray
    sizes: tuple[int, ...]
    residuals: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.order)


TEST_SHARE, VALIDATION_SHARE = 0.3, 0.1
FEW_TILES, FEW_BLOCKS = 100, 4
# Share of the training pixels that a buffer which is advised leaves.
LEAST_LEFT = 0.5


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
    if scene.kind == "tiles":
        return used
    rows, columns = np.divmod(used, tiling.shape[1])
    wide = -(-tiling.shape[1] // BLOCK_TILES)
    blocks = rows // BLOCK_TILES * wide + columns // BLOCK_TILES
    return blocks if len(np.unique(blocks)) >= FEW_BLOCKS else used


def held_out_side(scene: Scene, split: Split, method: str) -> int:
    """Tiles along a side of what was held out at once: of a block, or of a single tile."""
    used = np.flatnonzero(split.part != UNUSED)
    alone = method == "paper" or np.array_equal(_blocks(split.tiling, used, scene), used)
    return 1 if alone else BLOCK_TILES


def wider_buffer(split: Split, wanted: int, method: str) -> int | None:
    """The widest buffer up to `wanted` that a training on these blocks gets and that leaves half of
    its training ground, tried in halves; None where none is wider than the split's own."""
    used, train = split.part != UNUSED, split.tiles(TRAIN)
    if method == "paper" or used.sum() < FEW_TILES:
        return None
    buffer = min(wanted, split.tiling.tile - 1)
    while buffer > split.buffer:
        tried = replace(split, buffer=buffer)
        if np.mean([tried.usable(number).mean() for number in train]) >= LEAST_LEFT:
            return buffer
        buffer //= 2
    return None


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


def group(blocks: np.ndarray, tiles: np.ndarray, table: TileTable) -> Blocks:
    """Return the `blocks` (any numbers) of `tiles`, in strata of about ten by falling landslide
    share; none is shorter than five unless there are fewer blocks."""
    of_tile = np.unique(blocks, return_inverse=True)[1]
    valid = np.bincount(of_tile, table.valid[tiles])
    share = np.bincount(of_tile, table.landslide[tiles]) / np.maximum(valid, 1)
    order = np.argsort(-share, kind="stable")
    strata = np.array_split(order, max(1, round(len(order) / STRATUM)))
    found = _residuals(of_tile, tiles, table)
    return Blocks(of_tile, order, tuple(len(s) for s in strata), *found)


def most_even(blocks: Blocks, labels: np.ndarray, rng, draws: int = DRAWS) -> np.ndarray:
    """Label of each tile in the most even of so many random `draws`.

    `labels` int (blocks,) are those of the strata one after the other; which block of a stratum
    gets which is random.
    """
    kept, least = labels, np.inf
    at_once = max(1, CHUNK_NUMBERS // len(blocks))
    for first in range(0, draws, at_once):
        drawn = _draw(blocks, labels, rng, min(at_once, draws - first))
        uneven = unevenness(blocks, drawn)
        if uneven.min() < least:
            least, kept = uneven.min(), drawn[uneven.argmin()]
    return kept[blocks.of_tile]


def unevenness(blocks: Blocks, drawn: np.ndarray) -> np.ndarray:
    """float64 (draws,): how much the parts of each draw, int (draws, blocks), differ from the
    whole: squared deviations over their expectation in a random draw, summed over the parts, so
    that a small part is not asked to be more even than a small part can be."""
    count, total = len(blocks), np.zeros(len(drawn))
    for label in np.unique(drawn):
        inside = drawn == label
        size = inside.sum(axis=1)
        expected = size * (count - size) / max(count - 1, 1)
        squares = (inside.astype(np.float64) @ blocks.residuals) ** 2 @ blocks.weight
        total += squares / np.maximum(expected, 1)
    return total


def _draw(blocks: Blocks, labels: np.ndarray, rng, draws: int) -> np.ndarray:
    """int (draws, blocks): the labels of random draws."""
    stratum = np.repeat(np.arange(len(blocks.sizes)), blocks.sizes)
    places = np.argsort(stratum + rng.random((draws, len(blocks))), axis=1)
    drawn = np.empty((draws, len(blocks)), labels.dtype)
    np.put_along_axis(drawn, blocks.order[places], np.broadcast_to(labels, drawn.shape), axis=1)
    return drawn


def _residuals(of_tile: np.ndarray, tiles: np.ndarray, table: TileTable) -> tuple:
    """(residuals, weight) of `Blocks`: landslide share and number of landslides count alike, all
    factors together half as much."""
    valid = table.valid[tiles].astype(np.float64)
    columns, weights = [table.landslide[tiles] / np.maximum(valid, 1)], [2.0]
    if table.landslides is not None:
        columns.append(table.landslides[tiles] / np.maximum(valid, 1))
        weights.append(2.0)
    if table.summaries is not None and table.factor_of is not None:
        columns += list(table.summaries[tiles].T)
        sizes = np.bincount(table.factor_of)
        weights += (1 / (len(sizes) * sizes[table.factor_of])).tolist()
    off = np.stack([_off(values, valid, of_tile) for values in columns], axis=1)
    return off, np.array(weights)


def _off(values: np.ndarray, valid: np.ndarray, of_tile: np.ndarray) -> np.ndarray:
    """float64 (blocks,): how far the pixels of each block are off the mean of all of `values`
    (tiles,), weighted by the `valid` pixels; 0 where no block differs. Unknown values take no side.
    """
    known = np.isfinite(values)
    total = valid[known].sum()
    mean = (values[known] * valid[known]).sum() / total if total else 0.0
    off = np.bincount(of_tile, np.where(known, values - mean, 0) * valid)
    scale = np.sqrt((off**2).mean())
    rounding = 1e-9 * max(abs(mean), 1e-12) * valid.mean()
    return off / scale if scale > rounding else np.zeros(len(off))


def blocks_of(tiling: Tiling, tiles: np.ndarray, kind: str) -> np.ndarray:
    """Return the block of each tile, numbered from 0: squares of 2 x 2 tiles, as the split draws
    them; in a tile scene every tile is a block of its own.

    >>> blocks_of(Tiling(512, 512, 128), np.array([0, 5, 2, 15]), "area").tolist()
    [0, 0, 1, 2]
    """
    if kind == "tiles":
        return np.arange(len(tiles))
    rows, columns = np.divmod(tiles, tiling.shape[1])
    numbers = rows // BLOCK_TILES * tiling.shape[1] + columns // BLOCK_TILES
    return np.unique(numbers, return_inverse=True)[1]


def with_pixels(inside: np.ndarray, *counts: np.ndarray) -> np.ndarray:
    """Numbers of the tiles that are `inside`, bool (tiles,), and hold a pixel in any of `counts`
    (tiles, 200, 2): a tile without data is no evidence."""
    there = np.any([each.any(axis=(1, 2)) for each in counts], axis=0)
    return np.flatnonzero(inside & there)


def block_sums(counts: np.ndarray, tiles: np.ndarray, tiling: Tiling, kind: str) -> np.ndarray:
    """Return int64 (blocks, 200, 2): counts (tiles of the scene, 200, 2) of some `tiles` summed by
    block.

    >>> counts = np.zeros((16, 200, 2), np.uint32); counts[[0, 5, 2], 150, 1] = 1, 2, 4
    >>> tiles = with_pixels(np.ones(16, bool), counts)
    >>> block_sums(counts, tiles, Tiling(512, 512, 128), "area")[:, 150, 1].tolist()
    [3, 4]
    """
    if not len(tiles):
        return np.zeros((0, *counts.shape[1:]), np.int64)
    block = blocks_of(tiling, tiles, kind)
    count = int(block.max()) + 1
    if count > MOST_BLOCKS:
        block = block * MOST_BLOCKS // count
    order = np.argsort(block, kind="stable")
    first = np.flatnonzero(np.diff(block[order], prepend=-1))
    return np.add.reduceat(counts[tiles[order]], first, axis=0, dtype=np.int64)


def fold_of(blocks: Blocks, fold: Fold, rng) -> np.ndarray:
    """Fold (from 1) of each tile of the blocks: blocks of like landslide share go to the folds in
    turn, in the most even of many draws."""
    return most_even(blocks, np.arange(len(blocks)) % fold[1] + 1, rng)


def check_enough(scene: Scene, blocks: np.ndarray, fold: Fold) -> None:
    """Raise a SlideScopeError unless every fold gets a block."""
    found = len(np.unique(blocks))
    if found < fold[1]:
        raise SlideScopeError(
            f"Scene '{scene.name}' has {found} blocks of tiles with data, too few for {fold[1]} "
            "folds: each fold holds out one block at least; ask for fewer folds."
        )


def check_folds(fold: int | None, folds: int | None, method: str, test_scene: str | None) -> None:
    """Raise a SlideScopeError unless fold `fold` of `folds` makes sense, or both are None.

    >>> check_folds(2, 5, "block", None)
    """
    if fold is None and folds is None:
        return
    if folds is None or fold is None:
        missing, given = (
            ("--folds", f"fold {fold}") if folds is None else ("--fold", f"{folds} folds")
        )
        raise SlideScopeError(
            f"Only {given} given: a fold needs its number and how many there are; add {missing}, "
            "or let `kfold` train all of them."
        )
    check_fold_count(folds)
    if not 1 <= fold <= folds:
        raise SlideScopeError(
            f"Invalid fold {fold}: it must lie between 1 and {folds}, the number of folds; give "
            "such a one."
        )
    other = "--split paper" if method == "paper" else "--test-scene" if test_scene else ""
    if other:
        raise SlideScopeError(
            f"Folds and {other} exclude each other: folds hold out blocks of the scene itself; "
            "leave one of them out."
        )


def check_fold_count(folds: int) -> None:
    if not 2 <= folds <= MOST_FOLDS:
        raise SlideScopeError(
            f"Invalid number of folds {folds}: it must lie between 2 and {MOST_FOLDS}; give such "
            "a one."
        )
