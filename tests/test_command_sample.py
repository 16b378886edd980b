"""`sample`: the synthetic watershed's files, written once, and imported as a scene."""

import json
import shutil

import numpy as np
import pytest
import rasterio

from core.__main__ import main
from core.workflows import sample

SIZE = ["--size", "256", "--seed", "3"]


def call(capsys, *argv: str) -> dict:
    assert main(["sample", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Folder of the files: computing them takes seconds."""
    place = tmp_path_factory.mktemp("written")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(place / "workspace"))
        assert main(["sample", *SIZE, "--out", str(place / "files")]) == 0
    return place / "files"


@pytest.fixture
def out(written, workspace, tmp_path):
    return shutil.copytree(written, tmp_path / "files")


def test_files_are_written_once_then_imported_as_a_synthetic_scene(workspace, capsys):
    made = call(capsys, *SIZE)
    folder = workspace / "samples" / "watershed-256-3"
    assert made["out"] == str(folder) and made["synthetic"]
    expected = {*sample.FILES.values(), sample.INVENTORY, sample.RECORD}
    assert expected <= {f.name for f in folder.iterdir()}
    assert not (folder / ".writing").exists()
    written = (folder / "DEM.tif").stat().st_mtime_ns

    scene = call(capsys, *SIZE, "--import", "watershed")
    assert (folder / "DEM.tif").stat().st_mtime_ns == written
    assert (scene["width"], scene["height"]) == (256, 256)
    assert scene["synthetic"] and not scene["exists"]
    assert set(sample.FILES) | {"slope", "aspect", "curvature"} == set(scene["factors"])
    assert scene["landslide_share"] > 0

    again = call(capsys, *SIZE, "--import", "watershed")
    assert again["exists"] and again["scene"] == "watershed"


def test_a_half_written_folder_is_written_again(out, capsys):
    (out / "mine.txt").write_text("keep")
    (out / "DEM.tif").unlink()
    call(capsys, *SIZE, "--out", str(out))
    assert (out / "DEM.tif").exists() and (out / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("generator", [None, 1])
def test_files_of_an_older_generator_are_written_again(out, capsys, generator):
    record = out / sample.RECORD
    made = json.loads(record.read_text())
    old = {k: v for k, v in json.loads(record.read_text()).items() if k != "generator"}
    record.write_text(json.dumps(old | ({"generator": generator} if generator else {})))
    (out / "DEM.tif").write_bytes(b"of another generator")
    call(capsys, *SIZE, "--out", str(out))
    assert json.loads(record.read_text())["generator"] == made["generator"]
    assert (out / "DEM.tif").stat().st_size > 1000


@pytest.mark.parametrize("size", ["10", "100000"])
def test_a_size_out_of_range_is_refused(workspace, capsys, size):
    assert main(["sample", "--size", size]) == 2
    assert f"Invalid sample size {size}" in capsys.readouterr().err


def test_a_name_with_a_slash_is_refused_before_anything_is_made(workspace, capsys):
    assert main(["sample", *SIZE, "--import", "a/b"]) == 2
    assert "Invalid name 'a/b'" in capsys.readouterr().err
    assert not (workspace / "samples").exists()


def test_a_folder_that_cannot_be_written_is_refused(workspace, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["sample", *SIZE, "--out", str(tmp_path / "file" / "in")]) == 2
    assert "Cannot write to" in capsys.readouterr().err


def test_the_stack_of_the_sample_makes_a_rate_near_the_truth(workspace, tmp_path, capsys):
    stack = tmp_path / "stack"
    made = call(capsys, *SIZE, "--interferograms", str(stack))
    told = made["interferograms"]
    assert (told["folder"], told["truth"]) == (str(stack), str(stack / "truth_rate.tif"))
    assert (told["dates"], told["pairs"]) == (24, 63)
    written = (stack / "truth_rate.tif").stat().st_mtime_ns

    scene = call(capsys, *SIZE, "--interferograms", str(stack), "--import", "watershed")
    assert (stack / "truth_rate.tif").stat().st_mtime_ns == written
    assert "deformation" in scene["factors"] and "temporal_coherence" in scene["factors"]
    folder = workspace / "scenes" / "watershed" / "sbas"
    with rasterio.open(folder / "deformation.tif") as one, rasterio.open(told["truth"]) as two:
        rate, truth = one.read(1), two.read(1)
    known = np.isfinite(rate)
    assert known.mean() > 0.5
    assert np.sqrt(np.mean((rate - truth)[known] ** 2)) < 6


def test_a_folder_of_other_things_is_not_written_over_with_interferograms(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("keep")
    assert main(["sample", *SIZE, "--interferograms", str(tmp_path)]) == 2
    assert "holds something else" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "keep"
