"""What an import decides about a file, what it reports, and how a user overrides it."""

import json

import numpy as np
import pytest
from rasterio.warp import transform
from shapely import box

from core.__main__ import main
from core.scene.files import sentinel2
from core.scene.plan import units
from tests import rasters
from tests.small_import import imported

SIZE = 90


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    dem = 1500 + 9 * rows + 4 * columns + 80 * np.sin(columns / 7) * np.cos(rows / 11)
    rasters.write(tmp_path / "dem.tif", dem.astype(np.float32))
    return tmp_path


def report(options: str, capsys) -> dict:
    """Rows of the dry run's report by factor, and the whole under None."""
    capsys.readouterr()
    command = f"import new --elevation dem.tif {options} --dry-run --json".split()
    assert main(command) == 0, capsys.readouterr().err
    result = json.loads(capsys.readouterr().out)
    return {row["factor"]: row for row in result["report"]} | {None: result}


def write(folder, name: str, values, **how) -> str:
    rasters.write(folder / name, np.asarray(values), **how)
    return name


def full(value: float, dtype="float32") -> np.ndarray:
    return np.full((SIZE, SIZE), value, dtype)


def test_the_report_has_a_row_an_input_with_what_will_be_done(folder, capsys):
    write(folder, "red.tif", np.full((113, 113), 900, np.uint16), cell=10)
    x, y = rasters.X, rasters.Y
    rasters.write_polygons(folder / "slides.gpkg", [box(x + 100, y - 300, x + 300, y - 100)])
    rows = report("--red red.tif --inventory slides.gpkg", capsys)
    red, dem = rows["red"], rows["elevation"]
    assert (dem["kernel"], red["kernel"], red["reprojected"]) == ("copied", "bilinear", False)
    assert (red["crs"], red["resolution"], red["dtype"]) == ("EPSG:32648", [10, 10], "uint16")
    assert red["overlap"] == pytest.approx(1) and red["nodata_share"] == 0
    assert (red["minimum"], red["maximum"], red["suspicious"]) == (900, 900, [])
    assert rows["inventory"]["polygons"] == 1 and rows["inventory"]["overlap"] > 0
    assert rows[None]["dry_run"] and "plan" in rows[None]


RNG = np.random.default_rng(0)
NOISE = RNG.random((SIZE, SIZE)).astype(np.float32)
FRAMED = np.pad(RNG.integers(300, 900, (SIZE - 20, SIZE - 20)), 10).astype(np.uint16)
HOLED = np.where(NOISE < 0.1, 65535, 400 + 100 * NOISE).astype(np.uint16)
SUSPICIOUS = {
    "steep slope": ("slope", 900 * NOISE, "slope reaches 9"),
    "slope in radians": ("slope", NOISE, "in radians"),
    "aspect": ("aspect", 400 * NOISE, "aspect leaves 0 to 360"),
    "reflectance": ("red", NOISE, "--unit red=reflectance"),
    "undeclared 65535": ("red", HOLED, "--nodata red=65535"),
    "undeclared -9999": ("nir", np.where(NOISE < 0.1, -9999, NOISE * 900), "--nodata nir=-9999"),
    "zero frame": ("red", FRAMED, "framed by zeros"),
    "classes as decimals": ("lithology", np.round(3 * NOISE), "class codes as decimals"),
    "metres a year": ("deformation", 0.05 * (NOISE - 0.5), "taken as m/yr"),
    "metres": ("deformation", 9000 * (NOISE - 0.5), "no InSAR follows"),
}


@pytest.mark.parametrize(("factor", "values", "told"), SUSPICIOUS.values(), ids=SUSPICIOUS.keys())
def test_what_looks_wrong_is_said(folder, capsys, factor, values, told):
    values = values if values.dtype == np.uint16 else values.astype(np.float32)
    write(folder, "x.tif", values)
    found = report(f"--factor {factor}=x.tif", capsys)[factor]["suspicious"]
    assert any(told in sentence for sentence in found), found


GOOD = {
    "slope": 60 * NOISE,
    "aspect": 360 * NOISE,
    "red": 300 + 3000 * NOISE,
    "deformation": 60 * (NOISE - 0.5),
}


@pytest.mark.parametrize("factor", GOOD)
def test_good_files_are_not_suspicious(folder, capsys, factor):
    write(folder, "x.tif", GOOD[factor].astype(np.float32))
    assert report(f"--factor {factor}=x.tif", capsys)[factor]["suspicious"] == []


