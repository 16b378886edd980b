"""Fixtures: a workspace of one's own, a tiny scene, tiny finished runs, the real data."""

# First, as in the command line: numpy chooses its kernels when it is loaded, and a test that starts
# a command would otherwise compare two arithmetics.
import core.arithmetic  # noqa: F401, I001
import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from core.runs import store as runs
from core.scene import store
from tests import tiny

PROJECT = Path(__file__).resolve().parents[1]
FSYNC = os.fsync


def pytest_configure(config) -> None:
    """Plain pixel grids are welcome. Here and not in pyproject.toml: pytest would load rasterio,
    and with it numpy, before the line above."""
    config.addinivalue_line("filterwarnings", "ignore::rasterio.errors.NotGeoreferencedWarning")


def pytest_collection_modifyitems(config, items) -> None:
    """Sweeps are left to `make test-faults`; files with slow tests come first: a worker that begins
    one last keeps the others waiting."""
    if not os.environ.get("SLIDESCOPE_SWEEP"):
        left = [item for item in items if item.get_closest_marker("sweep")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through it again and again."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_the_disk():
    """No test loses power: thousands of waits for the disk, minutes in all, are left out, but in
    other processes and in files marked `synced`."""
    with pytest.MonkeyPatch.context() as patch:
        # It fails, too, for a handle that is none.
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(autouse=True)
def wait_for_the_disk(request, monkeypatch) -> None:
    if request.node.get_closest_marker("synced"):
        monkeypatch.setattr(os, "fsync", FSYNC)


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Iterator[Path]:
    """An empty workspace; nothing a test writes reaches the user's. What still works in it when the
    test is over is ended: a job that nobody waits for keeps a core busy for minutes."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
    # The same maps on every processor, and no time for asking each tiny network.
    monkeypatch.setenv("SLIDESCOPE_PRECISION", "f32")
    yield folder
    _end_workers({job.name for job in folder.glob("jobs/*")})


def _end_workers(jobs: set[str]) -> None:
    for process in psutil.process_iter(["cmdline"]) if jobs else ():
        *_, action, name = ("", "", *(process.info["cmdline"] or ()))
        if action == "work" and name in jobs:
            with suppress(psutil.Error):
                process.kill()


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """A workspace with the tiny scene and `tiny_runs`: copying it takes less than making it."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        scene = tiny.scene()
        tiny.run(scene, "rs-dr", skill=4.0)
        tiny.run(scene, "rs", skill=2.0)
    return folder


@pytest.fixture
def tiny_scene(workspace, built) -> store.Scene:
    shutil.copytree(built / "scenes", workspace / "scenes")
    return store.load("tiny")


@pytest.fixture
def tiny_runs(tiny_scene, workspace, built):
    """Two finished runs, (RS-DR, RS), with real products of a made-up probability."""
    shutil.copytree(built / "runs", workspace / "runs")
    return tuple(runs.load(f"tiny-fcadensenet-{d}-made-up") for d in ("rs-dr", "rs"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("SLIDESCOPE_TEST_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.exists():
        pytest.skip(f"real data not found in {folder}: set SLIDESCOPE_TEST_DATA")
    return folder
