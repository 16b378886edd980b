"""Squares: drawn anywhere in the training tiles, around landslides of every size, never beyond."""

from dataclasses import replace

import numpy as np
import pytest

from core.learning.scores import metrics
from core.learning.split import Split
from core.learning.tiles import drawing, feed
from core.learning.tiles.channels import channels_of, dataset_factors
from core.learning.tiles.tiling import tiling_of
from core.runs.config import RunConfig
from tests import tiny

PART = np.array([metrics.TRAIN, metrics.TRAIN, metrics.TEST] * 2, np.uint8)


def config(**changes) -> RunConfig:
    base = {"batch": 8, "crop": 64, "landslide_share_of_batch": 0.5, **changes}
    return RunConfig("tiny", "tiny", 1, True, "unet", "quick", "rs", (), **base)


def feed_of(scene, part=PART, buffer=0) -> feed.TileFeed:
    names = dataset_factors(scene, "rs-dr")
    channels = channels_of([scene.factor(n) for n in names], "paper")
    return feed.TileFeed(scene, Split(tiling_of(scene), part, buffer), names, channels)


@pytest.fixture
def tiles(tiny_scene):
    return feed_of(tiny_scene)


@pytest.fixture
def where(tiles):
    return drawing.places(tiles, tiles.split.tiles(metrics.TRAIN), 64)


def test_a_square_across_tiles_is_what_lies_there(tiles, tiny_scene):
    x, y, weight = tiles.square(100, 90, 64, False, 0)
    whole = tiny_scene.read(tiles.factors)[100:164, 90:154]
    np.testing.assert_array_equal(x, whole)
    np.testing.assert_array_equal(y[..., 0], tiny_scene.read_mask()[100:164, 90:154])
    assert weight.all()


def test_what_lies_in_the_test_part_or_beyond_the_scene_is_missing(tiles):
    # Columns 256 and further are test tiles; row 256 is the end of the scene.
    x, y, weight = tiles.square(210, 230, 64, False, 0)
    assert np.isfinite(x[:46, :26]).all()
    assert np.isnan(x[:, 26:]).all() and np.isnan(x[46:]).all()
    assert not weight[:, 26:].any() and not weight[46:].any() and weight[:46, :26].all()
    assert not y[:, 26:].any()


def test_squares_lie_where_most_is_usable(where, tiles):
    rng = np.random.default_rng(0)
    for landslide, least in drawing.ENOUGH.items():
        for _ in range(50):
            row, column = where.draw(rng, landslide)
            _, _, weight = tiles.square(row, column, 64, False, 0)
            # The share is summed over cells, the square may be a cell's width off.
            assert weight.mean() > least - 0.13


def test_half_of_a_batch_holds_a_landslide(tiles, where):
    batches = drawing.epoch_places((where,), 5, config(), epoch=2)
    assert [len(batch) for batch in batches] == [8] * 5
    for batch in batches:
        _, y, _ = feed.Ground((tiles,)).squares(batch, 64, [(False, 0)] * 8)
        assert y[:4].any(axis=(1, 2, 3)).all()


def test_a_landslide_is_drawn_by_the_root_of_its_size(where):
    """Of the four in the training tiles; the one at column 200 and so on have radii 9, 7, 8."""
    area = {radius: (np.hypot(*np.mgrid[-12:13, -12:13]) < radius).sum() for radius in (9, 7, 8)}
    chance = {}
    for radius, (row, column) in {9: (40, 60), 7: (180, 90), 8: (60, 200)}.items():
        near = np.hypot(*(where.pixels - (row, column)).T) < 12
        assert near.sum() == area[radius]
        chance[radius] = where.weights[near].sum()
    assert where.weights.sum() == pytest.approx(1)
    assert chance[9] / chance[7] == pytest.approx((area[9] / area[7]) ** 0.5)
    assert where.roots == pytest.approx(sum(n**0.5 for n in area.values()))


def test_places_follow_from_seed_and_epoch_alone(where):
    def draw(seed, epoch):
        return drawing.epoch_places((where,), 3, config(seed=seed), epoch)

    assert draw(1, 7) == draw(1, 7)
    assert draw(1, 7) != draw(1, 8)
    assert draw(1, 7) != draw(2, 7)


def test_squares_of_a_tile_scene_stay_in_a_tile(tiny_scene):
    alone = replace(tiny_scene, kind="tiles", tile=64)
    tiling = tiling_of(alone)
    part = np.zeros(len(tiling), np.uint8)
    found = drawing.places(feed_of(alone, part), np.arange(len(tiling)), 32)
    rng = np.random.default_rng(0)
    for landslide in (True, False):
        for _ in range(100):
            row, column = found.draw(rng, landslide)
            assert row // 64 == (row + 31) // 64
            assert column // 64 == (column + 31) // 64


def test_a_landslide_ends_at_a_tile_of_a_tile_scene(tiny_scene):
    # The landslide of radius 8 at column 200, row 60 reaches over row 64.
    alone = replace(tiny_scene, kind="tiles", tile=64)
    tiling = tiling_of(alone)
    tiles = feed_of(alone, np.zeros(len(tiling), np.uint8))
    found = drawing.places(tiles, np.arange(len(tiling)), 32)
    mask = tiny_scene.read_mask()
    sizes = [n for n in (mask[52:64, 192:209].sum(), mask[64:69, 192:209].sum())]
    here = (np.abs(found.pixels - (60, 200)) < 9).all(axis=1)
    for below, size in zip((False, True), sizes):
        mine = here & ((found.pixels[:, 0] >= 64) == below)
        assert mine.sum() == size
        assert found.weights[mine] == pytest.approx(size**-0.5 / found.roots)


def test_several_scenes_come_under_one_numbering(tiny_scene):
    other = tiny.scene("other")
    one, two = feed_of(tiny_scene), feed_of(other, 2 - PART)
    ground = feed.Ground((one, two))
    assert ground.tiles(metrics.TRAIN).tolist() == [0, 1, 3, 4, 6 + 2, 6 + 5]
    for part, same in zip(ground.sample(6 + 2, True, 1), two.sample(2, True, 1)):
        np.testing.assert_array_equal(part, same)
    mean, std, _ = feed.zscore(ground, ground.tiles(metrics.TRAIN))
    both = [t.sample(n) for t in (one, two) for n in t.split.tiles(metrics.TRAIN)]
    red = np.concatenate([x[weight > 0][:, 0] for x, _, weight in both])
    assert mean[0] == pytest.approx(red.mean(), rel=1e-5)
    assert std[0] == pytest.approx(red.std(), rel=1e-5)
    found = drawing.draws(ground, config())
    scenes = {place[0] for batch in found._order(0) for place in batch}
    assert scenes == {0, 1}


def test_without_a_landslide_squares_are_drawn_all_the_same(tiles):
    nothing = drawing.places(tiles, np.array([3]), 64)
    empty = replace(nothing, pixels=nothing.pixels[:0], weights=nothing.weights[:0], roots=0.0)
    batches = drawing.epoch_places((empty,), 2, config(), epoch=0)
    assert [len(batch) for batch in batches] == [8, 8]


def test_an_epoch_has_as_many_pixels_as_the_training_tiles():
    assert drawing.steps_per_epoch(160, config(batch=24)) == 27
    assert drawing.steps_per_epoch(160, config(batch=8, crop=0)) == 20
    # Six whole watersheds: validation comes before all of it was seen.
    assert drawing.steps_per_epoch(1400, config(batch=24)) == drawing.MOST_STEPS
