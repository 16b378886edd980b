"""The second baseline: gradient boosting with windows, on the same tiles."""

import shutil

import numpy as np
import pytest

from core.jobs.report import silent
from core.learning import split
from core.learning.scores import baseline, booster, evaluation, metrics
from core.learning.tiles.tiling import tiling_of
from core.runs import store as runs
from core.runs import tables
from core.scene import store as scenes
from tests import tiny


@pytest.fixture(scope="module")
def boosted(tmp_path_factory):
    """Folder of a workspace with a run that has both baselines: fitting them takes seconds."""
    folder = tmp_path_factory.mktemp("boosted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        scene = tiny.scene()
        run = tiny.run(scene, "rs-dr", 3.0)
        baseline.fit_and_count(run, [(scene, split.load(run.path / "split.json"))])
    return folder


@pytest.fixture
def measured(boosted, workspace):
    """A run with both baselines, and its split."""
    shutil.copytree(boosted, workspace)
    (run,) = runs.runs()
    return run, split.load(run.path / "split.json")


def test_it_is_counted_on_the_pixels_of_the_test_part_alone(measured):
    run, parts = measured
    with np.load(run.path / "baseline_gbm" / "counts.npz") as file:
        counts = file["counts"]
    table = split.tile_table(scenes.load("tiny"), parts.tiling)
    tests = parts.tiles(metrics.TEST)
    assert (counts[tests].sum(axis=(1, 2)) == table.valid[tests]).all()
    assert (counts[tests][..., 1].sum(axis=1) == table.landslide[tests]).all()
    assert counts.sum() == table.valid[tests].sum()


def test_evaluate_has_it_beside_the_forest(measured):
    run, _ = measured
    found = evaluation.evaluate(run)
    assert found["baseline_gbm"]["pixels"] == found["baseline_rf"]["pixels"] == found["pixels"]
    # The planted landslides move, and their neighbours too.
    assert found["baseline_gbm"]["average_precision"] > 0.5
    assert evaluation.evaluate(run, area="train")["baseline_gbm"] is None
    assert evaluation.evaluate(run, area="train")["baseline_rf"]
    assert [row.label for row in tables.baselines(found)] == list(tables.BASELINES.values())


def test_a_run_without_it_says_so(tiny_runs):
    assert evaluation.evaluate(tiny_runs[0])["baseline_gbm"] is None


def test_another_run_on_the_same_tiles_and_factors_takes_it_over(measured, monkeypatch):
    (run, parts), scene = measured, scenes.load("tiny")
    other = tiny.run(scene, "rs-dr", 2.0, model="unet", coding="recommended")
    monkeypatch.setattr(booster, "count", None)
    baseline.fit_and_count(other, [(scene, parts)])
    both = [(r.path / "baseline_gbm" / "counts.npz").read_bytes() for r in (run, other)]
    assert both[0] == both[1]


def test_a_training_part_without_a_landslide_gives_probability_0(tiny_scene):
    """Its landslides may all lie in the buffer."""
    tiling = tiling_of(tiny_scene)
    part = np.full(len(tiling), metrics.TEST, np.uint8)
    part[4] = metrics.TRAIN
    assert split.tile_table(tiny_scene, tiling).landslide[4] == 0
    parts = split.Split(tiling, part, 0)
    counts = booster.count([(tiny_scene, parts)], (tiny_scene, parts), ("red", "slope"), silent)
    assert counts[:, 0].sum() == counts.sum() > 0
