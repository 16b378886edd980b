"""Tiles for training: read once, drawn in an order that (seed, epoch) alone decide."""

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from core.learning import augmentation
from core.learning.channels import Channel, encode
from core.learning.split import Split, TileTable
from core.learning.tiling import read_mask, read_tile
from core.runs.config import RunConfig
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
            while self._bytes > CACHE_BYTES and len(self._cache) > 1:
                _, old = self._cache.popitem(last=False)
                self._bytes -= sum(a.nbytes for a in old)
        return self._cache[number]

    def sample(self, number: int, mirror: bool = False, turns: int = 0) -> tuple:
        values, mask, usable = self.raw(number)
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
        return tuple(np.stack(part) for part in zip(*samples))


def has_landslide(feed: TileFeed, tiles: np.ndarray, table: TileTable) -> np.ndarray:
    """bool (tiles,): a usable pixel of the tile is landslide; one in the buffer does not count."""
    # The table tells which tiles need a look: few, in a natural area.
    found = table.landslide[tiles] > 0
    for place in np.flatnonzero(found):
        _, mask, usable = feed.raw(int(tiles[place]))
        found[place] = bool((mask[usable] == 1).any())
    return found


def epoch_order(
    tiles: np.ndarray, landslide: np.ndarray, config: RunConfig, epoch: int
) -> list[np.ndarray]:
    """Return the tile numbers of every batch of an epoch (counted from 0).

    `landslide` bool (tiles,): the tile has landslide pixels. Without a wanted share every tile
    comes once; with one, each batch draws that share from the landslide tiles, which then come
    more than once where they are few.
    """
    rng = np.random.default_rng([config.seed, epoch, 1])
    steps = steps_per_epoch(len(tiles), config.batch)
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


def steps_per_epoch(tiles: int, batch: int) -> int:
    """
    >>> steps_per_epoch(150, 8)
    19
    """
    return max(1, -(-tiles // batch))


def _cycle(rng, numbers: np.ndarray, count: int) -> np.ndarray:
    """`count` numbers, each as often as any other, in random order."""
    rounds = -(-count // len(numbers)) if count else 0
    drawn = [rng.permutation(numbers) for _ in range(rounds)]
    return np.concatenate(drawn)[:count] if drawn else np.zeros(0, int)


def zscore(feed: TileFeed, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
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
