"""Scores against outlines that lie a little off: counted by hand on small masks."""

import json

import numpy as np
import pytest

from core.__main__ import main
from core.learning.prediction import products
from core.learning.scores import evaluation, metrics, outlines
from core.runs.measured import scene_of


def test_a_map_that_is_right_but_for_a_shift_gains_all_by_it():
    reference = np.zeros((1, 20, 20), bool)
    reference[0, 5:11, 6:12] = True
    moved = list(outlines.shifts(reference, 2))
    right = next(
        outlines.score(m.ravel(), np.roll(reference, (2, -2), (1, 2)).ravel())
        for m in moved
        if (m == np.roll(reference, (2, -2), (1, 2))).all()
    )
    assert right["f1"] == 1.0
    assert all(m.sum() == 36 for m in moved)
    # By hand: 4 x 4 of 6 x 6 pixels stay where they were in a diagonal of two.
    assert min(outlines.score(m.ravel(), reference.ravel())["f1"] for m in moved) == pytest.approx(
        16 / 36
    )


def test_what_moves_over_an_edge_is_gone_and_nothing_crosses_to_the_next_tile():
    tiles = np.zeros((2, 4, 4), bool)
    tiles[0, 3, 1] = True
    down = [m for m in outlines.shifts(tiles, 1) if not m[0].any()]
    assert len(down) == 3 and not any(m[1].any() for m in down)


def test_the_mapped_row_is_what_evaluate_says(tiny_runs, capsys):
    run = tiny_runs[0]
    assert main(["evaluate", run.id, "--outlines", "2", "--threshold", "0.4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    rows = found["outlines"]["rows"]
    assert found["outlines"]["mapped"]["f1"] == pytest.approx(found["f1"])
    assert [row["by"] for row in rows] == [1, 2] and found["outlines"]["metres"] == 12.5
    low, high = rows[1]["shifted"]["f1"]
    assert low <= high < found["f1"]
    # What lies beside an outline is a false alarm, until the outline is grown over it.
    assert rows[0]["grown"]["recall"] <= found["recall"] <= rows[0]["eroded"]["recall"]
    assert rows[0]["grown"]["precision"] >= found["precision"] > rows[0]["eroded"]["precision"]


def test_only_the_area_counts_and_what_is_eroded_away_has_no_score(tiny_runs):
    run = tiny_runs[0]
    scene = scene_of(run)
    _, part = products.load_counts(run.prediction())
    for area in ("test", "train", "all"):
        found = outlines.of_run(run, scene, area, part, 0.5, 1)
        wanted = evaluation.evaluate(run, area=area, threshold=0.5)
        assert {n: wanted[n] for n in outlines.METRICS} == pytest.approx(found["mapped"])
    only = np.where(np.arange(len(part)) == 1, metrics.TEST, metrics.TRAIN)
    assert outlines.of_run(run, scene, "test", only, 0.5, 8)["rows"][-1]["eroded"] is None
