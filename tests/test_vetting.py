"""Files made to do harm are refused in a sentence, in time, whatever they are given as."""

import json
import re
import socket
import sys
import time

import pytest

from core import confined, paths
from core.__main__ import main
from core.confined.allowance import Allowance
from core.errors import Damaged, SlideScopeError
from core.scene.files import contents, openings, uploads, vectors, vetting
from core.scene.files.source import Source
from tests import hostile, rasters

COMPUTE = ("blob", "endless", "tower", "unlisted", "metadata", "usual", "generated",
           "generated_short", "fts")  # fmt: skip
PLAIN = ("trigger", "names")


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("databases")
    found = hostile.databases(folder, (*COMPUTE, *PLAIN))
    return {path.stem.removeprefix("db-"): path for path in found}


@pytest.mark.parametrize("name", COMPUTE)
def test_a_database_that_computes_is_refused_before_it_does(databases, name):
    begun = time.process_time()
    told = r"is refused: '.*' is a (view|virtual table)|column 's' of '.*' is generated"
    with pytest.raises(SlideScopeError, match=told):
        vectors.read_features(Source(str(databases[name])))
    with pytest.raises(SlideScopeError, match="is refused"):
        openings.parts(str(databases[name]))
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("name", PLAIN)
def test_a_database_of_tables_is_read(databases, name):
    assert len(vectors.read_features(Source(str(databases[name])))) == 3


def test_a_database_in_an_archive_is_looked_into(databases, tmp_path):
    import zipfile

    path = tmp_path / "maps.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(databases["endless"], "slides.gpkg")
    with pytest.raises(
        SlideScopeError, match=r"'maps\.zip:slides\.gpkg' is refused: 'v' is a view"
    ):
        vectors.read_features(Source(str(path)))


def written(path, value) -> Source:
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return Source(str(path))


def test_a_ring_that_crosses_itself_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(vetting, "allowance", lambda path: Allowance(seconds=0.4, wall_s=200))
    source = written(
        tmp_path / "ring.geojson", hostile.collection([hostile.polygon(hostile.ring(500, 1))])
    )
    told = (
        r"'ring\.geojson' is refused: repairing polygons that cross themselves took more than 0\.4"
    )
    with pytest.raises(SlideScopeError, match=told):
        vetting.check([source])
    # What is known is not found out again.
    monkeypatch.setattr(confined, "call", lambda *_, **__: pytest.fail("looked again"))
    with pytest.raises(SlideScopeError, match=told):
        vetting.check([source])


@pytest.mark.parametrize("value", (1e300, -1e300, 1e13, float("inf")))
def test_coordinates_that_are_no_places_are_refused(tmp_path, value):
    ring = hostile.ring(3, 1)
    ring[1][0] = value
    source = written(tmp_path / "far.geojson", hostile.collection([hostile.polygon(ring)]))
    with pytest.raises(SlideScopeError, match=r"1 features with coordinates|cannot be read"):
        vectors.read_features(source)


def test_nests_without_end_are_refused(tmp_path):
    path = tmp_path / "deep.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [], "x": ' + "[" * 50_000)
    with pytest.raises(SlideScopeError, match="nests lists or objects over 40 deep"):
        contents.check(path)


def test_the_pages_rows_come_from_a_child_and_a_passed_file_is_not_looked_at_again(
    workspace, tmp_path, monkeypatch
):
    path = tmp_path / "dem.tif"
    rasters.write(path, rasters.ramp(20, 20, 12.5))
    assert uploads.described(str(path), [tmp_path]) == uploads.rows(str(path), [tmp_path])
    monkeypatch.setattr(vetting, "_refusal", lambda *_: pytest.fail("looked again"))
    vetting.check([Source(str(path))])


def test_many_bands_are_one_row_and_are_chosen_by_number(workspace, tmp_path):
    path = tmp_path / "bands.tif"
    hostile._empty(path, 8, 8, count=1000, interleave="pixel")
    (row,) = uploads.described(str(path), [tmp_path])
    assert row.many and row.band_count == 1000 and "1\u2009000 bands" in row.facts
    chosen = uploads.chosen_bands(row, "3, 8 3")
    assert [(r.band, r.name) for r in chosen] == [
        (3, "bands.tif, band 3"),
        (8, "bands.tif, band 8"),
    ]
    for text in ("0", "1001", "x", "9" * 400, "-1", ",".join(map(str, range(1, 80)))):
        with pytest.raises(SlideScopeError, match=r"names no bands of bands\.tif: give up to 64"):
            uploads.chosen_bands(row, text)
    assert uploads.chosen_bands(row, " ") == []


def test_an_array_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    import h5py

    monkeypatch.setattr(openings.archives, "SUSPICIOUS_BYTES", 1 << 20)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("z", (2000, 2000), "f4", chunks=(500, 500), compression="gzip")
    with pytest.raises(SlideScopeError, match=r"over 200 times what is stored"):
        openings.find(str(tmp_path / "a.h5"), None)


def test_a_child_that_finds_a_defect_says_so_in_a_sentence(monkeypatch, tmp_path):
    source = written(tmp_path / "a.geojson", "{}")
    told = {"defect": "Traceback", "kind": "IndexError"}
    child = sys.modules["core.confined.call"]._Child  # the package has a function of that name
    monkeypatch.setattr(child, "ask", lambda *_: told)
    with pytest.raises(SlideScopeError, match=r"'a\.geojson' cannot be read \(IndexError in what"):
        vetting.check([source])
    assert issubclass(Damaged, SlideScopeError)


@pytest.mark.sweep
def test_every_hostile_file_ends_in_a_scene_or_in_one_sentence(workspace, tmp_path, capfd):
    """By the command line, with the network there: no traceback, no call, no endless wait."""
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    files = hostile.every(tmp_path / "files", f"127.0.0.1:{server.getsockname()[1]}")
    dem = rasters.write(tmp_path / "dem.tif", rasters.ramp(48, 48, 12.5) + 1000)
    wrong, slowest = {}, 0.0
    for path in files:
        role = {".tif": "--factor=x=", ".csv": "--deformation="}.get(path.suffix, "--inventory=")
        band = ":1" if path.stem.startswith("bands") else ""
        begun = time.process_time()
        status = main(["import", "x", "--replace", "--elevation", dem, f"{role}{path}{band}"])
        slowest = max(slowest, time.process_time() - begun)
        said = capfd.readouterr().err.replace("\r", "\n").splitlines()
        said = [line for line in said if line.strip() and not re.match(r"\s*\d+ % ", line)]
        if status not in (0, 2) or len(said) != (status == 2) or "Traceback" in "".join(said):
            wrong[path.name] = (status, said)
    assert not wrong and slowest < 30
    with pytest.raises(BlockingIOError):
        server.accept()
    assert paths.workspace().exists()
