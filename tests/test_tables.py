"""The paper's tables and ours."""

import csv
import io

import pytest

from core import paper
from core.learning.scores.metrics import confusion_scores
from core.runs import tables


def test_landslide_iou_of_the_paper_agrees_with_the_notes():
    printed = [0.4304, 0.3851, 0.4990, 0.6143]
    computed = [row["iou_landslide"] for row in paper.TABLE_3.values()]
    assert computed == pytest.approx(printed, abs=2e-4)
    assert paper.TABLE_4["rs"]["iou_landslide"] == pytest.approx(0.5086, abs=2e-4)


@pytest.mark.parametrize("model", paper.TABLE_3)
def test_f1_of_the_paper_follows_from_its_precision_and_recall(model):
    row = paper.TABLE_3[model]
    f1 = 2 * row["precision"] * row["recall"] / (row["precision"] + row["recall"])
    assert f1 == pytest.approx(row["f1"], abs=2e-4)


def test_the_footnote_on_kappa_of_fc_densenet_holds():
    row = paper.TABLE_3["fc_densenet"]
    landslide, other = 1_000_000, 223_000_000
    tp = round(row["recall"] * landslide)
    fp = round(tp / row["precision"]) - tp
    kappa = confusion_scores(tp, fp, landslide - tp, other - fp)["kappa"]
    assert kappa == pytest.approx(0.6642, abs=3e-4)
    assert any("0.6642" in note for note in paper.NOTES_3)


def test_table_2_tolerance_is_one_over_vif():
    for vif, tol in paper.TABLE_2.values():
        assert 1 / vif == pytest.approx(tol, abs=1.1e-3)


def test_gain_of_the_paper_in_points_and_percent():
    found = tables.gain(tables.paper_datasets())
    assert found.points["f1"] == pytest.approx(8.68)
    assert found.percent["f1"] == pytest.approx(12.87, abs=0.01)
    assert "average_precision" not in found.points


def test_no_gain_from_one_dataset(tiny_runs):
    assert tables.gain(tables.our_datasets(tables.newest(tiny_runs[:1]))) is None


def test_a_gain_over_nothing_has_no_percent():
    rows = [tables.Row("RS", {"f1": 0.0}), tables.Row("RS-DR", {"f1": 0.5})]
    assert tables.gain(rows).percent["f1"] is None


def test_rows_without_a_run_stay_empty(tiny_runs):
    rows = {row.label: row for row in tables.our_models(tables.newest(tiny_runs))}
    assert rows["FCN"].values == {}
    assert rows["FCADenseNet"].values["f1"] == tiny_runs[0].metrics()["f1"]


def test_a_baseline_never_counts_as_the_best():
    rows = [
        tables.Row("a", {"f1": 0.4}),
        tables.Row("b", {"f1": 0.5}),
        tables.Row(tables.BASELINES["baseline_rf"], {"f1": 0.9}, beside=True),
    ]
    assert tables.best(rows, "f1") == 0.5


def test_one_row_alone_is_not_the_best():
    assert tables.best([tables.Row("a", {"f1": 0.4}), tables.Row("b")], "f1") is None


def test_csv_states_area_split_and_that_the_scene_is_synthetic(tiny_runs):
    rows = list(csv.DictReader(io.StringIO(tables.to_csv(tiny_runs))))
    ours = [row for row in rows if row["source"] == "run"]
    assert [row["area"] for row in ours] == ["test", "test"]
    assert [row["split"] for row in ours] == ["block", "block"]
    assert [row["synthetic"] for row in ours] == ["True", "True"]
    assert len(rows) == 5 + 2
    assert float(ours[0]["f1"]) == pytest.approx(tiny_runs[0].metrics()["f1"], abs=1e-6)
