"""Importance tells a planted factor from noise, on blocks that the forest has not seen."""

import numpy as np
import pytest

from core.analysis.forests import Blocks, auc_of, blocks_of, hold_out
from core.analysis.importance import importance
from core.analysis.one_pass.sample import BalancedSample
from core.errors import SlideScopeError

SIDE = 1024


@pytest.fixture
def sample() -> BalancedSample:
    """Column 0 tells landslides, column 1 a little, column 2 nothing."""
    rng = np.random.default_rng(0)
    label = np.repeat(np.array([0, 1], np.uint8), 1000)
    values = rng.standard_normal((2000, 3)).astype(np.float32)
    values[:, 0] += 2 * label
    values[:, 1] += 0.7 * label
    row, column = rng.integers(0, SIDE, (2, 2000))
    return BalancedSample(values, label, row, column)


def measured(sample, **options):
    blocks = blocks_of(sample, 128, "area", SIDE)
    return importance(sample, [0, 1, 2], ["strong", "weak", "nothing"], blocks, **options)


def test_an_informative_factor_beats_the_noise_control(sample):
    found = measured(sample, repeats=4)
    rows = {row["factor"]: row for row in found.rows}
    assert [name for name, row in rows.items() if row["control"]] == ["noise", "shuffled labels"]
    assert rows["strong"]["above_noise"] and not rows["nothing"]["above_noise"]
    for measure in ("gini", "permutation"):
        strong, noise = rows["strong"][measure], rows["noise"][measure]
        assert strong["mean"] - 2 * strong["sd"] > noise["mean"] + 2 * noise["sd"]
    assert sum(row["gini"]["mean"] for row in found.rows[:-1]) == pytest.approx(1)
    assert 0.9 < found.auc["mean"] < 0.97


def test_the_control_shows_what_gini_gives_to_nothing(sample):
    """Gini hands pure noise a share well above zero; permutation does not."""
    noise = measured(sample, repeats=3).rows[-2]
    assert noise["gini"]["mean"] > 0.05
    assert abs(noise["permutation"]["mean"]) < 0.02


def test_the_same_seed_gives_the_same_numbers(sample):
    assert measured(sample, repeats=2).rows == measured(sample, repeats=2).rows
    assert measured(sample, repeats=2).rows != measured(sample, repeats=2, seed=1).rows


def test_held_out_blocks_are_whole_and_have_both_classes(sample):
    blocks = blocks_of(sample, 128, "area", SIDE)
    assert blocks.side == 256
    held = hold_out(blocks, sample.label, np.random.default_rng(0))
    assert not set(blocks.number[held]) & set(blocks.number[~held])
    assert set(sample.label[held]) == set(sample.label[~held]) == {0, 1}
    assert 0.2 < len(set(blocks.number[held])) / 16 < 0.4


def test_tiles_of_a_tile_scene_are_the_blocks(sample):
    column = sample.column % 128
    tiles = BalancedSample(sample.values, sample.label, sample.row, column)
    blocks = blocks_of(tiles, 128, "tiles", 128)
    assert blocks.side == 128
    np.testing.assert_array_equal(blocks.number, sample.row // 128)


def test_a_small_scene_gets_smaller_blocks(sample):
    small = BalancedSample(sample.values, sample.label, sample.row // 4, sample.column // 4)
    assert blocks_of(small, 128, "area", 256).side == 128


def test_one_block_leaves_gini_alone_and_says_so(sample):
    at = np.zeros_like(sample.row)
    one = BalancedSample(sample.values, sample.label, at, at)
    found = measured(one, repeats=2)
    assert found.auc is None and "too few blocks" in found.held_out_reason
    assert all(row["permutation"] is None for row in found.rows)


def test_no_draw_possible_means_none():
    blocks = Blocks(np.array([0, 0, 1, 1]), 128)
    assert hold_out(blocks, np.array([0, 1, 0, 0], np.uint8), np.random.default_rng(0)) is None


def test_too_few_landslide_pixels_are_refused(sample):
    few = BalancedSample(*(v[995:1005] for v in vars(sample).values()))
    with pytest.raises(SlideScopeError, match="5 pixels of each class"):
        measured(few)


def test_auc_is_that_of_scikit_learn():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    label, score = rng.integers(0, 2, 500), rng.integers(0, 40, 500) / 40
    assert auc_of(label, score) == pytest.approx(roc_auc_score(label, score), abs=1e-12)


def test_dropped_columns_and_shuffled_labels(sample):
    found = measured(sample, repeats=2, drop_column=True)
    rows = {row["factor"]: row for row in found.rows}
    assert rows["strong"]["drop_column"]["mean"] > 0.1 > abs(rows["nothing"]["drop_column"]["mean"])
    assert rows["shuffled labels"]["control"] and rows["shuffled labels"]["drop_column"] is None
    assert 0.4 < found.null_auc["mean"] < 0.6 < found.auc["mean"]
    assert rows["shuffled labels"]["gini"]["mean"] > 0.2, "Gini finds something in nothing"
