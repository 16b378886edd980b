"""Callers tell what is not there from what is damaged, and both from any other refusal."""

import pytest

from core import paths
from core.errors import Damaged, InvalidName, NotFound, SlideScopeError
from core.experiments import store as experiments
from core.jobs import store as jobs
from core.runs import store as runs
from core.scene import inventory
from core.scene import store as scenes
from core.scene.files import guard


@pytest.mark.parametrize("load", [scenes.load, runs.load, jobs.read, experiments.load])
def test_what_is_not_there_is_said_to_be_not_there(load, workspace):
    with pytest.raises(NotFound, match=r"No .*nowhere"):
        load("nowhere")


def test_a_version_that_is_not_there_is_said_to_be_not_there(tiny_scene):
    with pytest.raises(NotFound, match=r"no inventory version 9"):
        inventory.at(tiny_scene, 9)


def test_nothing_can_be_of_an_invalid_name():
    with pytest.raises(InvalidName):
        paths.check_name("../a")
    assert issubclass(InvalidName, NotFound)


def test_a_damaged_raster_is_no_missing_one(tmp_path):
    file = tmp_path / "dem.tif"
    file.write_bytes(b"II*\0" + b"\xff" * 400)
    with pytest.raises(Damaged, match=r"'dem.tif' cannot be read"):
        guard.open_raster(str(file))
    assert not issubclass(Damaged, NotFound) and issubclass(Damaged, SlideScopeError)
