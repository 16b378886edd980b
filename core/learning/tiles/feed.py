"""Tiles for training, of one scene or of several: read once, coded, put together to squares."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.learning.scores import metrics
from core.learning.split import Split, TileTable
from core.learning.tiles import augmentation
from core.learning.tiles.channels import Channel, encode
from core.learning.tiles.tiling import read_mask, read_tile
from core.scene.store import Scene

CACHE_BYTES = 2 * 1024**3


@dataclass
class TileFeed:
    """Tiles of one part, by number.

    A sample is (x float32 (tile, tile, channels) with NaN where there is no data, y float32
    (tile, tile, 1), weight float32 (tile, tile): 0 where a pixel is invalid or in the buffer).
    """

    scene: Scene
    split: Split
    factors: tuple[str, ...]
    channels: tuple[Channel, ...]
    cache_bytes: int = CACHE_BYTES
    _cache: OrderedDict = field(default_factory=OrderedDict, repr=False)
    _bytes: int = 0

    def raw(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(factor values, reference mask, usable) of tile `number`, uncoded."""
        if number not in self._cache:
            names = self.scene.factor_names
            everything = read_tile(self.scene, self.split.tiling, number, names)
            outside = self.split.usable(number)
            usable = self.scene.valid(everything, names) & outside
            values = everything[..., [names.index(n) for n in self.factors]]
            # What lies in the buffer is not even seen: the padding begins there.
            values[~outside] = np.nan
            item = values, read_mask(self.scene, self.split.tiling, number), usable
            self._bytes += sum(a.nbytes for a in item)
            self._cache[number] = item
            while self._bytes > self.cache_bytes and len(self._cache) > 1:
                _, old = self._cache.popitem(last=False)
                self._bytes -= sum(a.nbytes for a in old)
        return self._cache[number]

    def sample(self, number: int, mirror: bool = False, turns: int = 0) -> tuple:
        """Tile `number`, turned and coded."""
        return self._coded(*self.raw(number), mirror, turns)

    def square(self, row: int, column: int, side: int, mirror: bool, turns: int) -> tuple:
        """A sample of `side` pixels whose corner lies at pixel `row`, `column`, put together from
        training tiles alone: what lies in any other tile or in a buffer is never read."""
        values = np.full((side, side, len(self.factors)), np.nan, np.float32)
        mask, usable = np.zeros((side, side), np.uint8), np.zeros((side, side), bool)
        for number, here, there in self._pieces(row, column, side):
            if self.split.part[number] == metrics.TRAIN:
                v, m, u = self.raw(number)
                values[here], mask[here], usable[here] = v[there], m[there], u[there]
        return self._coded(values, mask, usable, mirror, turns)

    def _pieces(self, row: int, column: int, side: int) -> Iterator[tuple]:
        """(tile number, slices in the square, slices in the tile) of every tile under a square."""
        columns = self.split.tiling.shape[1]
        for i, here_down, there_down in self._spans(row, side, 0):
            for j, here_right, there_right in self._spans(column, side, 1):
                yield i * columns + j, (here_down, here_right), (there_down, there_right)

    def _spans(self, start: int, side: int, axis: int) -> Iterator[tuple[int, slice, slice]]:
        """(row or column of tiles, slice in the square, slice in the tile) along one axis."""
        tile, count = self.split.tiling.tile, self.split.tiling.shape[axis]
        for i in range(start // tile, min(count - 1, (start + side - 1) // tile) + 1):
            a, b = max(start, i * tile), min(start + side, (i + 1) * tile)
            yield i, slice(a - start, b - start), slice(a - i * tile, b - i * tile)

    def _coded(self, values, mask, usable, mirror: bool, turns: int) -> tuple:
        bearings = [
            i for i, name in enumerate(self.factors) if self.scene.factor(name).kind == "circular"
        ]
        values = augmentation.augment(values, bearings, mirror, turns)
        mask, usable = (augmentation.turn(a, mirror, turns) for a in (mask, usable))
        x = encode(values, self.factors, self.channels)
        # Where any factor is missing the pixel counts for nothing; the network sees the mean.
        return x, (mask == 1).astype(np.float32)[..., None], usable.astype(np.float32)

    def batch(self, numbers, choices=None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Stack samples; `choices` holds a (mirror, turns) for each."""
        choices = choices or [(False, 0)] * len(numbers)
        samples = [self.sample(int(n), *c) for n, c in zip(numbers, choices)]
        return _stacked(samples)

    def has_landslide(self, tiles: np.ndarray, table: TileTable | None = None) -> np.ndarray:
        """bool (tiles,): a usable pixel of the tile is landslide; one in the buffer does not count.

        `table` tells which tiles need a look: few, in a natural area.
        """
        found = np.ones(len(tiles), bool) if table is None else table.landslide[tiles] > 0
        for place in np.flatnonzero(found):
            _, mask, usable = self.raw(int(tiles[place]))
            found[place] = bool((mask[usable] == 1).any())
        return found


def _stacked(samples: Sequence[tuple]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, mask, usable = (np.stack(part) for part in zip(*samples))
    return x, mask, usable


@dataclass(frozen=True)
class Ground:
    """The tiles of several scenes under one numbering: those of a later scene follow on.

    All feeds have the same factors, channels and tile size.
    """

    feeds: tuple[TileFeed, ...]

    @property
    def channels(self) -> tuple[Channel, ...]:
        return self.feeds[0].channels

    @property
    def starts(self) -> np.ndarray:
        """Number of every scene's first tile, and the number of all tiles, (scenes + 1,)."""
        return np.cumsum([0, *(len(feed.split.tiling) for feed in self.feeds)])

    def tiles(self, part: int) -> np.ndarray:
        """Numbers of the tiles of a part, of all scenes, ascending."""
        return self.numbers([feed.split.tiles(part) for feed in self.feeds])

    def training(self) -> list[np.ndarray]:
        """Every scene's own numbers of its training tiles."""
        return [feed.split.tiles(metrics.TRAIN) for feed in self.feeds]

    def numbers(self, per_scene: Sequence[np.ndarray]) -> np.ndarray:
        return np.concatenate([tiles + start for tiles, start in zip(per_scene, self.starts)])

    def sample(self, number: int, mirror: bool = False, turns: int = 0) -> tuple:
        """Tile `number`, turned and coded."""
        scene = int(np.searchsorted(self.starts, number, side="right")) - 1
        return self.feeds[scene].sample(int(number - self.starts[scene]), mirror, turns)

    def batch(self, numbers, choices=None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Stack tiles; `choices` holds a (mirror, turns) for each."""
        choices = choices or [(False, 0)] * len(numbers)
        samples = [self.sample(int(n), *c) for n, c in zip(numbers, choices)]
        return _stacked(samples)

    def squares(self, places, side: int, choices) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Stack squares at `places`, (scene, row, column) each."""
        samples = [
            self.feeds[scene].square(row, column, side, *choice)
            for (scene, row, column), choice in zip(places, choices)
        ]
        return _stacked(samples)


def ground(parts: Sequence[tuple[Scene, Split]], factors, channels) -> Ground:
    """Return the ground of (scene, split) pairs; they share the memory for tiles."""
    each = max(CACHE_BYTES // len(parts), CACHE_BYTES // 8)
    return Ground(tuple(TileFeed(scene, s, factors, channels, each) for scene, s in parts))


def has_landslide(feed: TileFeed, tiles: np.ndarray, table: TileTable) -> np.ndarray:
    """bool (tiles,): a usable pixel of the tile is landslide; one in the buffer does not count."""
    # The table tells which tiles need a look: few, in a natural area.
    found = table.landslide[tiles] > 0
    for place in np.flatnonzero(found):
        _, mask, usable = feed.raw(int(tiles[place]))
        found[place] = bool((mask[usable] == 1).any())
    return found


def zscore(feed: TileFeed | Ground, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return (mean, std, prevalence) over the usable pixels of `tiles`, one pass.

    mean and std float64 (channels,); channels that are not scaled get 0 and 1. A second training
    on other tiles never sees these figures: they live in the model's weights.
    """
    count, total, squares = np.zeros((3, len(feed.channels)))
    landslide = pixels = 0
    shift = None
    for number in tiles:
        x, y, weight = feed.sample(int(number))
        inside = x[weight > 0].astype(np.float64)
        landslide += int(y[weight > 0].sum())
        pixels += len(inside)
        if shift is None and len(inside):
            # Squares of raw elevations would cost digits.
            shift = np.nan_to_num(np.nanmean(np.where(np.isnan(inside), 0, inside), axis=0))
        if len(inside):
            known = ~np.isnan(inside)
            centred = np.where(known, inside - shift, 0)
            count += known.sum(axis=0)
            total += centred.sum(axis=0)
            squares += (centred**2).sum(axis=0)
    mean = total / np.maximum(count, 1)
    std = np.sqrt(np.maximum(squares / np.maximum(count, 1) - mean**2, 0))
    scaled = np.array([c.scaled for c in feed.channels])
    mean = np.where(scaled, mean + (0 if shift is None else shift), 0)
    return mean, np.where(scaled, std, 1), landslide / max(pixels, 1)
