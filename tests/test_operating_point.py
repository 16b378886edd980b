"""A run's threshold is chosen on its validation part, never on its test part."""

import json

import numpy as np
import pytest

from core.__main__ import main
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


def test_a_map_opens_at_what_was_kept_else_at_the_best_f1_on_validation_else_at_half(run):
    best = operating_point.choose(run, "best-f1")
    assert operating_point.start(run) == best
    assert operating_point.words(best) == "best F1 on validation"
    kept = operating_point.choose(run, "recall", 0.8)
    operating_point.store(run, kept)
    assert operating_point.start(run) == kept


def test_a_run_without_landslides_in_its_validation_part_opens_at_half(tiny_runs):
    found = operating_point.start(tiny_runs[0])
    assert (found.threshold, operating_point.words(found)) == (0.5, "")


def test_what_is_kept_is_what_every_figure_starts_from(run, tmp_path, capsys):
    assert main(["evaluate", run.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["threshold"] == 0.5
    assert main(["evaluate", run.id, "--at", "best-f1", "--keep", "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)["threshold"]
    assert kept == operating_point.choose(run, "best-f1").threshold != 0.5
    assert run.metrics()["threshold"] == kept
    assert main(["evaluate", run.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["threshold"] == kept
    assert main(["review", "tiny", "--run", run.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["threshold"] == kept
    assert main(["export", run.id, "--out", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["threshold"] == kept
    assert main(["evaluate", run.id, "--threshold", "0.5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["threshold"] == 0.5


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--keep"], "--keep keeps what --at chooses"),
        (
            ["--at", "best"],
            "--at 'best' chooses no threshold: it is best-f1, half, recall= or guarantee=",
        ),
        (["--at", "recall=much"], "chooses no threshold"),
    ],
)
def test_a_choice_that_is_none_is_refused(run, capsys, asked, said):
    assert main(["evaluate", run.id, *asked]) == 2
    assert said in capsys.readouterr().err
    assert operating_point.load(run) is None
