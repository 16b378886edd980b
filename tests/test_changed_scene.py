"""A scene that was replaced meanwhile: what began with its pixels does not go on with others."""

import json
import os
from dataclasses import replace

import pytest

from core import atomic, processes
from core.__main__ import main
from core.errors import SlideScopeError
from core.experiments import conduct
from core.experiments import store as experiments
from core.experiments.arms import Arm
from core.experiments.request import request
from core.jobs import store as jobs
from core.jobs.report import silent
from core.learning.networks import turn
from core.learning.prediction import products
from core.learning.tiles import plots
from core.runs.request import KFoldRequest, TrainRequest
from core.scene import store as scenes
from core.workflows import in_use, kfold, train
from core.workflows.experiment import configurations
from tests import tiny

SAID = "Scene 'tiny' was replaced while this was at work on it: its pixels are others now"


def put_another(name: str = "tiny") -> None:
    """Another import of that name, as far as anybody can tell."""
    scenes.save(replace(scenes.load(name), fingerprint="another"))


def test_what_was_loaded_before_is_told_from_what_is_there(tiny_scene):
    scenes.check_same(tiny_scene)
    put_another()
    with pytest.raises(SlideScopeError, match=SAID):
        scenes.check_same(tiny_scene)


def test_a_training_that_waited_does_not_begin_on_another_scene(tiny_scene, monkeypatch):
    def wait(report):
        put_another()
        return turn.Lease(tiny_scene.path / "lock")

    monkeypatch.setattr(turn, "wait", wait)
    with pytest.raises(SlideScopeError, match=SAID):
        train.run(TrainRequest("tiny", "unet", preset="quick"), silent)


def test_no_map_is_made_of_two_scenes(tiny_runs, tiny_scene):
    run, folder = tiny_runs[0], tiny_runs[0].prediction()
    put_another()
    with pytest.raises(SlideScopeError, match=SAID):
        products.finish(run, tiny_scene, folder, ("probability",), {"flips": 1})


def test_a_map_of_an_earlier_import_is_not_scored_against_the_new_one(tiny_runs, capsys):
    assert main(["evaluate", tiny_runs[0].id]) == 0
    put_another()
    assert main(["evaluate", tiny_runs[0].id]) == 2
    said = capsys.readouterr().err.strip()
    assert "is of an earlier import of scene 'tiny'" in said and said.endswith("again first.")


def test_a_k_fold_and_an_experiment_end_before_the_next_training(tiny_scene, monkeypatch):
    monkeypatch.setattr(kfold, "_alike", lambda *any_: put_another() or [])
    monkeypatch.setattr(kfold, "_train", lambda *any_: tiny.run(tiny_scene, "rs", 2.0))
    with pytest.raises(SlideScopeError, match="has changed since this k-fold began"):
        kfold.run(KFoldRequest("tiny", "unet", preset="quick", folds=2), silent)

    asked = request("tiny", (Arm("unet", "rs"), Arm("unet", "rs-dr")), 1, preset="quick", epochs=3)
    configs = configurations(asked)
    begun = experiments.create(asked, scenes.load("tiny"), None)
    scenes.save(replace(scenes.load("tiny"), fingerprint="a third"))
    with pytest.raises(SlideScopeError, match=f"has changed since experiment '{begun.id}' began"):
        conduct.conduct(begun, configs, silent)


def test_the_sentence_names_whose_scene_it_is(tiny_runs):
    put_another()
    with pytest.raises(SlideScopeError, match="since run 'a' began: a run goes on only with the"):
        plots.check_unchanged(tiny_runs[0].config, "run 'a'", "a run", "train again")


def test_the_mask_of_a_scene_in_use_is_not_changed(tiny_scene, capsys):
    job = jobs.create(TrainRequest("tiny", "unet"))
    mine = {"pid": os.getpid(), "process_started": processes.identity(os.getpid())}
    atomic.write_json(job.folder / "status.json", {"state": "running", **mine})
    with pytest.raises(SlideScopeError, match="Scene 'tiny' is in use"):
        in_use.check_free("tiny")
    assert main(["mask", "tiny", "--json"]) == 2
    assert "Scene 'tiny' is in use" in capsys.readouterr().err
    assert json.loads((tiny_scene.path / "scene.json").read_text())["fingerprint"] == "tiny"
