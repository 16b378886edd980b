"""No data: what a file does not declare is suspected by dry run and import alike, masks by value,
and an option that would do nothing is refused."""

import json
from functools import partial

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rasterio.warp import transform
from shapely import box

from core.__main__ import main
from core.scene.plan import voids
from tests import rasters, small_import

# Without a DEM that is not asked for.
imported = partial(small_import.imported, dem="")
refused = partial(small_import.refused, dem="", ways=("--replace",))
SIZE = 72
NOISE = np.random.default_rng(5).random((SIZE, SIZE)).astype(np.float32)
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE]
DEM = np.round(900 + 60 * np.sin(COLUMNS / 5) + 20 * ROWS).astype(np.int16)
HOLE = np.s_[20:30, 40:60]


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rasters.write(tmp_path / "dem.tif", DEM)
    return tmp_path


def run(options: str, capsys, *more: str) -> int:
    capsys.readouterr()
    return main(["import", "new", *options.split(), *more])


def suspected(options: str, capsys) -> list[str]:
    assert run(options, capsys, "--dry-run", "--json") == 0, capsys.readouterr().err
    rows = json.loads(capsys.readouterr().out)["report"]
    return [problem["told"] for row in rows for problem in row["problems"]]


def holed(values: np.ndarray, void: float) -> np.ndarray:
    found = values.copy()
    found[HOLE] = void
    return found


UNDECLARED = {
    "elevation -9999": ("elevation", holed(DEM, -9999), -9999),
    "elevation -32768": ("elevation", holed(DEM, -32768), -32768),
    "elevation 0 voids": ("elevation", holed(DEM, 0), 0),
    "elevation 9999": ("elevation", holed(DEM, 9999), 9999),
    "elevation of floats": ("elevation", holed(DEM.astype(np.float32), -32767), -32767),
    "an odd number": ("rain", holed(600 + 99 * NOISE, -12345.5), -12345.5),
    "reflectance 0": ("red", holed((500 + 900 * NOISE).astype(np.uint16), 0), 0),
    "rate -9999": ("deformation", holed(20 * NOISE - 9, -9999), -9999),
    "rate of exactly 0": ("deformation", holed(20 * NOISE - 9, 0), 0),
    "rate 1e20": ("deformation", holed(20 * NOISE - 9, 1e20), 1e20),
}


@pytest.mark.parametrize(("name", "values", "void"), UNDECLARED.values(), ids=UNDECLARED)
def test_what_the_dry_run_suspects_the_scene_keeps_and_the_cure_works(
    folder, capsys, name, values, void
):
    rasters.write(folder / "x.tif", values)
    line = f"--{name} x.tif" if name != "rain" else "--factor rain=x.tif"
    line += "" if name == "elevation" else " --elevation dem.tif"
    problem = next(p for p in suspected(line, capsys) if f"{void:g}" in p or "zeros" in p)
    notes = imported(line, capsys).notes
    (note,) = [n for n in notes if problem.removeprefix(f"{name} ") in n]
    cure = next(word for word in note.split() if word.startswith("--nodata"))
    cure += f" {name}={void!r}"
    scene = imported(f"{line} {cure}", capsys)
    gaps = np.isnan(scene.read([name])[..., 0])
    assert gaps[HOLE].all() and gaps.sum() == gaps[HOLE].size
    assert not any("--nodata" in note for note in scene.notes)
    # Who says that every value counts is not told again.
    every = imported(f"{line} --nodata {name}=none", capsys)
    assert not any("--nodata" in note for note in every.notes)


def test_several_undeclared_values_are_all_found():
    values = np.r_[np.linspace(300.0, 900, 500), [-9999.0] * 9, [65535.0] * 9]
    assert sorted(v for v, _ in voids.hidden("red", values)) == [-9999, 65535]


