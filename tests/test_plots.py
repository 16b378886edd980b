"""Several scenes under one network, and going on from a trained one."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from core.__main__ import main
from core.commands import parse
from core.errors import SlideScopeError
from core.learning.networks import network, start
from core.learning.tiles import plots
from core.learning.tiles.channels import channels_of, dataset_factors
from core.learning.training import recipe
from core.runs import store as runs
from core.runs.config import RunConfig
from core.runs.request import TrainRequest, repeat
from core.scene import store as scenes
from core.workflows.train import configure
from tests import tiny


def changed(name: str, factor: str, **changes):
    """A copy of the tiny scene whose factor says something else."""
    made = tiny.scene(name)
    factors = [replace(f, **changes) if f.name == factor else f for f in made.factors]
    scenes.save(replace(made, factors=tuple(factors)))
    return scenes.load(name)


def asked(*scene_names: str, **more) -> TrainRequest:
    return TrainRequest(",".join(scene_names), "unet", "rs", **{"preset": "quick", **more})


def test_every_scene_is_split_and_named(tiny_scene):
    tiny.scene("b")
    made = configure(asked("tiny", "b"))
    assert made.config.learned_from == ("tiny", "b")
    assert [plot.scene.name for plot in made.plots] == ["tiny", "b"]
    assert all(len(plot.split.tiles(part)) for plot in made.plots for part in (0, 1, 2))
    assert "trained on b too" in made.config.split_words
    assert RunConfig.from_json(json.loads(json.dumps(made.config.to_json()))) == made.config
    assert repeat(made.config).scene == "tiny,b"
    whole = configure(asked("tiny", test_scene="b"))
    assert not len(whole.home.split.tiles(2)) and len(whole.home.split.tiles(1))


def test_training_tiles_of_all_scenes_count_for_the_epochs(tiny_scene):
    for name in "bcd":
        tiny.scene(name)
    alone, four = (configure(asked(*n)) for n in (["tiny"], ["tiny", "b", "c", "d"]))
    tiles = sum(len(plot.split.tiles(0)) for plot in four.plots)
    # Twice the steps on four times the ground, in batches of 24 squares, 6 tiles' worth.
    assert four.config.epochs == -(-960 // -(-tiles // 6))
    assert alone.config.epochs == 480


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"unit": "percent"}, "its slope is in percent, there it is in °"),
        ({"kind": "categorical"}, "its slope is categorical, there it is continuous"),
    ],
)
def test_scenes_that_mean_different_things_are_refused(tiny_scene, changes, sentence):
    changed("other", "slope", **changes)
    with pytest.raises(SlideScopeError, match=sentence):
        configure(asked("tiny", "other"))
    assert runs.runs() == []


def test_a_scene_without_a_factor_or_an_inventory_is_refused(tiny_scene):
    made = tiny.scene("other")
    scenes.save(replace(made, factors=made.factors[1:]))
    with pytest.raises(SlideScopeError, match="lacks red, and all scenes need the same factors"):
        configure(asked("tiny", "other"))
    scenes.save(replace(made, inventory=None))
    with pytest.raises(SlideScopeError, match="no landslide inventory"):
        configure(asked("tiny", "other"))
    with pytest.raises(SlideScopeError, match="it is a training scene itself"):
        configure(asked("tiny", test_scene="tiny"))
    with pytest.raises(SlideScopeError, match="folds are those of one scene's blocks"):
        configure(asked("tiny", "tiny2", folds=3, fold=1))


def test_classes_of_several_scenes_go_by_name(tiny_scene):
    theirs = {"1": "granite", "2": "basalt", "3": "shale"}
    changed("other", "lithology", legend=theirs)
    made = configure(asked("tiny", "other"))
    legends = [plot.scene.factor("lithology").legend for plot in made.plots]
    assert (
        legends[0] == legends[1] == {"1": "shale", "2": "sandstone", "3": "granite", "4": "basalt"}
    )
    one, two = (np.unique(plot.scene.read(("lithology",))) for plot in made.plots)
    assert set(one[np.isfinite(one)]) == {1, 2, 3}
    assert set(two[np.isfinite(two)]) == {3, 4, 1}


@pytest.mark.parametrize(
    ("crop", "sentence"),
    [
        (160, "the tiles have 128 px and the scene 384 x 256 px"),
        (48, "must be a multiple of 32 px"),
    ],
)
def test_a_square_that_does_not_fit_is_refused(tiny_scene, crop, sentence):
    with pytest.raises(SlideScopeError, match=sentence):
        configure(asked("tiny", crop=crop))
    assert runs.runs() == []


@pytest.fixture
def begun(tiny_scene):
    """A run with an untrained network on RS in its folder, every weight its own number."""
    config = configure(asked("tiny")).config
    channels = channels_of([tiny_scene.factor(n) for n in config.factors], "paper")
    built = network.build(config, len(channels), np.arange(6.0), np.arange(1.0, 7.0), 0.0)
    card = network.ModelCard(
        model="unet",
        preset="quick",
        tile=config.side,
        dataset="rs",
        coding="paper",
        factors=config.factors,
        channels=channels,
        legends=network.legends(tiny_scene, config.factors),
        trainable_parameters=network.parameters(built),
        best_epoch=1,
        best_value=0.5,
        dropout=config.dropout,
    )
    run = runs.create(config, "begun", None)
    network.save(built, card, run.path / "model")
    return built


def kernel(built) -> np.ndarray:
    return np.asarray(start.first_layer(built, built.input_shape[-1]).kernel)


def test_what_fits_keeps_its_weights_and_a_new_factor_says_nothing(begun, tiny_scene):
    names = dataset_factors(tiny_scene, "rs-dr")[1:]  # without red, with the deformation rate
    channels = channels_of([tiny_scene.factor(n) for n in names], "paper")
    config = replace(configure(asked("tiny", seed=9)).config, factors=names)
    built = network.build(config, len(channels), np.full(6, 50.0), np.full(6, 5.0), 0.0)
    legends = network.legends(tiny_scene, names)
    folder = runs.load("begun").path / "model"
    found = start.carry_over(built, channels, legends, folder, keep_zscore=True)
    assert found.new == ("deformation",) and found.dropped == ("red",)
    assert "new, starting at nothing: deformation; dropped: red" in found.words
    np.testing.assert_array_equal(kernel(built)[:, :, :5], kernel(begun)[:, :, 1:])
    assert not kernel(built)[:, :, 5].any()
    mine, theirs = (start._layers(each) for each in (built, begun))
    first = start.first_layer(built, len(channels))
    for one, other in zip(mine, theirs, strict=True):
        if one is first or one.name == "zscore":
            continue
        for weight, value in zip(one.weights, other.weights, strict=True):
            np.testing.assert_array_equal(np.asarray(weight), np.asarray(value))
    zscore = built.get_layer("zscore")
    assert np.asarray(zscore.mean).tolist() == [1, 2, 3, 4, 5, 50]
    assert np.asarray(zscore.std).tolist() == [2, 3, 4, 5, 6, 5]


def test_a_factor_of_other_classes_is_a_new_factor(begun):
    card = start.source("begun").card
    found = start.match(card, ("slope", "lithology"), {"lithology": {"1": "moss", "2": "ice"}})
    assert found.kept == ("slope",) and found.new == ("lithology",)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"start_from": "nobody"}, "No trained network 'nobody'"),
        ({"start_from": "begun", "model": "fcn"}, "only the same network has the same layers"),
        ({"start_from": "begun", "preset": "paper"}, "give --model unet --preset quick"),
        ({"zscore": "kept"}, "add --from RUN or leave --zscore out"),
    ],
)
@pytest.mark.usefixtures("begun")
def test_a_network_that_does_not_fit_is_refused(changes, sentence):
    with pytest.raises(SlideScopeError, match=sentence):
        configure(replace(asked("tiny"), **changes))
    assert [run.id for run in runs.runs()] == ["begun"]


@pytest.mark.usefixtures("begun")
def test_another_unit_and_no_common_factor_are_refused(tiny_scene):
    changed("other", "slope", unit="percent")
    with pytest.raises(
        SlideScopeError, match="learned slope in °, scene 'other' has it in percent"
    ):
        configure(asked("other", start_from="begun"))
    card = start.source("begun").card
    with pytest.raises(SlideScopeError, match="one of them must be the same"):
        start.check(start.source("begun"), card.model, card.preset, tiny_scene, ("deformation",))


@pytest.mark.usefixtures("begun")
def test_the_command_line_knows_both():
    asked = parse(["train", "a,b", "--from", "begun", "--zscore", "kept"])
    assert (asked.scene, asked.start_from, asked.zscore) == ("a,b", "begun", "kept")
    request = TrainRequest("tiny", "unet", start_from="begun", zscore="kept")
    assert "--from begun --zscore kept" in request.command()
    made = configure(parse(["train", "tiny", "--from", "begun", "--dataset", "rs"]))
    assert (made.config.model, made.config.preset) == ("unet", "quick")
    assert any("Going on from begun: keeps its weights for red" in note for note in made.notes)


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.usefixtures("begun")
def test_a_training_on_two_scenes_goes_on_from_a_network_and_is_tested_on_a_third(
    capsys, monkeypatch
):
    monkeypatch.setattr(recipe, "BATCHES", 4)  # forty take longer than the training
    for name in "bc":
        tiny.scene(name)
    argv = ["train", "tiny,b", "--from", "begun", "--dataset", "rs-dr", "--test-scene", "c"]
    assert main([*argv, "--epochs", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    run = runs.load(found["run"])
    assert found["scene"] == "tiny,b"
    assert found["metrics"]["scene"] == "c" and found["metrics"]["area"] == "all"
    assert "c, none of it seen" in found["metrics"]["area_words"]
    assert sorted(f.name for f in run.path.glob("split*.json")) == ["split-b.json", "split.json"]
    assert run.model_card()["tile"] == 64
    assert len(plots.of_run(run)) == 2
    # Scenes that were learned from are no unseen ones.
    assert main(["predict", run.id, "--scene", "b", "--json"]) == 0
    assert main(["evaluate", run.id, "--scene", "b", "--area", "test", "--json"]) == 2
    assert main(["evaluate", run.id, "--scene", "b", "--area", "validation", "--json"]) == 0
    # What it began from may go.
    runs.delete("begun")
    shutil.rmtree(run.prediction("c"))
    capsys.readouterr()
    assert main(["train", "--resume", run.id, "--json"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again["metrics"]["f1"] == found["metrics"]["f1"]
