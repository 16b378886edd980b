"""A workspace says which version wrote it."""

import pytest

from core import atomic, workspace
from core.__main__ import main
from core.jobs import store as jobs
from core.runs.request import TrainRequest


def test_an_older_workspace_is_read_and_marked(workspace_folder):
    jobs.create(TrainRequest("a", "unet"))
    assert main(["scenes"]) == 0
    assert atomic.read_json(workspace_folder / workspace.RECORD) == {"format": workspace.FORMAT}


def test_a_newer_workspace_is_refused_in_one_sentence_and_left_alone(workspace_folder, capsys):
    newer = {"format": workspace.FORMAT + 1}
    atomic.write_json(workspace_folder / workspace.RECORD, newer)
    assert main(["runs"]) == 2
    assert "use the version that wrote it" in capsys.readouterr().err
    assert atomic.read_json(workspace_folder / workspace.RECORD) == newer


@pytest.fixture
def workspace_folder(request):
    folder = request.getfixturevalue("workspace")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
