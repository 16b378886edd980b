"""Permutation importance of a network's factors: exact where the answer is known."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from core.errors import SlideScopeError
from core.learning import split
from core.learning.explain import alike, channel_importance, effects
from core.learning.networks import network
from core.learning.scores import heldout, metrics
from core.learning.split import Split
from core.learning.tiles.channels import channels_of
from core.learning.tiles.tiling import tiling_of

NAMES = ("nir", "elevation", "aspect", "deformation")
TILES = np.arange(6)


class Moving:
    """A network that calls landslide what moves by more than 12 mm/yr, and uses nothing else."""

    input_shape = (None, 128, 128, 4)

    def predict_on_batch(self, x):
        assert x.shape == (8, 128, 128, 4)
        return 1 / (1 + np.exp(np.nan_to_num(x[..., 3:]) + 12))


class Watching(Moving):
    """Keeps what it was shown."""

    def __init__(self):
        self.seen = []

    def predict_on_batch(self, x):
        self.seen.append(x)
        return np.full((*x.shape[:3], 1), 0.5)


def stack_of(scene, coding="paper", names=NAMES) -> channel_importance.Stack:
    parts = Split(tiling_of(scene), np.full(6, metrics.TEST, np.uint8), 0)
    held = heldout.HeldOut(scene, parts, TILES, "all")
    card = network.ModelCard(
        model="unet",
        preset="quick",
        tile=128,
        dataset="rs-dr",
        coding=coding,
        factors=names,
        channels=channels_of([scene.factor(n) for n in names], coding),
        legends={},
        trainable_parameters=0,
        best_epoch=1,
        best_value=0.0,
    )
    return channel_importance.read(held.feed(card), TILES)


@pytest.fixture
def stack(tiny_scene) -> channel_importance.Stack:
    return stack_of(tiny_scene)


def test_the_only_factor_a_network_uses_is_the_only_one_it_misses(stack):
    found = channel_importance.importance(Moving(), stack, repeats=3)
    rows = {row["factor"]: row for row in found["importance"]}
    base = found["baseline"]
    assert base["average_precision"] > 0.8
    assert rows["deformation"]["average_precision"]["mean"] > 0.7 * base["average_precision"]
    # At its mean nothing moves: no pixel is called landslide.
    assert rows["deformation"]["at_mean"]["f1"] == base["f1"]
    for name in NAMES[:3]:
        nothing = {"mean": 0.0, "sd": 0.0}
        assert rows[name]["average_precision"] == rows[name]["f1"] == nothing
        assert rows[name]["at_mean"] == {"average_precision": 0.0, "f1": 0.0}
    assert found["control"] == {"average_precision": 0.0, "f1": 0.0}


class Doubled(Moving):
    """Takes what moves from whichever of two bands says it: nir or red, which are the same."""

    def predict_on_batch(self, x):
        told = np.minimum(np.nan_to_num(x[..., :1]), np.nan_to_num(x[..., 1:2]))
        return 1 / (1 + np.exp(told + 12))


def test_a_family_is_missed_where_none_of_its_members_is(tiny_scene):
    stack = stack_of(tiny_scene, names=("red", "nir", "elevation", "aspect"))
    moving = stack_of(tiny_scene, names=("deformation",) * 4).values[..., 0]
    values = stack.values.copy()
    values[..., 0] = values[..., 1] = moving
    found = channel_importance.importance(Doubled(), replace(stack, values=values), repeats=3)
    bands, terrain = found["families"]
    assert (bands["family"], bands["factors"]) == ("bands", ["red", "nir"])
    assert terrain["factors"] == ["elevation", "aspect"]
    alone = [row["at_mean"]["f1"] for row in found["importance"][:2]]
    assert alone == [0.0, 0.0]
    assert bands["f1"]["mean"] > 0.5 * found["baseline"]["f1"]
    assert terrain["f1"] == {"mean": 0.0, "sd": 0.0}


class Banded(Moving):
    """Calls landslide where nir, its first channel, is above 10."""

    def predict_on_batch(self, x):
        return 1 / (1 + np.exp(10 - np.nan_to_num(x[..., :1])))


def told_twice(stack) -> channel_importance.Stack:
    """Sixteen tiles: nir and elevation both tell where the landslides are, aspect nothing."""
    high = np.arange(16) % 2 * 20.0
    values = np.zeros((16, 128, 128, 4), np.float32)
    values[..., 0] = values[..., 1] = high[:, None, None]
    reference = np.broadcast_to((high > 0)[:, None, None], values.shape[:3]).astype(np.uint8)
    return replace(
        stack, values=values, reference=reference, usable=np.ones(values.shape[:3], bool)
    )


def test_what_another_factor_says_as_well_is_not_lost_between_like_tiles(stack):
    twice = told_twice(stack)
    found = channel_importance.importance(Banded(), twice, repeats=3, conditional=True)
    nir = found["importance"][0]
    assert nir["f1"]["mean"] > 0.2
    assert nir["conditional"]["f1"] == {"mean": 0.0, "sd": 0.0}
    values = twice.values.copy()
    values[..., 1] = 0
    alone = replace(twice, values=values)
    found = channel_importance.importance(Banded(), alone, repeats=3, conditional=True)
    assert found["importance"][0]["conditional"]["f1"]["mean"] > 0.2


def test_like_tiles_are_alike_in_all_but_the_factor_in_question(stack):
    twice = told_twice(stack)
    portrait = alike.portraits(twice)
    for name in ("nir", "aspect"):
        found = alike.groups(twice, portrait, name)
        assert sorted(np.concatenate(found)) == list(range(16))
        assert all(len(group) >= alike.LEAST for group in found)
        assert all(len(set(group % 2)) == 1 for group in found)


def test_the_effect_of_the_only_factor_a_network_uses_is_the_network_itself(stack):
    rows = {row["factor"]: row for row in effects.curves(Moving(), stack)}
    # A bearing has no ends.
    assert list(rows) == ["nir", "elevation", "deformation"]
    moving = rows["deformation"]
    own = 1 / (1 + np.exp(np.array(moving["values"]) + 12))
    np.testing.assert_allclose(np.diff(moving["effect"]), np.diff(own), atol=1e-5)
    assert not np.any(rows["nir"]["effect"]) and not np.any(rows["elevation"]["effect"])
    usable = np.isfinite(stack.values[..., 3]) & stack.usable
    assert sum(moving["pixels"]) == usable.sum()


class Together(Moving):
    """What both say at once: neither has an effect of its own alone."""

    def predict_on_batch(self, x):
        return np.tanh(np.nan_to_num(x[..., :1]) * np.nan_to_num(x[..., 3:]) / 1000)


def test_effects_are_those_of_an_independent_computation(stack):
    (row,) = [
        r for r in effects.curves(Together(), stack, np.linspace(0, 1, 8)) if r["factor"] == "nir"
    ]
    own, other = (stack.values[..., c][stack.usable].astype(float) for c in (0, 3))
    own, other = own[np.isfinite(own)], np.nan_to_num(other[np.isfinite(own)])
    edges = np.quantile(own, np.linspace(0, 1, 8))
    steps, counts = [], []
    for low, high in itertools.pairwise(edges):
        inside = (own >= low) & ((own < high) | (high == edges[-1]))
        gain = np.tanh(high * other[inside] / 1000) - np.tanh(low * other[inside] / 1000)
        steps.append(gain.mean())
        counts.append(inside.sum())
    wanted = np.append(0, np.cumsum(steps))
    wanted -= np.average((wanted[1:] + wanted[:-1]) / 2, weights=counts)
    np.testing.assert_allclose(row["effect"], wanted, atol=2e-4)
    assert row["pixels"] == counts


class Around(Moving):
    """Sees the lowest deformation of the tile alone, as a wide field of view would."""

    def predict_on_batch(self, x):
        lowest = np.nan_to_num(x[..., 3:]).min(axis=(1, 2), keepdims=True)
        return np.broadcast_to(1 / (1 + np.exp((lowest + 20) / 5)), (*x.shape[:3], 1))


def test_what_a_wide_bin_around_it_does_is_not_told_of_a_pixel(stack):
    (row,) = [r for r in effects.curves(Around(), stack) if r["factor"] == "deformation"]
    steps = np.diff(row["effect"])
    # Every tile has landslides, whose values decide alone: none that is higher has an effect.
    assert steps[:3].sum() < -0.1 and not np.any(steps[3:])
    assert max(row["effect"]) - min(row["effect"]) <= 1


def test_a_factor_that_is_the_same_everywhere_has_no_effect(stack):
    values = stack.values.copy()
    values[..., 0] = 3
    rows = effects.curves(Moving(), replace(stack, values=values))
    assert [row["factor"] for row in rows] == ["elevation", "deformation"]


def test_the_seed_decides(stack):
    def lost(seed):
        found = channel_importance.importance(Moving(), stack, repeats=2, seed=seed)
        return found["importance"][3]["average_precision"]

    assert lost(0) == lost(0) != lost(1)


def test_scores_are_those_of_the_scored_pixels_alone(stack):
    found = channel_importance.importance(Moving(), stack, repeats=2)
    assert found["pixels"] == stack.usable.sum() < stack.usable.size
    landslide = (stack.reference == 1)[stack.usable].mean()
    assert found["prevalence"] == pytest.approx(landslide)


def test_a_tile_gets_another_tile_s_factor_whole(stack):
    for exchange in channel_importance.exchanges(stack, [0], repeats=3, seed=0):
        for i in range(len(stack)):
            own, given = np.sort(stack.values[i, ..., 0].ravel()), np.sort(exchange(i).ravel())
            others = [np.sort(stack.values[j, ..., 0].ravel()) for j in range(6) if j != i]
            assert not np.array_equal(own, given, equal_nan=True)
            assert any(np.array_equal(given, other, equal_nan=True) for other in others)


def test_the_channels_of_a_factor_move_together(tiny_scene):
    watching = Watching()
    stack = stack_of(tiny_scene, "recommended", ("aspect", "nir"))
    channel_importance.importance(watching, stack, repeats=2)
    shown = np.stack(watching.seen)
    assert shown.shape[-1] == 3
    length = shown[..., 0] ** 2 + shown[..., 1] ** 2
    # Zero is the padding of the last batch.
    assert np.nanmax(np.minimum(abs(length - 1), length)) < 1e-5


def test_every_tile_is_left_as_it_was(stack):
    before = stack.values.copy()
    channel_importance.importance(Moving(), stack, repeats=2)
    np.testing.assert_array_equal(stack.values, before)


@pytest.mark.parametrize("repeats, tiles", [(1, 24), (51, 24), (3, 1), (3, 2000)])
def test_check_fails(repeats, tiles):
    with pytest.raises(SlideScopeError, match=r"Invalid (repeats|tiles)"):
        channel_importance.check(repeats, tiles)


def test_check_passes():
    channel_importance.check(2, 2)


def test_a_sample_holds_landslides_and_is_the_same_again():
    tiles, landslide = np.arange(100, 200), np.arange(100) % 20 == 0
    picked = heldout.sample(tiles, landslide, 20, seed=1)
    assert len(picked) == len(set(picked)) == 20
    assert landslide[picked - 100].sum() == 5
    np.testing.assert_array_equal(picked, heldout.sample(tiles, landslide, 20, seed=1))
    assert len(heldout.sample(tiles, ~landslide, 20, seed=1)) == 20
    np.testing.assert_array_equal(heldout.sample(tiles, landslide, 100, seed=1), tiles)


def split_as(run, scene, part):
    parts = Split(tiling_of(scene), np.array(part, np.uint8), 0)
    split.save(parts, run.path / "split.json")


def test_only_tiles_of_the_test_part_are_held_out(tiny_scene, tiny_runs):
    split_as(tiny_runs[0], tiny_scene, [0, 2, 1, 2, 0, 2])
    held = heldout.held_out(tiny_runs[0])
    assert held.tiles.tolist() == [1, 3, 5]
    assert heldout.with_landslide(held).tolist() == [True, True, True]


def test_a_run_without_a_test_part_is_told_so(tiny_scene, tiny_runs):
    split_as(tiny_runs[0], tiny_scene, [0, 0, 1, 0, 0, 2])
    with pytest.raises(SlideScopeError, match="has 1 held-out tiles: importance exchanges"):
        heldout.held_out(tiny_runs[0])


def test_of_another_scene_every_tile_is_held_out(tiny_scene, tiny_runs):
    run = replace(tiny_runs[0], config=replace(tiny_runs[0].config, scene="elsewhere"))
    run = replace(run, config=replace(run.config, test_scene="tiny"))
    assert heldout.held_out(run).tiles.tolist() == TILES.tolist()


def test_a_split_of_another_size_is_refused(tiny_scene, tiny_runs):
    tiling = replace(tiling_of(tiny_scene), width=256)
    split.save(Split(tiling, np.full(4, 2, np.uint8), 0), tiny_runs[0].path / "split.json")
    with pytest.raises(SlideScopeError, match="was split on 256 x 256 px"):
        heldout.held_out(tiny_runs[0])