def test_upside_down_and_rotated_rasters_are_told(folder, capsys):
    bottom = rasters.Y - SIZE * 12.5
    flipped = rasters.Affine(12.5, 0, rasters.X, 0, 12.5, bottom)
    write(folder, "up.tif", full(500), transform=flipped)
    middle = rasters.Affine.translation(rasters.X + 560, rasters.Y - 560)
    turned = middle * rasters.Affine.rotation(20) * rasters.Affine.scale(20, -20)
    write(folder, "turned.tif", full(500), transform=turned * rasters.Affine.translation(-45, -45))
    assert "upside down" in report("--red up.tif", capsys)["red"]["suspicious"][0]
    assert "rotated" in report("--red turned.tif", capsys)["red"]["suspicious"][0]


def test_no_data_is_overridden(folder, capsys):
    write(folder, "x.tif", HOLED)
    scene = imported("--red x.tif --nodata red=65535", capsys)
    values = scene.read(["red"])[..., 0]
    np.testing.assert_array_equal(np.isnan(values), HOLED == 65535)
    write(folder, "y.tif", HOLED, nodata=65535)
    every = imported("--red y.tif --nodata red=none", capsys).read(["red"])[..., 0]
    assert np.nanmax(every) == 65535 and np.isfinite(every).all()


@pytest.mark.parametrize(("unit", "times"), [("mm/yr", 1), ("cm/yr", 10), ("m/yr", 1000)])
def test_the_unit_of_a_rate_is_given(folder, capsys, unit, times):
    write(folder, "v.tif", full(-0.04))
    scene = imported(f"--deformation v.tif --unit deformation={unit}", capsys)
    assert scene.read(["deformation"]).max() == pytest.approx(-0.04 * times)


def test_the_unit_of_a_rate_is_guessed_with_a_warning(folder, capsys):
    write(folder, "v.tif", full(-0.04))
    scene = imported("--deformation v.tif", capsys)
    assert scene.read(["deformation"]).max() == pytest.approx(-40)
    assert any("taken as m/yr" in note for note in scene.notes)


def test_feet_become_metres(folder, capsys):
    plain = imported("", capsys).read(["elevation"])
    feet = imported("--unit elevation=ft", capsys).read(["elevation"])
    np.testing.assert_allclose(feet, 0.3048 * plain, rtol=1e-6)


def test_the_kernel_and_the_system_are_overridden(folder, capsys):
    write(folder, "c.tif", NOISE, cell=5)
    smooth = imported("--factor x=c.tif --kernel x=average", capsys).read(["x"])[20, 20, 0]
    assert smooth == pytest.approx(NOISE[50:53, 50:53].mean(), abs=0.15)
    assert report("--factor x=c.tif --kernel x=nearest", capsys)["x"]["kernel"] == "nearest"
    place = rasters.Affine(12.5, 0, rasters.X, 0, -12.5, rasters.Y)
    write(folder, "no.tif", NOISE, crs=None, transform=place)
    scene = imported(f"--factor x=no.tif --crs x={rasters.UTM}", capsys)
    np.testing.assert_array_equal(scene.read(["x"])[..., 0], NOISE)


BAD = {
    "--nodata red=x": "is no number",
    "--nodata red": "names no factor and value",
    "--nodata green=0": "no factor of this import",
    "--unit red=furlong": "no such unit; it comes in reflectance*10000",
    "--kernel red=lanczos": "is unknown: there are nearest",
    "--crs red=EPSG:0": "is no coordinate reference system",
    "--lithology r.tif --kernel lithology=average": "would average class codes",
    "--aspect r.tif --kernel aspect=cubic": "through its sine and cosine",
    "--add slopes": "--add slopes is unknown",
    "--add v_slope": "needs the radar's geometry",
    "--add v_slope --orbit incidence=39,heading=-12": "needs a deformation rate",
    "--add up_rate --orbit incidence=39,heading=-12 --deformation r.tif": "a second orbit",
    "--add tri,tri": "given twice",
    "--factor x=*.jp2": "stands for no file",
}


@pytest.mark.parametrize("options", BAD)
def test_an_override_that_makes_no_sense_is_one_sentence(folder, capsys, options):
    write(folder, "r.tif", full(7, "uint16"))
    line = f"import new --elevation dem.tif --red r.tif {options}"
    assert main(line.split()) == 2
    assert BAD[options] in capsys.readouterr().err.strip().splitlines()[-1]


def test_a_pattern_is_a_mosaic_and_its_seam_is_told(folder, capsys):
    (folder / "tiles").mkdir()
    west = full(100)
    west[:, 50:] = np.nan
    write(folder, "tiles/a.tif", west)
    write(folder, "tiles/b.tif", full(112))
    (folder / "tiles" / "readme.txt").write_text("not a raster")
    for named in ("tiles", "tiles/*"):
        scene = imported(f"--red {named}", capsys)
        assert scene.read(["red"])[0, [0, 49, 50], 0].tolist() == [100, 100, 112]
        assert any("'b.tif' fills gaps of 'a.tif'" in n and "12 higher" in n for n in scene.notes)
    seam = report("--red tiles", capsys)[None]["seams"][0]
    assert seam["difference"] == 12 and seam["shared"] == pytest.approx(5 / 9)


