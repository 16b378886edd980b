"""Training, resuming and predicting on a tiny scene, with the real networks (quick preset)."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
import rasterio

from core.learning import products
from core.runs import store as runs

pytestmark = pytest.mark.slow


def core(*argv: str) -> dict:
    """Run a command as a user would and return what it printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "core", *argv, "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_train_predict_measure_and_resume(tiny_scene):
    quick = ["train", "tiny", "--model", "unet", "--dataset", "rs-dr", "--preset", "quick"]
    result = core(*quick, "--epochs", "3")
    run = runs.load(result["run"])
    assert run.state == "done"
    assert [row["epoch"] for row in run.history()] == [1, 2, 3]
    _the_products_agree(run, tiny_scene, result["metrics"])
    _evaluate_says_the_same(result)
    _a_broken_off_run_ends_as_if_never_broken(run, quick)


def _the_products_agree(run, scene, measured):
    folder = run.prediction()
    with rasterio.open(folder / "probability.tif") as file:
        probability = file.read(1)
        assert (file.width, file.height, file.crs) == (384, 256, "EPSG:32648")
    with rasterio.open(folder / "mask.tif") as file:
        mask = file.read(1)
    valid = scene.valid(scene.read())
    assert np.isfinite(probability[valid]).all()
    assert np.isnan(probability[~valid]).all()
    assert (mask[~valid] == 255).all()
    assert (mask[valid] == (probability[valid] >= 0.5)).mean() > 0.9999
    counts, part = products.load_counts(folder)
    assert counts.sum() == valid.sum()
    assert len(part) == 6
    baseline = measured["baseline_rf"]
    assert measured["pixels"] == baseline["pixels"]
    # The planted landslides move: pixels alone tell them apart.
    assert baseline["average_precision"] > 0.5


def _evaluate_says_the_same(result):
    again = core("evaluate", result["run"])
    assert again == result["metrics"]
    assert core("evaluate", result["run"], "--area", "all")["pixels"] > again["pixels"]


def _a_broken_off_run_ends_as_if_never_broken(whole, quick):
    """Kill a second run once its first epoch is on disk, resume it, compare the curves."""
    argv = [sys.executable, "-m", "core", *quick, "--epochs", "3", "--no-predict"]
    known = {run.id for run in runs.runs()}
    worker = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    broken = None
    while broken is None:
        assert worker.poll() is None
        new = [run for run in runs.runs() if run.id not in known and run.history()]
        broken = new[0] if new else None
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    assert runs.load(broken.id).state == "interrupted"
    resumed = core("train", "--resume", broken.id, "--no-predict")
    assert resumed["run"] == broken.id
    rows = runs.load(broken.id).history()
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    reference = whole.history()
    for name in ("loss", "val_loss"):
        curve, unbroken = ([row[name] for row in r] for r in (rows, reference))
        assert curve == pytest.approx(unbroken, rel=1e-3)
