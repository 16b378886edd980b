"""Classes go by name: a scene reads in the codes of whoever learned first."""

from dataclasses import replace

import numpy as np

from core.learning.tiles import channels

MINE = {"1": "shale", "2": "sandstone", "3": "granite"}
THEIRS = {"1": "granite", "2": "basalt", "3": "shale"}


def relabelled(scene, legend):
    factors = [replace(f, legend=legend) if f.name == "lithology" else f for f in scene.factors]
    return replace(scene, factors=tuple(factors))


def test_the_same_legend_changes_nothing():
    assert channels.changes(MINE, MINE) == {}


def test_a_known_class_takes_its_code_and_a_new_one_a_free_code():
    assert channels.changes(THEIRS, MINE) == {1.0: 3.0, 2.0: 4.0, 3.0: 1.0}


def test_two_codes_of_one_name_become_one():
    assert channels.changes({"1": "shale", "9": "shale"}, MINE) == {9.0: 1.0}


def test_a_recoded_scene_reads_in_the_other_codes(tiny_scene):
    other = relabelled(tiny_scene, THEIRS)
    found = channels.recoded(other, {"lithology": MINE})
    assert found.factor("lithology").legend == {**MINE, "4": "basalt"}
    before, after = (s.read(("slope", "lithology")) for s in (other, found))
    np.testing.assert_array_equal(before[..., 0], after[..., 0])
    for old, new in {1: 3, 2: 4, 3: 1}.items():
        assert (after[..., 1][before[..., 1] == old] == new).all()
    # Nothing but reading has changed.
    np.testing.assert_array_equal(found.read_mask(), other.read_mask())


def test_a_scene_with_the_models_own_legend_is_left_alone(tiny_scene):
    twice = {"1": "shale", "2": "shale", "3": "granite"}
    other = relabelled(tiny_scene, twice)
    found = channels.recoded(other, {"lithology": twice})
    np.testing.assert_array_equal(found.read(), other.read())


def test_several_scenes_get_one_legend(tiny_scene):
    other = relabelled(tiny_scene, THEIRS)
    found = channels.of_scenes((tiny_scene, other), ("slope", "lithology"), {})
    assert found == {"lithology": {**MINE, "4": "basalt"}}
    first = {"lithology": {"7": "basalt"}}
    found = channels.of_scenes((tiny_scene,), ("lithology",), first)
    assert found == {"lithology": {"7": "basalt", **MINE}}
