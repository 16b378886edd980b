"""Named datasets: stored, checked, and what a training is configured with."""

import pytest

from core.commands import parse
from core.errors import SlideScopeError
from core.learning.tiles import channels
from core.scene import datasets
from core.workflows.train import configure


def arguments(*argv: str):
    return parse(["train", *argv])


def test_a_dataset_is_stored_in_channel_order(tiny_scene):
    saved = datasets.save(tiny_scene, "Terrain", ["slope", "elevation", "slope"])
    assert saved == {"name": "terrain", "factors": ["elevation", "slope"]}
    assert datasets.names() == ["terrain"]
    assert channels.dataset_factors(tiny_scene, "terrain") == ("elevation", "slope")
    assert datasets.fitting(tiny_scene) == {"terrain": ("elevation", "slope")}
    datasets.delete("terrain")
    assert datasets.names() == []


def test_a_training_takes_it_by_name(tiny_scene):
    datasets.save(tiny_scene, "地形", ["elevation", "slope", "deformation"])
    asked = arguments("tiny", "--model", "unet", "--preset", "quick", "--dataset", "地形")
    config = configure(asked).config
    assert config.dataset == "地形"
    assert config.factors == ("elevation", "slope", "deformation")


def test_the_predefined_stay_as_they_are(tiny_scene):
    assert channels.dataset_factors(tiny_scene, "rs-dr") == tiny_scene.factor_names
    with pytest.raises(SlideScopeError, match="is not rs or rs-dr"):
        datasets.save(tiny_scene, "RS", ["slope"])


@pytest.mark.parametrize("name", ["a/b", "", "-x", "a" * 25, ".."])
def test_a_name_that_is_none(tiny_scene, name):
    with pytest.raises(SlideScopeError, match="Invalid dataset name"):
        datasets.save(tiny_scene, name, ["slope"])


def test_factors_have_to_be_there(tiny_scene):
    with pytest.raises(SlideScopeError, match="has no factor 'rock'"):
        datasets.save(tiny_scene, "mine", ["rock"])
    with pytest.raises(SlideScopeError, match="needs at least one"):
        datasets.save(tiny_scene, "mine", [])


def test_a_scene_without_them_is_told(tiny_scene):
    from tests import stack

    datasets.save(tiny_scene, "mine", ["slope", "nir"])
    other = stack.scene({"slope": tiny_scene.read(["slope"])[..., 0]})
    assert datasets.fitting(other) == {}
    with pytest.raises(SlideScopeError, match="lacks nir of dataset 'mine'"):
        channels.dataset_factors(other, "mine")


def test_an_unknown_one_lists_those_there_are(tiny_scene):
    datasets.save(tiny_scene, "mine", ["slope"])
    with pytest.raises(SlideScopeError, match=r"Unknown dataset 'yours'.*rs-dr \(with it\), mine"):
        channels.dataset_factors(tiny_scene, "yours")
    with pytest.raises(SlideScopeError, match="Unknown dataset"):
        datasets.delete("../mine")
