"""Which of many random draws of blocks gives parts that are most alike.

One draw may leave the rare ground (a mine, the only granite, most of the large landslides) in one
part, and then tells about that part alone. Of many draws the one is taken whose parts differ least
in landslide share, number of landslides and what the factors are like (rerandomisation: Morgan and
Rubin 2012, Annals of Statistics 40). How hard a landslide is to find is never looked at.
"""

from dataclasses import dataclass

import numpy as np

from core.learning.split.parts import TileTable

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
