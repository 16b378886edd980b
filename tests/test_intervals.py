"""90 % intervals by bootstrap over blocks: what they hold, when there are none, and how fast."""

import time

import numpy as np
import pytest

from core.learning import split
from core.learning.scores import evaluation, intervals, metrics
from core.learning.split import draw
from core.learning.tiles.tiling import Tiling
from core.maps import scorecard, sides
from core.runs import store as runs
from core.runs import tables
from core.scene import store as scenes
from tests import tiny
from tests.page import texts, visit


def binned(tp, fp, fn, tn) -> np.ndarray:
    """Counts (..., 200, 2) that give this confusion at 0.5."""
    counts = np.zeros((*np.shape(tp), 200, 2), np.int64)
    counts[..., 150, 1], counts[..., 150, 0] = tp, fp
    counts[..., 50, 1], counts[..., 50, 0] = fn, tn
    return counts


@pytest.fixture
def measured(workspace):
    """Two runs on the tiny scene in tiles of 32 px: twelve test blocks."""
    scene = tiny.scene(tile=32)
    return scene, [tiny.run(scene, d, skill) for d, skill in (("rs-dr", 4.0), ("rs", 2.0))]


def test_equal_blocks_leave_no_doubt():
    found = intervals.intervals(binned(np.full(10, 30), 10, 10, 50), 0.5)
    assert found["precision"] == found["recall"] == pytest.approx((0.75, 0.75))
    assert set(found) == set(tables.METRICS)


def test_a_replicate_is_a_ratio_of_sums_never_a_mean_of_ratios():
    """One block holds nearly all landslides: without it the recall is 0, with it about 1."""
    hits = np.array([1000] + [0] * 9)
    found = intervals.intervals(binned(hits, 0, np.array([0] + [1] * 9), 100), 0.5)["recall"]
    assert found[0] == 0 and found[1] > 0.99


def test_about_nine_of_ten_intervals_hold_the_truth():
    """500 made-up maps of 16 uneven blocks, drawn from a ground whose F1 is known."""
    rng = np.random.default_rng(0)

    def drawn(blocks):
        size, skill = rng.gamma(1.0, 2000, blocks), rng.beta(6, 3, blocks)
        return [a.astype(int) for a in (size * skill, 0.4 * size, size * (1 - skill))]

    tp, fp, fn = (a.sum() for a in drawn(200_000))
    truth = metrics.confusion_scores(tp, fp, fn, 0)["f1"]
    found = [intervals.paired(binned(*drawn(16), 0), None, 0.5).before["f1"] for _ in range(500)]
    assert 0.85 < np.mean([low <= truth <= high for low, high in found]) < 0.95


def test_a_paired_difference_is_surer_than_its_sides():
    """What is hard ground for one map is hard for the other: drawn apart, nothing would show."""
    rng = np.random.default_rng(1)
    hits = rng.integers(0, 90, 20)
    before, after = binned(hits, 10, 100 - hits, 900), binned(hits + 8, 10, 92 - hits, 900)
    found = intervals.paired(before, after, 0.5)
    assert intervals.excludes_zero(found.difference["f1"])
    assert found.before["f1"][1] > found.after["f1"][0]


@pytest.mark.parametrize("blocks", [0, 1, 7])
def test_too_few_blocks_have_no_interval_and_a_reason(blocks):
    counts = binned(np.full(blocks, 30), 10, 10, 50)
    assert intervals.intervals(counts, 0.5) is None
    assert intervals.paired(counts, counts, 0.5) is None
    said = evaluation.sureness(counts, 0.5)
    assert said["intervals"] is None
    assert said["intervals_why"].endswith(f"at least 8 blocks of tiles, here are {blocks}.")


def test_the_mean_of_several_trainings_has_one_too():
    one = binned(np.arange(20, 40), 10, 50, 900)
    other = binned(np.arange(20, 40)[::-1], 10, 50, 900)
    found = intervals.of_mean(np.stack([one, one]), 0.5)
    assert found["f1"] == pytest.approx(intervals.intervals(one, 0.5)["f1"])
    # What is easy for one is hard for the other: their mean is surer than either.
    low, high = intervals.of_mean(np.stack([one, other]), 0.5)["recall"]
    assert high - low < 0.3 * np.ptp(found["recall"])


def test_the_same_map_has_the_same_interval_every_time():
    counts = np.random.default_rng(2).integers(0, 50, (12, 200, 2))
    first = intervals.intervals(counts, 0.5)
    intervals._drawn.cache_clear()
    assert intervals.intervals(counts, 0.5) == first


