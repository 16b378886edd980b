"""A disk that is full, or nearly: one sentence, and nothing half written."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import rasterio

from core import atomic, disk, paths
from core.errors import Damaged, SlideScopeError
from core.jobs import reasons, store
from core.jobs.report import working
from core.learning.networks import bundle
from core.learning.training import checkpoint
from core.runs.request import TrainRequest
from core.scene.files import uploads

pytestmark = pytest.mark.synced

Usage = namedtuple("Usage", "total used free")
PROJECT = Path(__file__).resolve().parents[1]
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(params=[600_000, 3_000_000], ids=["600 kB", "3 MB"])
def little(request, monkeypatch):
    """So many bytes are left."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9, request.param))
    return request.param


class Network:
    """What a checkpoint asks of a network: its variables, 8 MB of them."""

    variables = (np.zeros((1000, 1000), np.float32),) * 2
    optimizer = type("Optimizer", (), {"variables": ()})

    def save_weights(self, path):
        raise AssertionError("nothing may be written")


def test_a_checkpoint_is_not_begun_without_room(little, tmp_path):
    with pytest.raises(SlideScopeError, match=r"disk is full: a checkpoint needs 10\.1 MB and"):
        checkpoint.save(Network(), checkpoint.Progress(), tmp_path / "last")
    assert list(tmp_path.iterdir()) == []


def test_an_upload_is_not_begun_without_room(little, workspace):
    with pytest.raises(SlideScopeError, match=r"disk is full: 'dem\.tif' needs"):
        uploads.save_upload("one", "dem.tif", b"x" * little)
    with pytest.raises(SlideScopeError, match="disk is full: the uploaded network needs"):
        bundle.keep([("net.zip", b"x" * little)])
    # The log of changes says that both were refused.
    assert [p for p in (workspace / "uploads").rglob("*") if p.is_file()] == []


def test_a_network_that_is_unpacked_onto_a_full_disk_is_not_called_broken():
    with pytest.raises(OSError, match="No space"), bundle._readable(Path("network.zip")):
        raise FULL
    with pytest.raises(SlideScopeError, match="cannot be read"), bundle._readable(Path("n.zip")):
        raise EOFError


def test_room_is_asked_for_where_a_folder_is_still_to_be_made(tmp_path):
    disk.check_room(tmp_path / "a" / "b", 1000, "it")


def test_a_full_disk_leaves_the_old_and_nothing_half_written(tmp_path, monkeypatch):
    atomic.write_json(tmp_path / "a.json", {"old": 1})
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(FULL))
    with pytest.raises(OSError, match="No space"):
        atomic.write_json(tmp_path / "a.json", {"new": 1})
    with pytest.raises(OSError, match="No space"), atomic.whole_folder(tmp_path / "last") as folder:
        (folder / "weights").write_text("1")
    with pytest.raises(OSError, match="No space"), atomic.whole_file(tmp_path / "b.tif") as file:
        file.write_text("1")
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    assert atomic.read_json(tmp_path / "a.json") == {"old": 1}


def _raster(path: Path) -> None:
    values = np.random.default_rng(0).random((2, 300, 300), np.float32)
    how = {"driver": "GTiff", "count": 2, "height": 300, "width": 300, "dtype": "float32"}
    with rasterio.open(path, "w", **how, tiled=True, blockxsize=128, blockysize=128) as file:
        file.write(values)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_raster_that_the_disk_cut_short_takes_no_place(tmp_path, share):
    """With several threads GDAL says nothing of a write that failed."""
    with (
        pytest.raises(OSError, match="No space"),
        atomic.whole_folder(tmp_path / "scene") as folder,
    ):
        _raster(folder / "stack.tif")
        os.truncate(folder / "stack.tif", int(share * (folder / "stack.tif").stat().st_size))
    with atomic.whole_file(tmp_path / "map.tif") as file:
        _raster(file)
    assert [p.name for p in tmp_path.iterdir()] == ["map.tif"]


