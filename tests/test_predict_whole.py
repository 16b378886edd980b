"""`predict RUN --uncertainty`, from the network's file to the layers of the map."""

import json
import shutil

import numpy as np
import pytest
import rasterio

from core import atomic
from core.__main__ import main
from core.learning import split
from core.learning.networks import network
from core.learning.prediction import windows
from core.learning.tiles.tiling import tiling_of
from core.maps import layers, sides
from core.runs import store as runs
from tests import tiny


@pytest.fixture
def run(tiny_scene, tiny_runs):
    """A run with an untrained U-Net that answers between its classes."""
    run = tiny_runs[0]
    tiny.untrained(run, tiny_scene)
    tiling = tiling_of(tiny_scene)
    part = np.array([0, 2, 0, 0, 1, 2], np.uint8)
    split.save(split.Split(tiling, part, 0), run.path / "split.json")
    return run


@pytest.mark.slow
def test_a_prediction_with_uncertainty_shows_on_the_map(tiny_scene, run, tiny_runs, capsys):
    assert main(["predict", run.id, "--uncertainty", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["uncertainty"] and found["landslide_pixels"] > 0
    folder = run.prediction()
    with (
        rasterio.open(folder / "uncertainty.tif") as spread,
        rasterio.open(folder / "probability.tif") as probability,
    ):
        u, p = spread.read(1), probability.read(1)
    np.testing.assert_array_equal(np.isnan(u), np.isnan(p))
    assert 0 < np.nanmax(u) <= 0.5
    assert {"ece", "reliability"} < set(atomic.read_json(folder / "metrics.json"))
    layer = next(s for s in layers.uncertainty_layers(tiny_scene))
    assert layer.id in sides.sides_of(tiny_scene)
    assert layers.run_raster(run.id, tiny_scene.name, "uncertainty").exists()
    assert not list(folder.parent.glob(".*.partial"))

    # Predicting again without it takes the layer away: it would belong to another prediction.
    assert "cost" not in atomic.read_json(folder / "made_of.json")
    assert main(["predict", run.id, "--json"]) == 0
    made_of = atomic.read_json(folder / "made_of.json")
    assert made_of["weights"] == windows.sha256(run.path / "model" / network.WEIGHTS).hex()
    assert made_of["cost"]["seconds"] > 0 and "CPU" in made_of["cost"]["device"]
    assert layers.uncertainty_layers(tiny_scene) == ()
    assert made_of["precision"] == "f32"
    assert made_of["flips"] == 1 and run.prediction_is_current()

    # Several looks: another map, which everything that shows or scores it says.
    plain = rasterio.open(folder / "probability.tif").read(1)
    assert main(["predict", run.id, "--flips", "4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["flips"] == 4 and found["seconds"] > 0
    assert run.flips() == 4 and not run.prediction_is_current()
    mean = rasterio.open(folder / "probability.tif").read(1)
    assert 0 < np.nanmax(np.abs(mean - plain)) < 1
    assert run.metrics()["flips"] == 4
    titles = {layer.id: layer.title for layer in layers.prediction_layers(tiny_scene)}
    assert titles[f"run:{run.id}"] == "FCADenseNet · RS-DR · 4 looks"

    # An average takes that map as it is; the other member predicts for the average alone.
    other = tiny_runs[1]
    shutil.copytree(run.path / "model", other.path / "model")
    shutil.copyfile(run.path / "split.json", other.path / "split.json")
    before = rasterio.open(other.prediction() / "probability.tif").read(1)
    assert main(["predict", f"{run.id},{other.id}", "--flips", "4", "--json"]) == 0
    average = runs.load(json.loads(capsys.readouterr().out.splitlines()[-1])["run"])
    # Both have the same weights here, so the mean is the map of either.
    joined = rasterio.open(average.prediction() / "probability.tif").read(1)
    np.testing.assert_allclose(joined, mean, atol=1e-6)
    after = rasterio.open(other.prediction() / "probability.tif").read(1)
    np.testing.assert_array_equal(after, before)
    assert average.flips() == 4 and not list(average.path.glob(".members"))
