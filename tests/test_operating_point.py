"""A run's threshold is chosen on its validation part, never on its test part."""

import numpy as np
import pytest

from core.errors import SlideScopeError
from core.learning.prediction import products
from core.learning.scores import metrics, operating_point


@pytest.fixture
def run(tiny_runs):
    """A run whose second tile is validation."""
    run = tiny_runs[0]
    counts, part = products.load_counts(run.prediction())
    part[0] = metrics.VALIDATION
    products.save_counts(run.prediction(), counts, part)
    return run


def test_best_f1_and_wanted_recall_come_of_the_validation_tiles(run):
    counts, _ = products.load_counts(run.prediction())
    own = counts[0].astype(np.int64)
    best = operating_point.choose(run, "best-f1")
    scores = [metrics.scores(own, n / 200)["f1"] for n in range(201)]
    assert best.f1 == pytest.approx(max(scores))
    found = operating_point.choose(run, "recall", 0.9)
    assert found.recall >= 0.9
    assert metrics.scores(own, found.threshold + 0.005)["recall"] < 0.9


def test_the_test_part_changes_nothing(run):
    before = operating_point.choose(run, "best-f1")
    counts, part = products.load_counts(run.prediction())
    counts[part == metrics.TEST] = 0
    products.save_counts(run.prediction(), counts, part)
    assert operating_point.choose(run, "best-f1") == before


def test_without_validation_landslides_it_is_refused_in_a_sentence(tiny_runs):
    with pytest.raises(SlideScopeError, match="never chooses a threshold"):
        operating_point.choose(tiny_runs[0], "best-f1")
    assert operating_point.choose(tiny_runs[0], "half").threshold == 0.5


@pytest.mark.parametrize("wanted", [None, 0.0, 1.5])
def test_a_recall_that_is_none_is_refused(run, wanted):
    with pytest.raises(SlideScopeError, match="Invalid recall"):
        operating_point.choose(run, "recall", wanted)


def test_the_choice_stays_with_the_run(run):
    assert operating_point.load(run) is None
    point = operating_point.choose(run, "recall", 0.8)
    operating_point.store(run, point)
    assert operating_point.load(run) == point
