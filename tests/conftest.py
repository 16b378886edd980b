"""Fixtures: a workspace of one's own, a tiny scene, tiny finished runs, the real data."""

import os
from pathlib import Path

import pytest

from core.scene import store
from tests import tiny

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Path:
    """An empty workspace; nothing a test writes reaches the user's."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
    return folder


@pytest.fixture
def tiny_scene(workspace) -> store.Scene:
    return tiny.scene()


@pytest.fixture
def tiny_runs(tiny_scene):
    """Two finished runs, (RS-DR, RS), with real products of a made-up probability."""
    return tiny.run(tiny_scene, "rs-dr", skill=4.0), tiny.run(tiny_scene, "rs", skill=2.0)


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("SLIDESCOPE_TEST_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.exists():
        pytest.skip(f"real data not found in {folder}: set SLIDESCOPE_TEST_DATA")
    return folder