def test_it_follows_a_slider_on_a_scene_of_six_thousand_tiles():
    counts = np.random.default_rng(3).integers(0, 50, (1560, 200, 2))
    intervals.paired(counts, counts, 0.5)  # the draws are made once
    started = time.process_time()
    intervals.paired(counts, counts, 0.4)
    assert time.process_time() - started < 0.3


def test_blocks_are_two_by_two_tiles_and_tiles_without_data_are_none():
    counts = np.zeros((16, 200, 2), np.uint32)
    counts[[0, 1, 4, 10], 150, 1] = 1
    tiles = split.with_pixels(np.ones(16, bool), counts)
    area = split.block_sums(counts, tiles, Tiling(512, 512, 128), "area")
    assert area[:, 150, 1].tolist() == [3, 1]
    single = split.block_sums(counts, tiles, Tiling(2048, 128, 128), "tiles")
    assert single[:, 150, 1].tolist() == [1, 1, 1, 1]


def test_very_many_blocks_are_joined_with_their_neighbours():
    tiling = Tiling(200 * 128, 200 * 128, 128)
    counts = np.zeros((len(tiling), 200, 2), np.uint8)
    counts[:, 150, 1] = 1
    found = split.block_sums(counts, np.arange(len(tiling)), tiling, "area")
    assert len(found) == draw.MOST_BLOCKS
    assert found.sum() == len(tiling)


def test_evaluate_has_the_interval_of_every_metric_around_its_value(measured):
    _, (run, _) = measured
    found = evaluation.evaluate(run)
    assert found["blocks"] == 12 and found["intervals_why"] is None
    assert set(found["intervals"]) == set(tables.METRICS)
    for name, (low, high) in found["intervals"].items():
        assert low <= found[name] <= high
    assert found["landslides"] == 3
    everywhere = evaluation.evaluate(run, area="all")
    assert (everywhere["blocks"], everywhere["landslides"]) == (24, 5)


def test_a_run_of_an_earlier_version_gets_its_intervals_when_it_is_shown(measured):
    _, (run, _) = measured
    path = run.prediction() / "metrics.json"
    old = {k: v for k, v in run.metrics().items() if not k.startswith(("intervals", "blocks"))}
    evaluation.atomic.write_json(path, old)
    evaluation.completed([run])
    assert runs.load(run.id).metrics()["intervals"]["f1"][0] < old["f1"]


def test_a_scene_that_is_gone_still_has_its_runs_intervals(measured):
    scene, (run, _) = measured
    scenes.delete(scene.name)
    found = evaluation.evaluate(run)
    assert found["blocks"] == 12 and found["landslides"] is None


def test_compare_says_whether_a_difference_is_more_than_chance(measured):
    scene, (right, left) = measured
    found = sides.sides_of(scene)
    pair = [found[f"run:{run.id}"] for run in (left, right)]
    score = scorecard.compare(*pair, scene, 0.5)
    card = next(card for card in score.cards if card.name == "f1")
    assert card.sure
    assert card.left_interval == pytest.approx(evaluation.evaluate(left)["intervals"]["f1"])
    assert "excludes zero" in scorecard.words(score, 0.5)
    same = scorecard.compare(pair[0], pair[0], scene, 0.5)
    assert "zero" not in scorecard.words(same, 0.5)


def test_compare_shows_intervals_on_its_cards(measured):
    app = visit("compare")
    captions = [item.value for item in app.caption]
    assert sum(text.startswith(":blue[") and ":orange[" in text for text in captions) == 6
    assert "excludes zero" in texts(app)


def test_results_and_training_show_them(measured):
    _, (run, _) = measured
    app = visit("results")
    tables_shown = [m.value for m in app.markdown if m.value.startswith("|")]
    assert any(":small[:gray[" in table for table in tables_shown)
    assert "Small: 90 % interval" in texts(app)
    assert "bootstrap over 12 blocks" in texts(visit("training", run=run.id))


def test_the_csv_has_both_ends(measured):
    _, (run, _) = measured
    line = tables.to_csv([run]).splitlines()
    row = dict(zip(line[0].split(","), line[-1].split(",")))
    low, high = run.metrics()["intervals"]["f1"]
    assert (float(row["f1_low"]), float(row["f1_high"])) == pytest.approx((low, high), abs=1e-6)
