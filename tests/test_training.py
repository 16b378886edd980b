"""Training, resuming and predicting on a tiny scene, with the real networks (quick preset)."""

import json
import shlex
import subprocess
import sys

import numpy as np
import pytest
import rasterio

from core.__main__ import main
from core.commands import parse
from core.learning.prediction import products
from core.runs import store as runs
from core.runs.settings import BY_NAME
from tests.faults import checks, trainings
from tests.faults.worker import Moment

pytestmark = pytest.mark.slow


def core(*argv: str) -> dict:
    """Run a command as a user would and return what it printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "core", *argv, "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_train_predict_measure_and_resume(tiny_scene, capsys):
    result = core(*trainings.TRAIN, "--epochs", "3")
    run = runs.load(result["run"])
    assert run.state == "done"
    assert [row["epoch"] for row in run.history()] == [1, 2, 3]
    _the_products_agree(run, tiny_scene, result["metrics"])
    _evaluate_says_the_same(result, capsys)
    _the_command_names_every_setting(run, result["command"])
    _killed_it_ends_as_if_never_broken(run)


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


def _evaluate_says_the_same(result, capsys):
    found = []
    for area in ([], ["--area", "all"]):
        capsys.readouterr()
        assert main(["evaluate", result["run"], *area, "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
    assert found[0] == result["metrics"]
    assert found[1]["pixels"] > found[0]["pixels"]


def _the_command_names_every_setting(run, command):
    args = parse(shlex.split(command)[3:])
    for name in ("scene", "model", "dataset", "preset", "split", "seed", "coding", *BY_NAME):
        assert getattr(args, name) == getattr(run.config, name)


def _killed_it_ends_as_if_never_broken(whole):
    """In the second epoch (`make test-faults`: at fifty moments)."""
    moments = [Moment("stage:Training: epoch 2", 0.1)]
    broken, kills = trainings.chain(3, iter(moments), limit=1)
    assert [(kill.state, kill.epochs) for kill in kills] == [("interrupted", 1)]
    assert runs.load(broken).state == "done"
    assert len(runs.load(broken).history()) == 3
    # Decisions, "Checkpoints": loss within 1e-5; measured on a CPU: no difference at all.
    assert max(checks.farthest(broken, whole.id).values()) < 1e-5
