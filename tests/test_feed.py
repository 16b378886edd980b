"""What training sees: order from (seed, epoch) alone, z-score from training tiles alone."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window

from core.learning import split
from core.learning.scores import metrics
from core.learning.split import Split
from core.learning.tiles import drawing, feed
from core.learning.tiles.channels import channels_of, dataset_factors, encode
from core.learning.tiles.tiling import tiling_of
from core.learning.training import recipe
from core.runs.config import RunConfig

PART = np.array([metrics.TRAIN, metrics.TRAIN, metrics.TEST] * 2, np.uint8)


def config(**changes) -> RunConfig:
    base = {"scene": "tiny", "fingerprint": "tiny", "inventory_version": 1, "synthetic": True}
    base |= {"model": "fcadensenet", "preset": "quick", "dataset": "rs-dr", "factors": ()}
    return RunConfig(**{**base, **changes})


@pytest.fixture
def tiles(tiny_scene):
    names = dataset_factors(tiny_scene, "rs-dr")
    channels = channels_of([tiny_scene.factor(n) for n in names], "paper")
    return feed.TileFeed(tiny_scene, Split(tiling_of(tiny_scene), PART, 0), names, channels)


def everything_seen(scene, split_of_it, names, channels):
    """All that a training gets to see in an epoch, z-score, prevalence and flags included."""
    fresh = feed.TileFeed(scene, split_of_it, names, channels)
    training = split_of_it.tiles(metrics.TRAIN)
    table = split.tile_table(scene, split_of_it.tiling)
    flags = fresh.has_landslide(training, table)
    chosen = config(landslide_share_of_batch=0.5, batch=4)
    order = drawing.epoch_order(training, flags, chosen, epoch=0)
    turns = drawing.epoch_turns(4 * len(order), chosen, epoch=0)
    batches = [fresh.batch(n, turns[4 * i : 4 * i + 4]) for i, n in enumerate(order)]
    ground = feed.Ground((fresh,))
    for changes in ({}, {"crop": 64, "batch": 12}):
        batches += drawing.draws(ground, replace(chosen, **changes)).epoch(1)
    seen = [(x, recipe.target(y, weight)) for x, y, weight in batches]
    return [*feed.zscore(fresh, training), flags, *(part for batch in seen for part in batch)]


def poison(scene, where, value):
    """Write `value` into every factor, and landslide into the mask, where `where` is true."""
    with rasterio.open(scene.stack_path, "r+") as stack:
        values = stack.read()
        values[:, where] = value
        stack.write(values)
    with rasterio.open(scene.mask_path, "r+") as mask:
        values = mask.read()
        values[:, where] = 1 - values[:, where]
        mask.write(values)


@pytest.mark.parametrize("value", [1e6, np.nan])
@pytest.mark.parametrize("buffer", [0, 32])
def test_no_pixel_of_a_test_tile_or_of_the_buffer_touches_training(tiny_scene, buffer, value):
    names = dataset_factors(tiny_scene, "rs-dr")
    channels = channels_of([tiny_scene.factor(n) for n in names], "paper")
    made = Split(tiling_of(tiny_scene), PART, buffer)
    before = everything_seen(tiny_scene, made, names, channels)
    where = np.zeros(tiny_scene.grid.shape, bool)
    # The test tiles are the right column of tiles.
    where[:, 2 * 128 - buffer :] = True
    poison(tiny_scene, where, value)
    after = everything_seen(tiny_scene, made, names, channels)
    assert len(before) == len(after) > 5
    for one, other in zip(before, after):
        np.testing.assert_array_equal(one, other)


def test_a_poisoned_training_pixel_is_seen(tiny_scene):
    """The test above can fail: one pixel on the other side of the border changes what is seen."""
    names = dataset_factors(tiny_scene, "rs-dr")
    channels = channels_of([tiny_scene.factor(n) for n in names], "paper")
    made = Split(tiling_of(tiny_scene), PART, 32)
    before = everything_seen(tiny_scene, made, names, channels)
    where = np.zeros(tiny_scene.grid.shape, bool)
    where[200, 2 * 128 - 33] = True
    poison(tiny_scene, where, 1e6)
    after = everything_seen(tiny_scene, made, names, channels)
    assert not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(before, after))


def test_a_landslide_in_the_buffer_does_not_make_a_landslide_tile(tiny_scene):
    names = dataset_factors(tiny_scene, "rs-dr")
    made = Split(tiling_of(tiny_scene), PART, 32)
    tiles = feed.TileFeed(tiny_scene, made, names, ())
    table = split.tile_table(tiny_scene, made.tiling)
    # Tile 1 holds part of the landslide at column 200 (radius 8); the buffer begins at 224.
    assert tiles.has_landslide(np.array([0, 1]), table).tolist() == [True, True]
    with rasterio.open(tiny_scene.mask_path, "r+") as mask:
        values = mask.read()
        values[:, :, :224] = 0
        values[:, 50:60, 230:240] = 1
        mask.write(values)
    again = split.tile_table(tiny_scene, made.tiling)
    assert again.landslide[1] > 0
    tiles = feed.TileFeed(tiny_scene, made, names, ())
    assert tiles.has_landslide(np.array([0, 1]), again).tolist() == [False, False]


def test_the_zscore_is_that_of_the_valid_training_pixels(tiles, tiny_scene):
    mean, std, prevalence = feed.zscore(tiles, tiles.split.tiles(metrics.TRAIN))
    window = Window(0, 0, 256, 256)
    values = tiny_scene.read(window=window)
    inside = values[tiny_scene.valid(values)].astype(np.float64)
    inside = encode(inside, tiny_scene.factor_names, tiles.channels).astype(np.float64)
    assert mean == pytest.approx(np.nanmean(inside, axis=0), rel=1e-6)
    assert std == pytest.approx(np.nanstd(inside, axis=0), rel=1e-5)
    mask = tiny_scene.read_mask(window)[tiny_scene.valid(values)]
    assert prevalence == pytest.approx(mask.mean())


def test_every_tile_comes_once_an_epoch(tiles):
    numbers = np.arange(20)
    batches = drawing.epoch_order(numbers, numbers < 5, config(), epoch=3)
    assert sorted(np.concatenate(batches)) == list(range(20))
    assert [len(b) for b in batches] == [8, 8, 4]


def test_half_of_every_batch_has_landslides_when_asked(tiles):
    numbers = np.arange(100, 140)
    few = numbers < 105
    batches = drawing.epoch_order(numbers, few, config(landslide_share_of_batch=0.5), epoch=0)
    assert all((b < 105).sum() >= 4 for b in batches)
    assert all(len(b) == 8 for b in batches)


def test_order_and_turns_depend_on_seed_and_epoch_alone():
    numbers = np.arange(30)
    has = numbers < 9

    def draw(seed, epoch):
        chosen = config(seed=seed, landslide_share_of_batch=0.5)
        order = np.concatenate(drawing.epoch_order(numbers, has, chosen, epoch)).tolist()
        return order, drawing.epoch_turns(30, chosen, epoch)

    assert draw(1, 7) == draw(1, 7)
    assert draw(1, 7) != draw(1, 8)
    assert draw(1, 7) != draw(2, 7)


def test_invalid_pixels_weigh_nothing(tiles):
    x, y, weight = tiles.sample(0)
    assert x.shape == (128, 128, 7)
    assert (weight[:10, :12] == 0).all()
    assert weight[50:, 50:].all()
    # A gap in the deformation rate alone does not drop a pixel: RS and RS-DR share the mask.
    assert np.isnan(x[110, 30, 6])
    assert weight[110, 30] == 1
    assert y.sum() > 0