def sentinel(folder, baseline: str | None, offset: int | None, date: str = "20230310"):
    """A product with one band, as its unpacked .SAFE folder."""
    product = folder / f"S2A_MSIL2A_{date}T034129_N0509_R061_T48RUV_{date}T081234.SAFE"
    images = product / "GRANULE" / "L2A_T48RUV" / "IMG_DATA" / "R10m"
    images.mkdir(parents=True)
    values = np.full((SIZE, SIZE), 1500, np.uint16)
    values[:, :9] = 0
    write(images, f"T48RUV_{date}T034129_B04_10m.tif", values)
    if baseline:
        ids = f'<BOA_ADD_OFFSET band_id="3">{offset}</BOA_ADD_OFFSET>' if offset else ""
        (product / "MTD_MSIL2A.xml").write_text(
            f"<a><PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>"
            f"<BOA_QUANTIFICATION_VALUE>10000</BOA_QUANTIFICATION_VALUE>{ids}</a>"
        )
    return next(images.iterdir())


@pytest.mark.parametrize(
    ("baseline", "offset", "value"), [("05.09", -1000, 500), ("02.14", 0, 1500)]
)
def test_sentinels_offset_comes_from_the_metadata(folder, capsys, baseline, offset, value):
    path = sentinel(folder, baseline, offset)
    scene = imported(f"--red {path}", capsys)
    red = scene.read(["red"])[..., 0]
    assert (red[:, 9:] == value).all() and np.isnan(red[:, :9]).all()
    assert any(f"processing baseline {baseline}" in note for note in scene.notes)


def test_sentinels_offset_is_guessed_with_a_warning(folder):
    for date, offset in (("20230310", -1000), ("20200310", 0)):
        lone = folder / f"T48RUV_{date}T034129_B04_10m.jp2"
        lone.write_bytes(b"")
        found = sentinel2.scaling(lone)
        assert found.offset == offset and "is assumed" in found.warning
    named = sentinel(folder, None, None)
    assert sentinel2.scaling(named) == sentinel2.Scaling(1.0, -1000.0, "05.09")


def test_units_of_many_spellings():
    assert units.declared("deformation", "m/year").times == 1000
    assert units.declared("elevation", "US survey foot").times == pytest.approx(0.3048006)
    assert units.declared("elevation", "") is None and units.declared("tri", "m") is None


def test_more_of_the_terrain_and_the_radars_view_become_factors(folder, capsys):
    moving = write(folder, "v.tif", full(-6))
    orbit = "incidence=39,heading=-12"
    line = f"--deformation {moving} --add tri,tpi,profile_curvature,plan_curvature"
    line += f" --add v_slope,visibility,uphill,east_rate,up_rate --orbit {orbit}"
    line += f" --second {moving} --second-orbit incidence=36,heading=-168,positive=away"
    scene = imported(line, capsys)
    names = ("tri", "tpi", "v_slope", "visibility", "up_rate")
    assert set(names) <= set(scene.factor_names)
    assert scene.factor("visibility").legend["3"] == "active layover: not visible"
    values = scene.read(["curvature", "profile_curvature", "plan_curvature"])[1:-1, 1:-1]
    np.testing.assert_allclose(values[..., 2] - values[..., 1], values[..., 0], atol=2e-3)
    # A rate with gaps must not take pixels from the networks that do not use it.
    assert scene.valid(scene.read())[1:-1, 1:-1].all()
    down, steep, flag = np.moveaxis(scene.read(["v_slope", "slope", "uphill"]), -1, 0)
    assert 0 < np.isfinite(down).mean() < 1 and np.isfinite(steep).mean() > 0.9
    assert ((flag == 2) == (down < 0)).all() and ((flag == 1) == (down >= 0)).all()
    assert (flag[np.isfinite(steep) & np.isnan(down)] == 3).all(), "no rate: not known"
    told = " ".join(scene.notes)
    assert "run uphill" in told and "does not mean stable ground" in told
    up = scene.read(["up_rate"])[50, 50, 0]
    assert abs(up) < 6, "towards one satellite, away from the other: mostly sideways"


def test_a_table_of_points_becomes_a_rate(folder, capsys):
    (lon,), (lat,) = transform(rasters.UTM, "EPSG:4326", [rasters.X + 500], [rasters.Y - 500])
    (folder / "ps.csv").write_text(f"lon,lat,vel\n{lon},{lat},-8.5\n")
    scene = imported("--deformation ps.csv", capsys)
    assert scene.read(["deformation"])[40, 40, 0] == pytest.approx(-8.5)
    assert any("1 points of 'ps.csv'" in note for note in scene.notes)