@pytest.mark.parametrize("name", ["elevation", "slope", "deformation", "rain"])
def test_complete_rasters_are_not_suspected(folder, capsys, name):
    values = {"elevation": DEM, "slope": 40 * NOISE, "deformation": 20 * NOISE - 9, "rain": NOISE}
    rasters.write(folder / "x.tif", values[name])
    line = "--elevation dem.tif" if name != "elevation" else ""
    found = suspected(f"{line} --factor {name}=x.tif", capsys)
    assert not [p for p in found if "no data" in p or "framed" in p or "exactly" in p]


def table(path, values) -> str:
    x = rasters.X + 100 + 10 * np.arange(len(values))
    lon, lat = transform(rasters.UTM, "EPSG:4326", x, [rasters.Y - 400] * len(x))
    lines = [f"{a},{b},{v}" for a, b, v in zip(lon, lat, values)]
    path.write_text("\n".join(["lon,lat,vel", *lines]))
    return path.name


def test_no_data_of_points_is_suspected_and_left_out(folder, capsys):
    name = table(folder / "p.csv", [*np.linspace(-8, 4, 40), -9999, -9999])
    line = f"--elevation dem.tif --deformation {name}"
    assert any("holds -9999" in p for p in suspected(line, capsys))
    assert any("holds -9999" in note for note in imported(line, capsys).notes)
    scene = imported(f"{line} --nodata deformation=-9999", capsys)
    assert np.nanmin(scene.read(["deformation"])) >= -8
    assert any("2 points of 'p.csv' hold -9999" in note for note in scene.notes)
    assert "no point of 'p.csv'" in refused(f"{line} --nodata deformation=-32768", capsys)


IDLE = {
    "--deformation p.csv --kernel deformation=nearest": "gridded by inverse distance",
    "--lithology rocks.gpkg --nodata lithology=0": "polygons of classes",
    "--lithology rocks.gpkg --scale lithology=2": "polygons of classes",
    "--inventory slides.gpkg --nodata inventory=0": "polygons of landslides",
    "--inventory slides.gpkg --landslide-value 1": "polygons of landslides",
    "--inventory mask.tif --kernel inventory=mode": "a mask",
    "--inventory mask.tif --scale inventory=2": "a mask",
    "--red red.tif --nodata red=-9999": "whole numbers from 0 to 65535",
    "--red red.tif --bands red": "--bands would do nothing",
    "--deformation v.tif --orbit incidence=39,heading=-12": "--orbit would do nothing",
    "--deformation v.tif --second v.tif": "--second would do nothing",
}


@pytest.mark.parametrize("options", IDLE)
def test_an_option_that_would_do_nothing_is_refused(folder, capsys, options):
    table(folder / "p.csv", [1.0, 2.0, 3.0])
    square = box(rasters.X + 100, rasters.Y - 300, rasters.X + 300, rasters.Y - 100)
    rasters.write_polygons(folder / "rocks.gpkg", [square], unit=["a"])
    rasters.write_polygons(folder / "slides.gpkg", [square])
    rasters.write(folder / "mask.tif", (NOISE > 0.9).astype(np.uint8))
    rasters.write(folder / "red.tif", (900 * NOISE).astype(np.uint16))
    rasters.write(folder / "v.tif", 20 * NOISE - 9)
    told = refused(f"--elevation dem.tif {options}", capsys)
    assert "would do nothing" in told and IDLE[options] in told


MASK = np.zeros((SIZE, SIZE), np.uint8)
MASK[5:15, 5:25] = 1
SLIDES = int(MASK.sum())


MASKS = {
    "1": (MASK, ""),
    "255": (255 * MASK, "255 in 'm.tif' is taken as landslide"),
    "255 not mapped": (np.where(ROWS > 50, 255, MASK), "255 in 29.2 % of 'm.tif' is taken as no"),
    "-9999 not mapped": (np.where(ROWS > 50, -9999, MASK.astype(int)), "-9999 in"),
    "2": (2 * MASK, "2 in 'm.tif' is taken as landslide"),
}


