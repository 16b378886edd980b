"""Quantity and unit: what a file says that its numbers are is read and believed, or asked about."""

import zipfile

import h5py
import numpy as np
import pytest
import rasterio
from rasterio.warp import transform

from core.__main__ import main
from core.scene import store
from core.scene.files import landsat, sentinel2
from core.scene.plan import quantity, units
from tests import rasters
from tests.small_import import imported, refused

SIZE = 72
RNG = np.random.default_rng(3)
NOISE = RNG.random((SIZE, SIZE)).astype(np.float32)
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE]
DEM = (1500 + 60 * np.sin(COLUMNS / 5) * np.cos(ROWS / 6) + 5 * ROWS).astype(np.float32)
RATES = (20 * (NOISE - 0.5)).astype(np.float32)


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rasters.write(tmp_path / "dem.tif", DEM)
    return tmp_path


def value(scene: store.Scene, name: str) -> np.ndarray:
    return scene.read([name])[..., 0]


def tagged(path, values, unit: str = "", description: str = "", **tags) -> str:
    rasters.write(path, np.asarray(values, np.float32), **tags)
    with rasterio.open(path, "r+") as file:
        if unit:
            file.units = [unit]
        if description:
            file.descriptions = [description]
    return path.name


PRODUCTS = {
    "S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_1262_unw_phase": "unwrapped phase",
    "S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_1262_wrapped_phase": "wrapped phase",
    "S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_1262_corr": "coherence",
    "S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_1262_los_disp": "displacement",
    "S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_1262_lv_theta": "view",
    "S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_1262_amp": "amplitude",
    "S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_1262_water_mask": "mask",
    "20190610_20190622.geo.unw": "unwrapped phase",
    "20190610_20190622.geo.diff_pha": "wrapped phase",
    "20190610_20190622.geo.cc": "coherence",
    "045A_05123_131313.geo.U": "view",
    "OPERA_L3_DISP-S1_IW_F08882_VV_20190101T000000Z_20190113T000000Z": "displacement",
    "Unw_Phase_ifg_IW1_VV_10Jun2019_22Jun2019": "unwrapped phase",
    "unwrap_ll": "unwrapped phase",
    "velocityStd": "how good a rate is",
    "vstd.geo": "how good a rate is",
    "累计形变量": "displacement",
    "相干系数": "coherence",
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_that_is_no_rate_is_refused_with_the_next_step(folder, capsys, name):
    rasters.write(folder / f"{name}.tif", RATES)
    told = refused(f"--deformation {name}.tif", capsys)
    assert PRODUCTS[name] in told and "--unit deformation=mm/yr" in told
    # The way out works for this very file, and is remembered.
    scene = imported(f"--deformation {name}.tif --unit deformation=mm/yr", capsys)
    np.testing.assert_allclose(value(scene, "deformation"), RATES, rtol=1e-5)
    assert any("as asked" in note for note in scene.notes)


@pytest.mark.parametrize(
    "name",
    ["vel", "velocity_coh07", "los_mean_velocity", "deformation", "insar", "PS_rate", "速率"],
)
def test_names_of_rates_and_of_nothing_are_not_refused(folder, capsys, name):
    rasters.write(folder / f"{name}.tif", RATES)
    np.testing.assert_allclose(
        value(imported(f"--deformation {name}.tif", capsys), "deformation"), RATES, rtol=1e-5
    )


@pytest.mark.parametrize(
    ("unit", "times"),
    [("m/yr", 1000), ("cm/year", 10), ("mm yr-1", 1), ("mm/day", 365.25), ("meters/year", 1000)],
)
def test_a_declared_unit_of_a_rate_is_believed_whatever_the_size(folder, capsys, unit, times):
    name = tagged(folder / "v.tif", RATES, unit=unit)
    scene = imported(f"--deformation {name}", capsys)
    np.testing.assert_allclose(value(scene, "deformation"), RATES * times, rtol=1e-5)
    other = tagged(folder / "w.tif", RATES, UNIT=unit)
    scene = imported(f"--deformation {other}", capsys)
    np.testing.assert_allclose(value(scene, "deformation"), RATES * times, rtol=1e-5)


@pytest.mark.parametrize(
    ("unit", "what"),
    [("m", "a displacement"), ("radian", "the phase"), ("degree", "an angle"), ("K", "unit 'K'")],
)
def test_a_declared_unit_that_no_rate_has_is_refused(folder, capsys, unit, what):
    name = tagged(folder / "v.tif", RATES, unit=unit)
    told = refused(f"--deformation {name}", capsys)
    assert what in told and unit in told and "--unit deformation=" in told
    imported(f"--deformation {name} --unit deformation=mm/yr", capsys)


@pytest.mark.parametrize(
    ("name", "times"),
    [("vel_cm_yr", 10), ("VEL_MM_A", 1), ("los_m_per_year", 1000), ("rate_mm_day", 365.25)],
)
def test_a_unit_in_a_name_is_believed_and_said(folder, capsys, name, times):
    rasters.write(folder / f"{name}.tif", RATES)
    scene = imported(f"--deformation {name}.tif", capsys)
    np.testing.assert_allclose(value(scene, "deformation"), RATES * times, rtol=1e-5)
    assert any("says in its name" in note for note in scene.notes)
    described = tagged(folder / "x.tif", RATES, description=name)
    scene = imported(f"--deformation {described}", capsys)
    np.testing.assert_allclose(value(scene, "deformation"), RATES * times, rtol=1e-5)


def test_values_that_no_rate_has_are_refused(folder, capsys):
    for values, what in (
        (np.pi * (2 * NOISE - 1) * 0.9999, "wrapped phase"),
        (0.2 + 0.79 * NOISE, "coherence"),
        (np.round(NOISE), "a mask or codes"),
    ):
        rasters.write(folder / "x.tif", values.astype(np.float32))
        assert what in refused("--deformation x.tif", capsys)


def mintpy(path, arrays: dict, **attributes) -> str:
    about = {"WIDTH": str(SIZE), "LENGTH": str(SIZE), "EPSG": "32648", "UTM_ZONE": "48N"}
    about |= {"X_FIRST": str(rasters.X), "Y_FIRST": str(rasters.Y)}
    about |= {"X_STEP": "12.5", "Y_STEP": "-12.5"}
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
        file.attrs.update(about | attributes)
    return path.name


def test_mintpys_files_are_what_their_type_and_unit_say(folder, capsys):
    velocity = {"velocity": RATES, "velocityStd": np.abs(RATES)}
    name = mintpy(folder / "velocity.h5", velocity, FILE_TYPE="velocity", UNIT="m/year")
    scene = imported(f"--deformation {name}:velocity", capsys)
    np.testing.assert_allclose(value(scene, "deformation"), RATES * 1000, rtol=1e-5)
    assert "how good a rate is" in refused(f"--deformation {name}:velocityStd", capsys)
    series = {"timeseries": np.stack([RATES] * 3), "date": np.array([b"20180101"] * 3)}
    name = mintpy(folder / "timeseries.h5", series, FILE_TYPE="timeseries", UNIT="m")
    told = refused(f"--deformation {name}:timeseries:3", capsys)
    assert "displacement" in told and "unit 'm'" in told and "timeseries2velocity.py" in told
    coherent = {"temporalCoherence": NOISE}
    name = mintpy(folder / "t.h5", coherent, FILE_TYPE="temporalCoherence", UNIT="1")
    assert "coherence" in refused(f"--deformation {name}", capsys)


def table(path, column: str, values) -> str:
    x = rasters.X + 200 + 30 * np.arange(len(values))
    lon, lat = transform(rasters.UTM, "EPSG:4326", x, [rasters.Y - 400] * len(x))
    lines = [f"{a},{b},{v}" for a, b, v in zip(lon, lat, values)]
    path.write_text("\n".join([f"lon,lat,{column}", *lines]))
    return path.name


@pytest.mark.parametrize(
    ("column", "times"),
    [("vel_cm_yr", 10), ("hor_mm_day", 365.25), ("VEL_M_YR", 1000), ("vel [mm/yr]", 1)],
)
def test_a_columns_name_says_its_unit(folder, capsys, column, times):
    name = table(folder / "p.csv", column, [2.0] * 9)
    scene = imported(f"--deformation {name}", capsys)
    assert np.nanmax(value(scene, "deformation")) == pytest.approx(2 * times)
    if times != 1:
        assert any("says that it is in" in note for note in scene.notes)
    if column.startswith("hor"):
        assert any("horizontal, not along the line of sight" in note for note in scene.notes)


@pytest.mark.parametrize("column", ["displacement", "coherence", "unw_phase", "vel_std"])
def test_a_column_that_is_no_rate_is_refused(folder, capsys, column):
    name = table(folder / "p.csv", column, [2.0] * 9)
    told = refused(f"--deformation {name}:{column}", capsys)
    assert f"column '{column}'" in told and "which is no rate" in told
    imported(f"--deformation {name}:{column} --unit deformation=mm/yr", capsys)


def test_a_unit_that_is_not_known_names_the_way_out(folder, capsys):
    rasters.write(folder / "v.tif", RATES)
    told = refused("--deformation v.tif --unit deformation=furlong/yr", capsys)
    assert "mm/day" in told and "--scale deformation=TIMES" in told


SLOPE = np.degrees(np.arctan(np.hypot(*np.gradient(DEM, 12.5)))).astype(np.float32)


@pytest.mark.parametrize(
    ("unit", "stored"),
    [
        ("percent", 100 * np.tan(np.radians(SLOPE))),
        ("radians", np.radians(SLOPE)),
        ("ratio", np.tan(np.radians(SLOPE))),
        ("decidegrees", 10 * SLOPE),
    ],
)
def test_a_slopes_unit_is_found_beside_the_elevation(folder, capsys, unit, stored):
    rasters.write(folder / "s.tif", stored.astype(np.float32))
    scene = imported("--slope s.tif", capsys)
    assert any(f"--unit slope={unit}" in note for note in scene.notes), scene.notes
    scene = imported(f"--slope s.tif --unit slope={unit}", capsys)
    np.testing.assert_allclose(value(scene, "slope"), SLOPE, rtol=1e-4, atol=1e-4)
    assert not any("--unit slope" in note for note in scene.notes)


def test_a_slope_in_degrees_and_one_whose_name_says_percent(folder, capsys):
    rasters.write(folder / "s.tif", SLOPE)
    assert not any("--unit slope" in note for note in imported("--slope s.tif", capsys).notes)
    percent = (100 * np.tan(np.radians(SLOPE))).astype(np.float32)
    rasters.write(folder / "slope_percent.tif", percent)
    scene = imported("--slope slope_percent.tif", capsys)
    np.testing.assert_allclose(value(scene, "slope"), SLOPE, rtol=1e-4, atol=1e-4)
    assert any("says percent" in note for note in scene.notes)


def test_a_slope_steeper_than_any_landscape_is_suspected_without_likeness(folder, capsys):
    rasters.write(folder / "s.tif", 45 + 40 * NOISE)
    notes = imported("--slope s.tif", capsys).notes
    assert any("as if it were in percent: --unit slope=percent" in note for note in notes)


def test_flat_ground_in_an_aspect_is_told(folder, capsys):
    aspect = np.where(NOISE < 0.2, -1, 360 * NOISE).astype(np.float32)
    rasters.write(folder / "a.tif", aspect)
    scene = imported("--aspect a.tif", capsys)
    assert any("stands for flat ground" in note for note in scene.notes)
    assert np.isnan(value(scene, "aspect")[aspect == -1]).all()


def test_grasss_aspect_and_one_that_points_uphill_are_found(folder, capsys):
    right = value(imported("", capsys), "aspect")
    inner = np.s_[2:-2, 2:-2]
    grass = (90 - right) % 360
    rasters.write(folder / "a.tif", grass.astype(np.float32))
    notes = imported("--aspect a.tif", capsys).notes
    assert any("--unit aspect=grass" in note for note in notes)
    scene = imported("--aspect a.tif --unit aspect=grass", capsys)
    apart = (value(scene, "aspect") - right + 180) % 360 - 180
    assert np.nanmax(np.abs(apart[inner])) < 0.01
    rasters.write(folder / "a.tif", ((right + 180) % 360).astype(np.float32))
    assert any("points up the slope" in n for n in imported("--aspect a.tif", capsys).notes)
    rasters.write(folder / "a.tif", right)
    assert not any("off that of" in n for n in imported("--aspect a.tif", capsys).notes)


def test_heights_in_feet_by_name_and_by_unit(folder, capsys):
    feet = (DEM / 0.3048).astype(np.float32)
    for name in (tagged(folder / "f.tif", feet, unit="US survey foot"), "dem_ft.tif"):
        rasters.write(folder / "dem_ft.tif", feet)
        capsys.readouterr()
        assert main(f"import new --elevation {name} --replace".split()) == 0
        np.testing.assert_allclose(value(store.load("new"), "elevation"), DEM, rtol=1e-4)


INCIDENCE = 35 + 5 * NOISE
ANGLES = {
    "U.geo.tif": np.cos(np.radians(INCIDENCE)),
    "x_lv_theta.tif": np.radians(90 - INCIDENCE),
    "x_inc_map_ell.tif": np.radians(INCIDENCE),
    "incidence.tif": INCIDENCE,
}
LINE = "--deformation vel.tif --add v_slope --orbit"


@pytest.mark.parametrize("name", ANGLES)
def test_the_angles_of_products_become_degrees(folder, capsys, name):
    rasters.write(folder / "vel.tif", RATES)
    rasters.write(folder / "plain.tif", INCIDENCE)
    right = value(imported(f"{LINE} incidence=plain.tif,heading=-12", capsys), "v_slope")
    rasters.write(folder / name, ANGLES[name].astype(np.float32))
    scene = imported(f"{LINE} incidence={name},heading=-12", capsys)
    np.testing.assert_allclose(value(scene, "v_slope"), right, rtol=2e-3, atol=2e-3)
    said = any("turned into degrees" in note for note in scene.notes)
    assert said == (name != "incidence.tif")


@pytest.mark.parametrize("look", ["right", "left"])
def test_hyp3s_and_mintpys_direction_becomes_a_heading(folder, capsys, look):
    rasters.write(folder / "vel.tif", RATES)
    # A satellite in the west by south, seen from the ground: where it looks to the right, it
    # flies to the north by west; to the left, to the south.
    bearing = -102.0
    heading = bearing + (90 if look == "right" else -90)
    orbit = f"incidence=38,look={look},heading="
    right = value(imported(f"{LINE} {orbit}{heading}", capsys), "v_slope")
    east_over_north = np.radians(90 - bearing)
    for name, stored in (
        ("x_lv_phi.tif", np.full_like(DEM, east_over_north - 2 * np.pi)),
        ("azimuthAngle.tif", np.full_like(DEM, -bearing)),
    ):
        rasters.write(folder / name, stored)
        scene = imported(f"{LINE} {orbit}{name}", capsys)
        np.testing.assert_allclose(value(scene, "v_slope"), right, rtol=1e-3, atol=1e-3)


def test_an_angle_that_might_be_several_things_is_asked_about(folder, capsys):
    rasters.write(folder / "vel.tif", RATES)
    cosine = np.cos(np.radians(INCIDENCE)).astype(np.float32)
    rasters.write(folder / "look.tif", cosine)
    told = refused(f"{LINE} incidence=look.tif,heading=-12", capsys)
    assert "--unit incidence=" in told and "cosine" in told
    imported(f"{LINE} incidence=look.tif,heading=-12 --unit incidence=cosine", capsys)
    rasters.write(folder / "x_inc_map.tif", cosine)
    assert "inc_map_ell" in refused(f"{LINE} incidence=x_inc_map.tif,heading=-12", capsys)
    assert "radians" in refused(f"{LINE} incidence=0.66,heading=-12", capsys)


BAND = "T48RUV_20230310T034129_B04_10m"


def stored(reflectance, offset: float = 1000) -> np.ndarray:
    return np.round(reflectance * 10000 + offset).astype(np.uint16)


GROUND = (0.03 + 0.3 * NOISE).astype(np.float32)


def test_a_sentinel_band_is_scaled_by_product_and_value_not_by_name_alone(folder, capsys):
    right = GROUND * 10000
    for values in (GROUND, stored(GROUND, 0), stored(GROUND)):
        rasters.write(folder / f"{BAND}.tif", values)
        scene = imported(f"--red {BAND}.tif", capsys)
        np.testing.assert_allclose(value(scene, "red"), right, atol=1)
        assert any(note.startswith("red: ") for note in scene.notes)
    # An explicit unit goes before the name.
    rasters.write(folder / f"{BAND}.tif", GROUND)
    scene = imported(f"--red {BAND}.tif --unit red=reflectance", capsys)
    np.testing.assert_allclose(value(scene, "red"), right, atol=1)


def test_a_sentinel_band_in_its_zip_has_its_products_offset(folder, capsys):
    product = "S2A_MSIL2A_20200310T034129_N{}_R061_T48RUV_20230310T081234.SAFE"
    rasters.write(folder / "b.tif", stored(GROUND))
    for baseline, xml, shift in (("0509", "", 1000), ("0214", "", 0), ("0214", "-500", 500)):
        top = product.format(baseline)
        packed = f"{baseline}{xml}.zip"
        with zipfile.ZipFile(folder / packed, "w") as archive:
            archive.write(folder / "b.tif", f"{top}/GRANULE/L2A/IMG_DATA/R10m/{BAND}.tif")
            if xml:
                text = f'<a><BOA_ADD_OFFSET band_id="3">{xml}</BOA_ADD_OFFSET></a>'
                archive.writestr(f"{top}/MTD_MSIL2A.xml", text)
        scene = imported(f"--red {packed}:{BAND}.tif", capsys)
        np.testing.assert_allclose(value(scene, "red"), GROUND * 10000 + 1000 - shift, atol=1)


def test_a_band_given_as_another_is_told(folder, capsys):
    rasters.write(folder / f"{BAND}.tif", stored(GROUND))
    notes = imported(f"--green {BAND}.tif", capsys).notes
    assert any("is the red band by its name" in note for note in notes)
    assert sentinel2.band_of(folder / f"{BAND}.tif") == "red"


LANDSAT = "LC08_L2SP_130038_20220101_20220123_02_T1_"


def test_landsats_collection_2_is_scaled(folder, capsys):
    numbers = np.round((GROUND + 0.2) / 0.0000275).astype(np.uint16)
    numbers[:9] = 0
    rasters.write(folder / f"{LANDSAT}SR_B4.TIF", numbers)
    red = value(imported(f"--red {LANDSAT}SR_B4.TIF", capsys), "red")
    np.testing.assert_allclose(red[9:], 10000 * GROUND[9:], atol=1)
    assert np.isnan(red[:9]).all(), "0 is no data"
    kelvin = 280 + 20 * NOISE
    rasters.write(
        folder / f"{LANDSAT}ST_B10.TIF", np.round((kelvin - 149) / 0.00341802).astype(np.uint16)
    )
    scene = imported(f"--factor warmth={LANDSAT}ST_B10.TIF", capsys)
    np.testing.assert_allclose(value(scene, "warmth"), kelvin, atol=0.01)
    # Exported as reflectance, or times 10,000 already: taken as it is, and said.
    for values in (GROUND, np.round(GROUND * 10000).astype(np.int16)):
        rasters.write(folder / f"{LANDSAT}SR_B4.TIF", values)
        scene = imported(f"--red {LANDSAT}SR_B4.TIF", capsys)
        np.testing.assert_allclose(value(scene, "red"), 10000 * GROUND, atol=1)
    assert landsat.scaling("LE07_L2SP_130038_20020101_20200123_02_T1_SR_B4").band == "nir"


def test_a_scale_in_tags_and_a_declared_share_are_used(folder, capsys):
    tags = {"scale_factor": "0.0001", "add_offset": "0"}
    numbers = np.round(GROUND * 10000).astype(np.int16)
    rasters.write(folder / "ndvi.tif", numbers, **tags)
    scene = imported("--factor ndvi=ndvi.tif", capsys)
    np.testing.assert_allclose(value(scene, "ndvi"), GROUND, atol=1e-3)
    rasters.write(folder / "hls.tif", numbers, scale=(0.0001, 0.0))
    scene = imported("--red hls.tif", capsys)
    np.testing.assert_allclose(value(scene, "red"), 10000 * GROUND, atol=1)


def test_pictures_and_indices_times_10000_are_told(folder, capsys):
    picture = np.round(255 * NOISE).astype(np.uint8)
    picture[0, :2] = 0, 255
    rasters.write(folder / "p.tif", picture)
    assert "a picture of a map" in refused("--deformation p.tif", capsys)
    imported("--deformation p.tif --unit deformation=mm/yr", capsys)
    notes = imported("--red p.tif", capsys).notes
    assert any("brightness of a picture" in note for note in notes)
    rasters.write(folder / "n.tif", np.round(9000 * NOISE - 1000).astype(np.int16))
    notes = imported("--factor ndvi=n.tif", capsys).notes
    assert any("--scale ndvi=0.0001" in note for note in notes)
    scene = imported("--factor ndvi=n.tif --scale ndvi=0.0001", capsys)
    assert value(scene, "ndvi").max() < 1
    assert "is not finite" in refused("--red n.tif --nodata red=nan", capsys)


def test_units_and_quantities_by_their_names():
    assert units.named("deformation", "Meters/Year") == "m/yr"
    assert units.rate_in("2019_2022_mm_a") == "mm/yr"
    assert quantity.rate_of("VEL_V_mm") == "mm/yr"
    assert quantity.named("annualAmplitude") == quantity.AMPLITUDE
