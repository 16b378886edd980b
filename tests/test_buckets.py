"""Rasters of object storage: those of a bucket that the operator names come in, and no other."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from core import paths
from core.__main__ import main
from core.errors import SlideScopeError
from core.scene import store
from core.scene.files import buckets
from tests import rasters


@pytest.fixture
def storage(tmp_path, monkeypatch) -> Iterator[list[str]]:
    """A bucket `slides` on this machine that serves a folder; yields the requests that came."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, body: bool) -> None:
            asked.append(self.path)
            file = tmp_path / "bucket" / self.path.partition("?")[0].removeprefix("/slides/")
            if not file.is_file():
                self.send_error(404)
                return
            values, first, last = file.read_bytes(), 0, file.stat().st_size - 1
            span = self.headers.get("Range", "").removeprefix("bytes=").partition("-")
            if span[0]:
                first, last = int(span[0]), min(last, int(span[2] or last))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(values)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(last - first + 1))
            self.end_headers()
            if body:
                self.wfile.write(values[first : last + 1])

        def do_GET(self) -> None:
            self._answer(True)

        def do_HEAD(self) -> None:
            self._answer(False)

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {
        "AWS_S3_ENDPOINT": f"127.0.0.1:{server.server_port}",
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
        "AWS_NO_SIGN_REQUEST": "YES",
    }.items():
        monkeypatch.setenv(name, value)
    yield asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def dem(tmp_path) -> Path:
    folder = tmp_path / "bucket" / "kashmir"
    folder.mkdir(parents=True)
    values = (900 + rasters.ramp(80, 60, 10)).astype(np.float32)
    return rasters.write(folder / "dem.tif", values, cell=10)


def imported(capsys, *options: str) -> tuple[int, str]:
    capsys.readouterr()
    words = ("import", "new", "--elevation", "/vsis3/slides/kashmir/dem.tif", *options)
    status = main([*words, "--json"])
    said = capsys.readouterr()
    return status, said.out.strip().splitlines()[-1] if status == 0 else said.err


def test_a_raster_of_a_named_bucket_is_imported(storage, dem, workspace, monkeypatch, capsys):
    monkeypatch.setenv(buckets.NAMED, "other, slides")
    status, told = imported(capsys, "--dry-run")
    assert status == 0, told
    row = next(row for row in json.loads(told)["report"] if row["factor"] == "elevation")
    assert row["path"] == "/vsis3/slides/kashmir/dem.tif"
    status, told = imported(capsys)
    assert status == 0, told
    scene = store.load("new")
    assert main(["import", "here", "--elevation", str(dem)]) == 0
    assert scene.read().tobytes() == store.load("here").read().tobytes()
    assert scene.factor("elevation").source == "/vsis3/slides/kashmir/dem.tif"
    # No folder is listed, nothing beside the file is asked for, and no copy stays.
    assert {path.partition("?")[0] for path in storage} == {"/slides/kashmir/dem.tif"}
    assert not list(paths.cache_folder().glob("buckets-*"))


def test_a_bucket_that_nobody_named_is_refused_and_not_asked(
    storage, dem, workspace, monkeypatch, capsys
):
    monkeypatch.setenv(buckets.NAMED, "other")
    status, told = imported(capsys)
    assert status == 2 and not storage
    assert "lies in bucket 'slides', which may not be read" in told
    assert "SLIDESCOPE_BUCKETS (other)" in told


def test_a_raster_that_is_not_there_is_one_sentence(storage, workspace, monkeypatch, capsys):
    monkeypatch.setenv(buckets.NAMED, "slides")
    status, told = imported(capsys)
    assert status == 2
    assert "'/vsis3/slides/kashmir/dem.tif' could not be read" in told.strip().splitlines()[-1]
    assert not store.names()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("/vsis3/slides", "is no raster of a bucket"),
        ("/vsis3/slides/../other/dem.tif", "is no raster of a bucket"),
        ("/vsis3/slides/dem.vrt", "is no GeoTIFF"),
        ("/vsis3//vsicurl/http://x/dem.tif", "is no raster of a bucket"),
    ],
)
def test_what_is_no_raster_of_a_bucket_is_refused(place, words, monkeypatch):
    monkeypatch.setenv(buckets.NAMED, "slides")
    with pytest.raises(SlideScopeError, match=words):
        buckets.checked(place)


def test_a_request_without_buckets_stays_what_it_is(workspace):
    asked = {"factors": {"elevation": [{"path": "dem.tif"}]}}
    with buckets.brought(asked, lambda *_, **__: None) as found:
        assert found.request is asked
        assert found.told({"rows": ["dem.tif"]}) == {"rows": ["dem.tif"]}
