"""The card of a model: what it must say, and which scenes it fits by name, unit and class."""

from dataclasses import replace

import pytest

from core.errors import SlideScopeError
from core.learning.networks import card
from core.learning.tiles.channels import channels_of


def card_of(scene, **changes):
    made = card.ModelCard(
        model="unet",
        preset="quick",
        tile=128,
        dataset="rs-dr",
        coding="paper",
        factors=scene.factor_names,
        channels=channels_of(scene.factors, "paper"),
        legends={"lithology": dict(scene.factor("lithology").legend)},
        trainable_parameters=10,
        best_epoch=1,
        best_value=0.5,
    )
    return replace(made, **changes)


def test_a_card_comes_back_from_json(tiny_scene):
    made = card_of(tiny_scene)
    assert card.read(made.to_json()) == made
    assert made.line_of_sight == card.SIGN


def test_a_card_of_a_later_version_is_read(tiny_scene):
    made = card_of(tiny_scene)
    assert card.read({**made.to_json(), "added_later": 1}) == made


def test_without_deformation_there_is_no_sign(tiny_scene):
    assert card_of(tiny_scene, factors=("red",), channels=()).line_of_sight is None


SPOILT = {
    "multiple of 32": {"tile": 100},
    "up to 1024": {"tile": 1 << 20},
    "dataset 'op/tical'": {"dataset": "op/tical"},
    "0 channels": {"channels": []},
    "513 channels": {"channels": [{"factor": "red"}] * 513},
    "belongs to none of its factors": {"channels": [{"factor": "gold"}]},
    "no short text": {"factors": ["x" * 99]},
    "encoder is no short text": {"encoder": ["x"]},
    "legends": {"legends": {"lithology": {"1": 7}}},
    "best_epoch is 'last', no whole number": {"best_epoch": "last"},
    "no card": {"channels": 7},
}


@pytest.mark.parametrize("words", SPOILT)
def test_a_spoilt_card_is_refused_in_one_sentence(tiny_scene, words):
    with pytest.raises(SlideScopeError, match=words):
        card.read({**card_of(tiny_scene).to_json(), **SPOILT[words]})


@pytest.mark.parametrize("value", [None, [], "text", {}, {"channels": []}])
def test_what_is_no_card_is_refused(value):
    with pytest.raises(SlideScopeError, match="no card of a SlideScope network"):
        card.read(value)


def test_the_own_scene_fits(tiny_scene):
    assert card.fits(card_of(tiny_scene), tiny_scene) is None


def changed(scene, name, **changes):
    """The scene with one factor changed."""
    factors = (replace(f, **changes) if f.name == name else f for f in scene.factors)
    return replace(scene, factors=tuple(factors))


def test_other_scenes_are_refused_by_factor_unit_class_and_sign(tiny_scene):
    model = card_of(tiny_scene)
    lacking = replace(tiny_scene, factors=tiny_scene.factors[:-1])
    assert "lacks deformation" in card.fits(model, lacking)
    feet = changed(tiny_scene, "elevation", unit="ft")
    assert "'elevation' of scene 'tiny' is in ft" in card.fits(model, feet)
    other = changed(tiny_scene, "lithology", legend={"1": "basalt"})
    assert "classes of 'lithology' differ" in card.fits(model, other)
    away = replace(model, line_of_sight="positive away from the satellite")
    assert "signs must be the same" in card.fits(away, tiny_scene)


def test_order_does_not_matter_names_do(tiny_scene):
    turned = replace(tiny_scene, factors=tiny_scene.factors[::-1])
    assert card.fits(card_of(tiny_scene), turned) is None
