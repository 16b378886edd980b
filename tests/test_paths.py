"""Names fit every file system, and what is derived from them is a name too."""

from dataclasses import replace

import pytest

from core import paths
from core.errors import InvalidName
from core.runs import store as runs
from core.workflows import train
from tests import tiny

END = "20260101-120000-ab12"


@pytest.mark.parametrize("name", ["kashmir_2005", "坡度", "a" * 64, "console", "com10", "2005.v2"])
def test_a_name_passes(name):
    assert paths.check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", "a" * 65, "𠀀" * 51, "end.", "../up", ".hidden", "a b", "a/b"),
        *("con", "NUL", "Aux.txt", "COM1", "lpt9.tif", "com²"),
    ],
)
def test_a_name_fails_in_one_sentence(name):
    with pytest.raises(InvalidName, match="Invalid name") as refused:
        paths.check_name(name)
    assert str(refused.value).count(". ") == 0


@pytest.mark.parametrize("scene", ["s", "s" * 26, "s" * 64, "坡" * 64, "𠀀" * 50, "s." * 31 + "s"])
def test_what_is_derived_from_any_scene_is_a_name(scene):
    found = paths.derived_name(scene, "fcadensenet", "a-dataset-of-24-letters-", end=END)
    assert paths.check_name(found) == found
    assert found.endswith(END) and "fcadensenet" in found


def test_a_longer_id_of_an_earlier_version_still_opens(tiny_scene):
    made = tiny.run(tiny_scene, "rs", 2.0)
    long = "r" * 90
    made.path.rename(made.path.with_name(long))
    assert runs.load(long).id == long
    assert [run.id for run in runs.runs()] == [long]


def test_a_run_of_a_scene_with_the_longest_name_can_be_loaded(tiny_scene):
    settings = replace(tiny.run(tiny_scene, "rs", 2.0).config, scene="s" * 64)
    with pytest.raises(InvalidName):
        runs.create(settings, "s" * 65, None)
    again = runs.create(settings, train._run_id(settings), None)
    assert runs.load(again.id).config == settings
