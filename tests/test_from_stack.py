"""A stack of interferograms becomes the deformation factor of a scene, and layers beside it."""

import json
import shutil

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import box

from core import paths
from core.__main__ import main
from core.factors import QUALITY
from core.jobs.report import JobStopped
from core.learning.tiles.channels import dataset_factors
from core.scene import from_stack, store
from tests import interferogram_files as files

# In columns and rows of the tiny stacks, which are 24 x 24 pixels with nothing in the first row.
SLIDE, STILL = np.s_[6:12, 8:16], np.s_[14:24, :]
AS_IT_IS = "--datum none --reference-pixel 2,16"


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def imported(options: str, capsys, name: str = "new") -> dict:
    capsys.readouterr()
    status = main(f"import {name} {options} --replace --json".split())
    said = capsys.readouterr()
    assert status == 0, said.err
    return json.loads(said.out.strip().splitlines()[-1])


def refused(options: str, capsys) -> str:
    capsys.readouterr()
    assert main(f"import new {options} --replace".split()) == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def rate(name: str = "new") -> np.ndarray:
    return store.load(name).read(["deformation"])[..., 0]


@pytest.mark.parametrize("made", [files.hyp3, files.licsar, files.pyrate])
def test_a_folder_of_pairs_becomes_the_rate(made, folder, capsys):
    made(folder / "stack")
    imported(f"--deformation stack {AS_IT_IS}", capsys)
    with rasterio.open(store.load("new").path / "sbas" / "deformation.tif") as file:
        found = file.read(1)
    assert np.nanmedian(found[SLIDE]) == pytest.approx(-60, abs=0.1)
    assert np.nanmedian(found[STILL]) == pytest.approx(0, abs=0.1)


def test_a_stack_of_mintpy_becomes_the_rate(folder, capsys):
    files.mintpy(folder / "ifgramStack.h5")
    imported(f"--deformation ifgramStack.h5 {AS_IT_IS}", capsys)
    assert np.nanmin(rate()) == pytest.approx(-60, abs=0.1)


def test_a_pattern_is_a_stack_too(folder, capsys):
    files.hyp3(folder / "stack")
    imported(f"--deformation stack/*/*_unw_phase.tif {AS_IT_IS}", capsys)
    assert np.nanmin(rate()) == pytest.approx(-60, abs=0.1)


def test_the_layers_come_with_it_and_are_no_factors_of_a_training(folder, capsys):
    files.hyp3(folder / "stack")
    found = imported(f"--deformation stack {AS_IT_IS}", capsys)
    assert set(QUALITY) <= set(found["factors"])
    scene = store.load("new")
    assert not set(QUALITY) & set(dataset_factors(scene, "rs-dr"))
    assert scene.factor("deformation").source == f"{len(files.PAIRS)} interferograms"
    assert scene.factor("pairs").maximum == len(files.PAIRS)


def test_statistics_take_the_layers_only_when_they_are_named(folder, capsys):
    files.hyp3(folder / "stack")
    rng = np.random.default_rng(1)
    ground = rng.normal(1000, 50, (files.HEIGHT, files.WIDTH)).astype(np.float32)
    files.write(folder / "dem.tif", ground)
    imported(f"--elevation dem.tif --deformation stack {AS_IT_IS} --cycles none", capsys)
    for options, expected in (("", False), (" --also mean_coherence", True)):
        assert main(f"factors new --json{options}".split()) == 0
        result = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert ("mean_coherence" in [row["factor"] for row in result["factors"]]) is expected
    assert main(["factors", "new", "--also", "nothing"]) == 2
    assert "--also names 'nothing'" in capsys.readouterr().err


def test_what_is_masked_is_no_data_and_never_0(folder, capsys):
    def torn(k, phase, coherence, transform):
        phase[20:24, 20:24] += (-1) ** k * 3.0  # no motion explains it
        return phase, coherence, transform

    files.hyp3(folder / "stack", change=torn)
    imported(f"--deformation stack {AS_IT_IS} --cycles none", capsys)
    assert np.isnan(rate()[20:24, 20:24]).all()
    scene = store.load("new")
    assert np.isfinite(scene.read(["temporal_coherence"])[20:24, 20:24]).all()
    imported(f"--deformation stack {AS_IT_IS} --cycles none --min-temporal-coherence 0", capsys)
    assert np.isfinite(rate()[20:24, 20:24]).all()


