"""What training sees, and when: tiles or squares in an order that (seed, epoch) alone decide."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from core.learning.split import TileTable
from core.learning.tiles import augmentation
from core.learning.tiles.feed import Ground, TileFeed
from core.runs.config import RunConfig

# Usable pixels are summed over cells of this side: a large scene's would not fit otherwise.
CELL = 8
# Least usable share of a square, by whether it was drawn for a landslide; and how often another
# place is tried before the last one is taken.
ENOUGH = {True: 0.5, False: 0.7}
TRIES = 50
# A landslide pixel keeps so far from a square's edge: half a landslide teaches little.
EDGE = 12
# A square epoch on a lot of ground ends here, so that validation has epochs to choose among.
MOST_STEPS = 120


def steps_per_epoch(tiles: int, config: RunConfig) -> int:
    """Return the steps after which as many pixels were seen as the training tiles have; squares
    are drawn for at most MOST_STEPS.

    >>> config = RunConfig("s", "f", 1, True, "unet", "quick", "rs", (), batch=8)
    >>> steps_per_epoch(150, config)
    19
    """
    if not config.crop:
        return max(1, math.ceil(tiles / config.batch))
    each = config.batch * (config.crop / config.tile) ** 2
    return min(MOST_STEPS, max(1, math.ceil(tiles / each)))


def tiles_per_epoch(tiles: int, config: RunConfig) -> float:
    """Return what an epoch trains on, in tiles' worth of pixels."""
    if not config.crop:
        return tiles
    return steps_per_epoch(tiles, config) * config.batch * (config.crop / config.tile) ** 2


def epoch_order(
    tiles: np.ndarray, landslide: np.ndarray, config: RunConfig, epoch: int
) -> list[np.ndarray]:
    """Return the tile numbers of every batch of an epoch (counted from 0).

    `landslide` bool (tiles,): the tile has landslide pixels. Without a wanted share every tile
    comes once; with one, each batch draws that share from the landslide tiles, which then come
    more than once where they are few.
    """
    rng = np.random.default_rng([config.seed, epoch, 1])
    steps = max(1, math.ceil(len(tiles) / config.batch))
    order = rng.permutation(tiles)
    share = config.landslide_share_of_batch
    if not share or not landslide.any():
        return [order[i * config.batch : (i + 1) * config.batch] for i in range(steps)]
    wanted = min(config.batch, int(np.ceil(share * config.batch)))
    positive = _cycle(rng, tiles[landslide], wanted * steps).reshape(steps, wanted)
    others = _cycle(rng, tiles, (config.batch - wanted) * steps).reshape(steps, -1)
    return [np.concatenate(pair) for pair in zip(positive, others)]


def epoch_turns(count: int, config: RunConfig, epoch: int) -> list[tuple[bool, int]]:
    """Return a (mirror, turns) for each of the `count` samples of an epoch."""
    choices = augmentation.CHOICES[config.augmentation]
    rng = np.random.default_rng([config.seed, epoch, 2])
    return [choices[i] for i in rng.integers(len(choices), size=count)]