def test_what_a_library_says_on_a_full_disk_is_that_it_is_full(tmp_path, monkeypatch):
    def ended(error: Exception) -> BaseException:
        with pytest.raises(Exception) as found, disk.scratch(parent=tmp_path):
            raise error
        return found.value

    odd = rasterio.errors.RasterioIOError("Write failed. See previous exception for details.")
    assert ended(odd) is odd
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 5000))
    assert reasons.reason(ended(odd)) == reasons.DISK
    assert reasons.reason(ended(Damaged("'stack.tif' cannot be read."))) == reasons.DISK
    for other in (SlideScopeError("No overlap."), ZeroDivisionError()):
        assert ended(other) is other


def test_a_job_that_cannot_be_noted_leaves_no_folder(workspace, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(FULL))
    with pytest.raises(OSError, match="No space"):
        store.create(TrainRequest("x"))
    assert list(paths.jobs_folder().iterdir()) == []


def test_a_job_on_a_full_disk_still_says_why_it_failed(workspace, monkeypatch):
    job = store.create(TrainRequest("x"), "Train something")
    with pytest.raises(OSError, match="No space"), working(job.id) as report:
        report("Training", 0.5, epoch=3)
        monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(FULL))
        report("Saving", 0.6)
    failed = store.read(job.id)
    assert (failed.state, failed.reason) == ("failed", reasons.DISK)


SMALL_DISK = (
    "mount -t tmpfs -o size={size} none {at} && cp -r {full}/. {at} && "
    "SLIDESCOPE_WORKSPACE={at} {python} -m core {words}; status=$?; "
    "SLIDESCOPE_WORKSPACE={at} {python} -m core runs --json; find {at} -name '.*.tmp'; exit $status"
)


def on_a_small_disk(full: Path, at: Path, left: int, words: str) -> subprocess.CompletedProcess:
    """A command on a copy of a workspace on a file system of its own, with `left` bytes of room."""
    if not shutil.which("unshare"):
        pytest.skip("file systems of one's own need unshare")
    at.mkdir()
    files = [p for p in full.rglob("*")]
    blocks = sum(-(-p.stat().st_size // 4096) + 1 for p in files)
    known = {"size": 4096 * blocks + left, "at": at, "full": full, "python": sys.executable}
    script = SMALL_DISK.format(**known, words=words)
    found = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, cwd=PROJECT
    )
    if "mount:" in found.stderr or "unshare:" in found.stderr:
        pytest.skip(f"no file system of one's own here: {found.stderr[:80]}")
    return found


@pytest.mark.sweep
@pytest.mark.parametrize("left", [600_000, 3_000_000])
def test_a_training_on_a_nearly_full_disk_ends_in_one_sentence(tiny_scene, tmp_path, left):
    words = "train tiny --model unet --dataset rs --preset quick --epochs 2"
    ended = on_a_small_disk(paths.workspace(), tmp_path / "small", left, words)
    assert ended.returncode == 2, ended.stderr[-2000:]
    assert "Traceback" not in ended.stderr
    last = ended.stderr.strip().splitlines()[-1]
    assert "disk is full" in last or "disk has" in last
    listed, *half = ended.stdout.strip().splitlines()
    assert json.loads(listed)["damaged"] == [] and half == []


def test_uploads_go_when_they_are_old_and_when_they_are_too_much(workspace, monkeypatch):
    kept = uploads.save_upload("new", "dem.tif", b"1" * 10)
    old = uploads.save_upload("old", "dem.tif", b"1" * 10)
    for each in (*old.parent.iterdir(), old.parent):
        os.utime(each, (1, 1))
    uploads.tidy()
    assert kept.exists() and not old.parent.exists()
    monkeypatch.setenv("SLIDESCOPE_MAX_UPLOADS", "0.000005")
    uploads.tidy(keep="new")
    assert kept.exists()
    uploads.tidy()
    assert not kept.parent.exists()


def test_uploads_that_a_job_reads_stay(workspace, monkeypatch):
    path = uploads.save_upload("asked", "dem.tif", b"1" * 10)
    store.create(TrainRequest("x", "unet", start_from=str(path)))
    monkeypatch.setenv("SLIDESCOPE_MAX_UPLOADS", "0.000005")
    uploads.tidy()
    assert path.exists()