def test_mapped_landslides_do_not_make_the_datum(folder, capsys):
    files.hyp3(folder / "stack")
    corner = files.UTM * (8, 6)
    slide = box(corner[0], corner[1] - 6 * files.UTM.a, corner[0] + 8 * files.UTM.a, corner[1])
    gpd.GeoDataFrame(geometry=[slide], crs="EPSG:32648").to_file(folder / "slides.gpkg")
    imported("--deformation stack --inventory slides.gpkg", capsys)
    with rasterio.open(store.load("new").path / "sbas" / "deformation.tif") as file:
        found = file.read(1)
    assert np.nanmedian(found[SLIDE]) == pytest.approx(-60, abs=0.5)
    assert np.nanmedian(found[STILL]) == pytest.approx(0, abs=0.5)


def test_a_dry_run_tells_the_stack_and_inverts_nothing(folder, capsys):
    files.hyp3(folder / "stack")
    told = imported("--deformation stack --dry-run", capsys)
    assert told["stack"]["days"] == files.DAYS[-1] and len(told["stack"]["pairs"]) == len(
        files.PAIRS
    )
    row = next(row for row in told["report"] if row["factor"] == "deformation")
    assert (row["path"], row["minimum"], row["suspicious"]) == ("stack", None, [])
    assert not (paths.scenes_folder() / "new").exists()
    assert main(["import", "new", "--deformation", "stack", "--dry-run"]) == 0
    assert "Fastest motion that the pairs can see" in capsys.readouterr().out


def test_the_geometry_of_the_product_makes_the_rate_down_the_slope(folder, capsys):
    files.hyp3(folder / "stack")
    theta = np.full((files.HEIGHT, files.WIDTH), np.radians(50), np.float32)
    phi = np.full((files.HEIGHT, files.WIDTH), np.radians(170), np.float32)
    first = sorted((folder / "stack").iterdir())[0]
    files.write(first / f"{first.name}_lv_theta.tif", theta)
    files.write(first / f"{first.name}_lv_phi.tif", phi)
    rows, columns = np.mgrid[: files.HEIGHT, : files.WIDTH]
    files.write(folder / "dem.tif", (1000 + 30 * columns + 5 * rows).astype(np.float32))
    found = imported(
        f"--elevation dem.tif --deformation stack --add v_slope,visibility {AS_IT_IS}", capsys
    )
    assert {"v_slope", "visibility"} <= set(found["factors"])


def test_two_stacks_make_east_and_up(folder, capsys):
    files.hyp3(folder / "one")
    files.hyp3(folder / "two")
    found = imported(
        f"--deformation one --second two {AS_IT_IS} --orbit incidence=39,heading=-12 "
        "--second-orbit incidence=39,heading=-168 --add east_rate,up_rate",
        capsys,
    )
    assert {"east_rate", "up_rate"} <= set(found["factors"])


def test_a_stopped_import_goes_on_and_gives_the_same(folder, capsys, monkeypatch):
    files.hyp3(folder / "stack")
    imported(f"--deformation stack {AS_IT_IS}", capsys, "whole")
    run = from_stack.chain._correct

    def stopped(*args):
        raise JobStopped

    monkeypatch.setattr(from_stack.chain, "_correct", stopped)
    main(f"import new --deformation stack {AS_IT_IS}".split())
    assert list((paths.cache_folder() / "sbas").glob("new-deformation/*"))
    assert "new" not in store.names()
    monkeypatch.setattr(from_stack.chain, "_correct", run)
    imported(f"--deformation stack {AS_IT_IS}", capsys)
    assert rate("new").tobytes() == rate("whole").tobytes()
    assert not list((paths.cache_folder() / "sbas").glob("new-deformation/*"))


@pytest.mark.parametrize("option", ["--unit deformation=cm/yr", "--scale deformation=10"])
def test_an_option_that_would_do_nothing_is_refused(option, folder, capsys):
    files.hyp3(folder / "stack")
    assert "has no effect" in refused(f"--deformation stack {option}", capsys)


def test_one_interferogram_is_no_rate(folder, capsys):
    files.hyp3(folder / "stack")
    phase = next((folder / "stack").glob("*/*_unw_phase.tif"))
    files.write(folder / "dem.tif", np.full((files.HEIGHT, files.WIDTH), 1000, np.float32))
    shutil.copy(phase, folder)
    said = refused(f"--elevation dem.tif --deformation {phase.name}", capsys)
    assert "one interferogram is not a rate: give the folder" in said


def test_an_unclear_reference_pixel_is_refused(folder, capsys):
    files.hyp3(folder / "stack")
    assert "counted from 0" in refused("--deformation stack --reference-pixel here", capsys)
    assert "900,2" in refused("--deformation stack --reference-pixel 900,2", capsys)