def _cycle(rng, numbers: np.ndarray, count: int) -> np.ndarray:
    """`count` numbers, each as often as any other, in random order."""
    rounds = -(-count // len(numbers)) if count else 0
    drawn = [rng.permutation(numbers) for _ in range(rounds)]
    return np.concatenate(drawn)[:count] if drawn else np.zeros(0, int)


@dataclass(frozen=True)
class Places:
    """Where squares of `side` pixels can be drawn in one scene.

    `pixels` (n, 2): row and column of every usable landslide pixel of the training tiles, drawn by
    `weights` (n,); `roots`: sum of the roots of the landslides' sizes in pixels; `summed` int64
    (rows + 1, columns + 1): usable pixels of the training tiles, summed from the corner over cells
    of CELL pixels; `confine`: side of the tiles that no square may leave, 0 where it may.
    """

    pixels: np.ndarray
    weights: np.ndarray
    roots: float
    summed: np.ndarray
    side: int
    confine: int = 0

    @property
    def usable(self) -> int:
        """Usable pixels in all."""
        return int(self.summed[-1, -1])

    def share(self, row: int, column: int) -> float:
        """Usable share 0..1 of the cells that the square at `row`, `column` touches."""
        top, left = row // CELL, column // CELL
        bottom, right = -(-(row + self.side) // CELL), -(-(column + self.side) // CELL)
        s = self.summed
        found = s[bottom, right] - s[top, right] - s[bottom, left] + s[top, left]
        return found / ((bottom - top) * (right - left) * CELL**2)

    def draw(self, rng: np.random.Generator, landslide: bool) -> tuple[int, int]:
        """Return row and column of a square's corner, around a landslide or anywhere."""
        last = (np.array(self.summed.shape) - 1) * CELL - self.side
        for _ in range(TRIES):
            corner = self._around(rng) if landslide else rng.integers(0, last + 1)
            row, column = (int(v) for v in np.clip(corner, 0, last))
            if self.confine and not landslide:
                row, column = (self._inside(v, v // self.confine) for v in (row, column))
            if self.share(row, column) > ENOUGH[landslide]:
                break
        return row, column

    def _around(self, rng: np.random.Generator) -> np.ndarray:
        pixel = self.pixels[rng.choice(len(self.pixels), p=self.weights)]
        edge = min(EDGE, self.side // 4)
        corner = pixel - rng.integers(edge, self.side - edge, size=2)
        if not self.confine:
            return corner
        return np.array([self._inside(c, p // self.confine) for c, p in zip(corner, pixel)])

    def _inside(self, start: int, tile: int) -> int:
        """The nearest start of a square that lies in row (or column) `tile` of the tiles."""
        first = tile * self.confine
        return int(np.clip(start, first, first + self.confine - self.side))


def places(feed: TileFeed, tiles: np.ndarray, side: int) -> Places:
    """Return where squares of `side` pixels can be drawn in `tiles` of a scene.

    A landslide is drawn with a chance that grows as the root of its size, so that a few large ones
    do not make up the training.
    """
    tiling = feed.split.tiling
    rows, columns = (n * tiling.tile for n in tiling.shape)
    landslide = np.zeros((rows, columns), bool)
    cells = np.zeros((rows // CELL, columns // CELL), np.int64)
    for number in tiles:
        row, column = (i * tiling.tile for i in tiling.position(int(number)))
        _, mask, good = feed.raw(int(number))
        landslide[row : row + tiling.tile, column : column + tiling.tile] = good & (mask == 1)
        r, c, n = row // CELL, column // CELL, tiling.tile // CELL
        cells[r : r + n, c : c + n] = good.reshape(n, CELL, n, CELL).sum((1, 3))
    summed = np.pad(cells.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    confine = tiling.tile if feed.scene.kind == "tiles" else 0
    return Places(*_landslide_pixels(landslide, confine), summed, side, confine)


def _landslide_pixels(landslide: np.ndarray, confine: int) -> tuple[np.ndarray, np.ndarray, float]:
    """(row and column (n, 2), weight (n,), sum of roots) of the landslide pixels: weights go as 1 /
    root of the landslide's size, so that one of n pixels is drawn with a chance of n / root n."""
    found = np.argwhere(landslide)
    if not len(found):
        return found, np.zeros(0), 0.0
    label, _ = ndimage.label(landslide)
    ids = label[landslide].astype(np.int64)
    if confine:
        # Tiles that lie one below the other share no ground: what touches is not one landslide.
        tile = found[:, 0] // confine * (landslide.shape[1] // confine) + found[:, 1] // confine
        ids = np.unique(ids * (tile.max() + 1) + tile, return_inverse=True)[1]
    weights = np.bincount(ids)[ids] ** -0.5
    return found, weights / weights.sum(), float(weights.sum())


Place = tuple[int, int, int]


def epoch_places(
    where: Sequence[Places], steps: int, config: RunConfig, epoch: int
) -> list[list[Place]]:
    """Return (scene, row, column) of every square of every batch of an epoch, counted from 0.

    A scene is drawn by its usable pixels, for a landslide by the roots of its landslides' sizes.
    """
    rng = np.random.default_rng([config.seed, epoch, 4])
    ground = np.array([each.usable for each in where], float)
    roots = np.array([each.roots for each in where])
    wanted = int(np.ceil(config.landslide_share_of_batch * config.batch)) if roots.any() else 0
    chances = {False: ground / ground.sum(), True: roots / (roots.sum() or 1)}

    def draw(landslide: bool) -> Place:
        scene = int(rng.choice(len(where), p=chances[landslide])) if len(where) > 1 else 0
        return scene, *where[scene].draw(rng, landslide)

    return [[draw(i < wanted) for i in range(config.batch)] for _ in range(steps)]


@dataclass(frozen=True)
class Draws:
    """The samples of every epoch of a training.

    `landslide` bool (tiles,) says which of `tiles` (numbers of `ground`) hold one; `places` are
    there where squares are drawn.
    """

    ground: Ground
    tiles: np.ndarray
    landslide: np.ndarray
    places: tuple[Places, ...]
    config: RunConfig

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return steps_per_epoch(len(self.tiles), self.config)

    def epoch(self, number: int):
        """Yield (x, y, weight) of every batch of an epoch, as `Ground.batch` returns them."""
        order = self._order(number)
        turns = epoch_turns(sum(len(b) for b in order), self.config, number)
        done = 0
        for batch in order:
            chosen = turns[done : done + len(batch)]
            done += len(batch)
            if self.config.crop:
                yield self.ground.squares(batch, self.config.crop, chosen)
            else:
                yield self.ground.batch(batch, chosen)

    def _order(self, number: int) -> list:
        if self.config.crop:
            return epoch_places(self.places, self.steps, self.config, number)
        return epoch_order(self.tiles, self.landslide, self.config, number)


def draws(
    ground: Ground, config: RunConfig, tables: Sequence[TileTable | None] | None = None
) -> Draws:
    """Return what a training on the training tiles of `ground` sees; `tables` tell where to look
    for landslide tiles, scene by scene."""
    feeds, tiles = ground.feeds, ground.training()
    known = zip(feeds, tiles, tables or [None] * len(feeds))
    flags = np.concatenate([feed.has_landslide(numbers, table) for feed, numbers, table in known])
    found: tuple[Places, ...] = ()
    if config.crop:
        found = tuple(places(feed, numbers, config.crop) for feed, numbers in zip(feeds, tiles))
    return Draws(ground, ground.numbers(tiles), flags, found, config)
