"""The gap between the paper's split and the block split, where both were run."""

import pytest

from core.runs import gap
from core.runs import store as runs
from tests import tiny
from tests.page import texts, visit


@pytest.fixture
def pair(tiny_scene):
    """The same network with both splits, the paper's the easier one."""
    paper = tiny.run(tiny_scene, "rs-dr", 6.0, split="paper")
    return paper, tiny.run(tiny_scene, "rs-dr", 2.0, split="block")


def test_the_gap_is_paper_minus_block_in_points(pair):
    paper, block = (run.metrics() for run in pair)
    found = gap.gaps(runs.runs("tiny"))
    assert len(found) == 1
    for name in ("f1", "iou_landslide"):
        assert found[0].points[name] == pytest.approx(100 * (paper[name] - block[name]))
    assert found[0].points["f1"] > 0
    assert "Tiles that touch training tiles are easier" in found[0].words
    assert "also differ" not in found[0].words


def test_either_run_finds_the_other(pair):
    known = runs.runs("tiny")
    for run in pair:
        found = gap.gap_of(run, known)
        assert (found.paper.id, found.block.id) == (pair[0].id, pair[1].id)


def test_other_networks_and_folds_are_no_pair_and_other_settings_are_named(tiny_scene):
    tiny.run(tiny_scene, "rs-dr", 6.0, split="paper", seed=3)
    tiny.run(tiny_scene, "rs-dr", 2.0, model="unet")
    tiny.run(tiny_scene, "rs-dr", 2.0, folds=2, fold=1)
    assert gap.gaps(runs.runs("tiny")) == []
    tiny.run(tiny_scene, "rs-dr", 2.0)
    assert "also differ in seed." in gap.gaps(runs.runs("tiny"))[0].words


def test_a_smaller_paper_figure_is_not_called_easier(tiny_scene):
    tiny.run(tiny_scene, "rs-dr", 2.0, split="paper")
    tiny.run(tiny_scene, "rs-dr", 6.0)
    said = gap.gaps(runs.runs("tiny"))[0].words
    assert "−" in said
    assert "easier" not in said


def test_results_and_the_run_card_show_it(pair):
    said = texts(visit("results"))
    assert "The same network with both splits" in said
    assert "2 held-out tiles of tiny, a synthetic scene; paper split" in said
    sentence = gap.gaps(runs.runs("tiny"))[0].words
    assert sentence in said
    assert sentence in texts(visit("training", run=pair[0].id))
