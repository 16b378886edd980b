"""Every figure says on which area and split it was measured; another scene included."""

import csv
import io

import pytest

from core.errors import SlideScopeError
from core.learning.scores import evaluation
from core.maps import scorecard, sides
from core.runs import measured, tables
from core.runs import store as runs
from tests import tiny
from tests.page import texts, visit


@pytest.fixture
def tested_elsewhere(tiny_scene):
    """A run trained on all of `tiny` and tested on `valley`."""
    tiny.scene("valley")
    return tiny.run(tiny_scene, "rs-dr", 3.0, test_scene="valley")


def test_another_scene_is_measured_whole_and_called_unseen(tested_elsewhere):
    found = tested_elsewhere.metrics()
    assert (found["scene"], found["area"], found["tiles"]) == ("valley", "all", 6)
    assert found["area_words"] == "whole scene valley, none of it seen in training"
    assert measured.area(tested_elsewhere).startswith(
        "6 tiles, whole scene valley, none of it seen in training, a synthetic scene; trained on "
        "scene tiny, no tile of it held out; threshold 0.5"
    )


def test_its_training_scene_has_no_held_out_tile(tested_elsewhere):
    folder = tested_elsewhere.prediction("tiny")
    tested_elsewhere.prediction("valley").rename(folder)
    with pytest.raises(SlideScopeError, match=r"held out no tile of 'tiny'.*--scene valley"):
        evaluation.evaluate(tested_elsewhere, "tiny", "test")
    found = evaluation.store(tested_elsewhere, "tiny")
    assert found["area_words"] == "whole scene, training tiles included"


def test_the_page_and_the_csv_name_the_scene_that_was_measured(tested_elsewhere):
    said = texts(visit("training", run=tested_elsewhere.id))
    assert "whole scene valley, none of it seen in training" in said
    row = list(csv.DictReader(io.StringIO(tables.to_csv([tested_elsewhere]))))[-1]
    assert (row["scene"], row["measured_on"], row["area"]) == ("tiny", "valley", "all")


def test_compare_scores_nothing_where_no_tile_was_held_out(tiny_scene):
    run = tiny.run(tiny_scene, "rs-dr", 3.0, held_out=())
    side = sides.sides_of(tiny_scene)[f"run:{run.id}"]
    card = scorecard.compare(side, side, tiny_scene, 0.5)
    assert card.tiles == 0
    assert all(c.left is None for c in card.cards)
    assert "Nothing to score: there are no held-out tiles" in scorecard.words(card, 0.5)


def test_every_row_of_the_csv_has_area_and_split(tiny_scene):
    tiny.run(tiny_scene, "rs-dr", 3.0)
    rows = list(csv.DictReader(io.StringIO(tables.to_csv(runs.runs()))))
    assert len(rows) == 6
    assert all(row["area_words"] and row["split"] for row in rows)