@pytest.mark.parametrize(("values", "told"), MASKS.values(), ids=MASKS)
def test_a_mask_is_read_by_its_values_and_what_is_decided_is_said(folder, capsys, values, told):
    rasters.write(folder / "m.tif", values.astype(np.int16 if values.min() < 0 else np.uint8))
    scene = imported("--elevation dem.tif --inventory m.tif", capsys)
    assert scene.landslide_share * SIZE**2 == pytest.approx(SLIDES)
    assert not told or any(told in note for note in scene.notes)
    assert not any("255" in note for note in scene.notes) or 255 in values


def test_a_mask_of_several_values_is_asked_about(folder, capsys):
    values = np.where(ROWS > 60, 2, MASK).astype(np.uint8)
    rasters.write(folder / "m.tif", values)
    line = "--elevation dem.tif --inventory m.tif"
    told = refused(line, capsys)
    assert "holds the values 0, 1, 2" in told and "--landslide-value 1" in told
    assert run(line, capsys, "--dry-run") == 2
    for asked, count in (("1", SLIDES), ("2", (ROWS > 60).sum()), ("1,2", (values > 0).sum())):
        scene = imported(f"{line} --landslide-value {asked}", capsys)
        assert scene.landslide_share * SIZE**2 == pytest.approx(count)
    scene = imported(f"{line} --landslide-value inventory=any", capsys)
    assert scene.landslide_share * SIZE**2 == pytest.approx((values > 0).sum())
    assert "no number" in refused(f"{line} --landslide-value yes", capsys)
    assert "marks no landslide" in refused(f"{line} --landslide-value 7", capsys)


def test_a_mask_that_is_upside_down_in_value_is_told(folder, capsys):
    rasters.write(folder / "m.tif", 1 - MASK)
    scene = imported("--elevation dem.tif --inventory m.tif", capsys)
    assert any("give --landslide-value 0" in note for note in scene.notes)
    scene = imported("--elevation dem.tif --inventory m.tif --landslide-value 0", capsys)
    assert scene.landslide_share * SIZE**2 == pytest.approx(SLIDES)


def test_probabilities_are_no_inventory(folder, capsys):
    rasters.write(folder / "p.tif", NOISE)
    told = refused("--elevation dem.tif --inventory p.tif", capsys)
    assert "holds probabilities" in told and 'gdal_calc.py -A p.tif --calc="A>=0.5"' in told


def test_values_that_no_sample_met_are_seen_all_the_same(folder, capsys):
    side = 1400
    values = np.zeros((side, side), np.uint8)
    # Between the windows that a sample looks at.
    values[400:420, 300:320] = 1
    rasters.write(folder / "d.tif", np.arange(side * side, dtype=np.float32).reshape(side, side))
    rasters.write(folder / "m.tif", values)
    line = "--elevation d.tif --inventory m.tif"
    assert imported(line, capsys).landslide_share * side**2 == pytest.approx(400)
    values[400:420, 330:340] = 2
    rasters.write(folder / "m.tif", values)
    assert "holds the values 0, 1, 2" in refused(line, capsys)
    values[:9] = 1
    rasters.write(folder / "m.tif", values)
    assert "holds the values 0, 1, 2" in refused(line, capsys)


def test_alpha_of_255_in_16_bits_is_opaque(folder, capsys):
    values = np.stack([(500 + 900 * NOISE)] * 4).astype(np.uint16)
    values[3] = 255
    values[3][HOLE] = 0
    rasters.write(folder / "rgba.tif", values)
    with rasterio.open(folder / "rgba.tif", "r+") as file:
        kinds = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)
        file.colorinterp = kinds
    scene = imported("--elevation dem.tif --red rgba.tif:1", capsys)
    red = scene.read(["red"])[..., 0]
    assert np.isnan(red[HOLE]).all() and np.isnan(red).sum() == red[HOLE].size
