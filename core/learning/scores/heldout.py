"""The tiles that a run has not seen, and a sample of them that holds landslides."""

from dataclasses import dataclass

import numpy as np

from core.errors import SlideScopeError
from core.learning.networks.network import ModelCard
from core.learning.scores import metrics
from core.learning.split import Split
from core.learning.tiles import channels, plots
from core.learning.tiles.feed import TileFeed
from core.learning.tiles.tiling import tiling_of
from core.runs.measured import scene_of
from core.runs.store import Run
from core.scene.store import Scene


@dataclass(frozen=True)
class HeldOut:
    """Tiles of `split`'s test part on `scene`; of another scene than the training's, all."""

    scene: Scene
    split: Split
    tiles: np.ndarray
    words: str

    def feed(self, card: ModelCard) -> TileFeed:
        scene = channels.recoded(self.scene, card.legends)
        return TileFeed(scene, self.split, card.factors, card.channels)


def held_out(run: Run) -> HeldOut:
    """Return the held-out tiles of `run`; a SlideScopeError where there are fewer than two."""
    scene = scene_of(run)
    tiling = tiling_of(scene)
    own = scene.name in run.config.learned_from
    parts = plots.split_on(run, scene)
    words = metrics.AREA_WORDS["test"] if own else "whole scene, none of it seen in training"
    if parts.tiling != tiling:
        raise SlideScopeError(
            f"Scene '{scene.name}' is now {tiling.width} x {tiling.height} px in tiles of "
            f"{tiling.tile}: run '{run.id}' was split on {parts.tiling.width} x "
            f"{parts.tiling.height} px in tiles of {parts.tiling.tile}; train again on this scene."
        )
    tiles = parts.tiles(metrics.TEST)
    if len(tiles) < 2:
        raise SlideScopeError(
            f"Run '{run.id}' has {len(tiles)} held-out tiles: importance exchanges a factor "
            "between unseen tiles and needs two; train with a test part or a --test-scene."
        )
    return HeldOut(scene, parts, tiles, words)


def with_landslide(held: HeldOut) -> np.ndarray:
    """bool (tiles,): the tile has reference landslide pixels."""
    window = held.split.tiling.window
    return np.array([(held.scene.read_mask(window(n)) == 1).any() for n in held.tiles], bool)


def sample(tiles: np.ndarray, landslide: np.ndarray, at_most: int, seed: int) -> np.ndarray:
    """At most `at_most` of `tiles`, ascending: half of them with landslides where there are so
    many, more only where their own share is larger.

    >>> tiles, landslide = np.arange(10), np.arange(10) < 3
    >>> picked = sample(tiles, landslide, 4, seed=0)
    >>> len(picked), int((picked < 3).sum())
    (4, 2)
    """
    if len(tiles) <= at_most:
        return tiles
    share = round(at_most * landslide.mean())
    wanted = min(int(landslide.sum()), max(share, at_most // 2))
    wanted = max(wanted, at_most - int((~landslide).sum()))
    rng = np.random.default_rng([seed, 3])
    picked = [rng.permutation(tiles[landslide])[:wanted]]
    picked.append(rng.permutation(tiles[~landslide])[: at_most - wanted])
    return np.sort(np.concatenate(picked))
