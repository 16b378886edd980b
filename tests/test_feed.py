"""What training sees: order from (seed, epoch) alone, z-score from training tiles alone."""

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window

from core.learning import feed, metrics
from core.learning.channels import channels_of, dataset_factors, encode
from core.learning.split import Split
from core.learning.tiling import tiling_of
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


def test_no_pixel_of_a_test_tile_touches_the_zscore(tiles, tiny_scene):
    training = tiles.split.tiles(metrics.TRAIN)
    before = feed.zscore(tiles, training)
    with rasterio.open(tiny_scene.stack_path, "r+") as stack:
        for number in tiles.split.tiles(metrics.TEST):
            window = tiles.split.tiling.window(number)
            shape = (stack.count, int(window.height), int(window.width))
            stack.write(np.full(shape, 1e6, np.float32), window=window)
    fresh = feed.TileFeed(tiny_scene, tiles.split, tiles.factors, tiles.channels)
    after = feed.zscore(fresh, training)
    assert all(np.array_equal(a, b) for a, b in zip(before, after))


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
    batches = feed.epoch_order(numbers, numbers < 5, config(), epoch=3)
    assert sorted(np.concatenate(batches)) == list(range(20))
    assert [len(b) for b in batches] == [8, 8, 4]


def test_half_of_every_batch_has_landslides_when_asked(tiles):
    numbers = np.arange(100, 140)
    few = numbers < 105
    batches = feed.epoch_order(numbers, few, config(landslide_share_of_batch=0.5), epoch=0)
    assert all((b < 105).sum() >= 4 for b in batches)
    assert all(len(b) == 8 for b in batches)


def test_order_and_turns_depend_on_seed_and_epoch_alone():
    numbers = np.arange(30)
    has = numbers < 9

    def draw(seed, epoch):
        chosen = config(seed=seed, landslide_share_of_batch=0.5)
        order = np.concatenate(feed.epoch_order(numbers, has, chosen, epoch)).tolist()
        return order, feed.epoch_turns(30, chosen, epoch)

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
