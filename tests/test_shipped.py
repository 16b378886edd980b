"""The networks that come with the software load, and say what they are."""

import json

import numpy as np
import pytest

from core import atomic, paths
from core.learning import network, shipped
from core.runs import store
from core.runs.config import RunConfig

FOLDERS = sorted(f.parent for f in paths.PRETRAINED.glob("*/config.json"))


def test_all_five_of_the_issue_are_there():
    assert {f.name for f in FOLDERS} == {
        "sample-fcadensenet-rs-dr-shipped",
        "sample-fcadensenet-rs-shipped",
        "sample-fc_densenet-rs-dr-shipped",
        "sample-unet-rs-dr-shipped",
        "sample-fcn-rs-dr-shipped",
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_a_shipped_network_says_that_its_scene_is_synthetic(folder):
    config = RunConfig.from_json(atomic.read_json(folder / "config.json"))
    assert config.synthetic
    assert config.preset == "quick"
    assert ("deformation" in config.factors) == (config.dataset == "rs-dr")


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS[:1] + FOLDERS[-1:], ids=lambda f: f.name)
def test_a_shipped_network_loads_and_predicts_probabilities(folder):
    built, card = network.load(folder / "model")
    tiles = np.random.default_rng(0).normal(size=(1, 128, 128, len(card.channels)))
    found = np.asarray(built(tiles.astype(np.float32), training=False))
    assert found.shape == (1, 128, 128, 1)
    assert ((found >= 0) & (found <= 1)).all()
    assert len(np.unique(found)) > 100


def test_together_they_stay_small():
    assert sum(f.stat().st_size for f in paths.PRETRAINED.rglob("*") if f.is_file()) < 25e6


def test_only_networks_of_the_same_scene_are_offered(tiny_scene):
    assert shipped.available(tiny_scene) == []


def test_packing_keeps_all_that_a_run_needs(tiny_runs, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "PRETRAINED", tmp_path / "pretrained")
    run = tiny_runs[0]
    (run.path / "model").mkdir()
    (run.path / "model" / "model.json").write_text("{}")
    (run.path / "split.json").write_text(json.dumps({"tile": 128}))
    folder = shipped.pack(store.load(run.id))
    assert sorted(p.name for p in folder.iterdir()) == sorted(shipped.PARTS)
