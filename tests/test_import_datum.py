"""From one datum to another: said by which transformation, how exact, and mended by a shift."""

import json
from functools import partial

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform
from shapely import box

from core.__main__ import main
from core.scene.files import shifts
from core.scene.grid import Grid
from core.scene.plan import datum
from tests import rasters, small_import

# Without a DEM that is not asked for.
imported = partial(small_import.imported, dem="")
SIZE = 60
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE]
HEIGHTS = (1500 + 9 * ROWS + 4 * COLUMNS).astype(np.float32)
GRID = Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), SIZE, SIZE)


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rasters.write(tmp_path / "dem.tif", HEIGHTS)
    return tmp_path


def reported(options: str, capsys) -> dict:
    capsys.readouterr()
    assert main(["import", "new", *options.split(), "--dry-run", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def in_degrees(folder, code: int) -> None:
    """x.tif over the DEM, in degrees of a datum."""
    lon, lat = pyproj.Transformer.from_crs(32648, 4326, always_xy=True).transform(240375, 3019625)
    step = 12.5 / 100_000
    place = Affine(step, 0, lon - 40 * step, 0, -step, lat + 40 * step)
    rows, columns = np.mgrid[:80, :80]
    values = (columns + 100 * rows).astype(np.float32)
    rasters.write(folder / "x.tif", values, transform=place, crs=f"EPSG:{code}")


@pytest.mark.parametrize(("code", "name"), [(4610, "Xian 1980"), (4214, "Beijing 1954")])
def test_a_ballpark_shift_is_a_warning_with_a_cure(folder, capsys, code, name):
    in_degrees(folder, code)
    scene = imported("--elevation dem.tif --factor x=x.tif", capsys)
    (told,) = [note for note in scene.notes if name in note]
    assert "may be off by tens of metres" in told and "--shift x=dx,dy" in told
    report = reported("--elevation dem.tif --factor x=x.tif", capsys)
    (row,) = [r for r in report["report"] if r["key"] == "x"]
    assert any("--shift x=" in sentence for sentence in row["suspicious"])
    assert told in report["notes"]


def test_a_scene_in_an_old_datum_says_what_a_map_makes_of_it(folder, capsys):
    rasters.write(folder / "old.tif", HEIGHTS, origin=(35_500_000, 3_300_000), crs="EPSG:2359")
    scene = imported("--elevation old.tif", capsys)
    assert any(n.startswith("The scene is in Xian 1980") for n in scene.notes)


def test_a_transformation_is_named_with_its_accuracy():
    grid = Grid("EPSG:32649", (1000, 0, 500000, 0, -1000, 2300000), 50, 50)
    way = datum.to_grid(CRS.from_epsg(4214), grid)
    assert way is not None and not way.ballpark and way.accuracy_m == 15
    assert "by 'Beijing 1954 to WGS 84 (3)', accurate to 15 m" in way.told


@pytest.mark.parametrize("code", [4490, 4258, 4269, 4612, 4283])
def test_modern_datums_agree_and_are_no_warning(code):
    way = datum.to_grid(CRS.from_epsg(code), GRID)
    assert way is not None and not way.ballpark


def test_the_same_datum_needs_nothing():
    assert datum.to_grid(CRS.from_epsg(4326), GRID) is None
    assert datum.to_grid(None, GRID) is None and datum.to_map(GRID) is None


def test_parameters_in_the_file_count(folder):
    crs = CRS.from_wkt(
        'GEOGCS["X",DATUM["D_Beijing_1954",SPHEROID["Krassowsky_1940",6378245,298.3],'
        'TOWGS84[15.8,-154.4,-82.3,0,0,0,0]],PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]]'
    )
    way = datum.to_grid(crs, GRID)
    assert way is not None and not way.ballpark and "TOWGS84" in way.told


def test_a_shift_moves_rasters_polygons_and_points(folder, capsys):
    values = np.zeros((SIZE, SIZE), np.float32)
    values[20:30, 20:30] = 7
    rasters.write(folder / "x.tif", values)
    rasters.write_polygons(folder / "s.gpkg", [box(240250, 3019625, 240375, 3019750)])
    scene = imported(
        "--elevation dem.tif --factor x=x.tif --inventory s.gpkg "
        "--shift x=25,-12.5 --shift inventory=25,-12.5 --continuous x",
        capsys,
    )
    # The scene is cut to what both rasters cover: two columns and a row less.
    assert scene.grid.transform[2] == 240025 and scene.grid.transform[5] == 3019987.5
    moved = scene.read(["x"]).reshape(scene.grid.shape)
    assert (moved[20:30, 20:30] == 7).all() and moved.sum() == 700
    with rasterio.open(scene.needed_mask.with_name("mask.tif")) as source:
        mask = source.read(1)
    assert mask[20:30, 20:30].all() and mask.sum() == 100
    assert any("moved by 25 m to the east and -12.5 m to the north" in n for n in scene.notes)


def test_a_geocentric_shift_is_that_of_the_parameters():
    bound = CRS.from_string("+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3 +no_defs")
    (lon,), (lat,) = transform(bound, "EPSG:4326", [105.0], [30.0])
    plain = CRS.from_epsg(4214)
    by = shifts.on_map(plain, 105.0, 30.0, (15.8, -154.4, -82.3))
    (x,), (y,) = transform(plain, "EPSG:4326", [105.0 + by[0]], [30.0 + by[1]])
    assert (x, y) == pytest.approx((lon, lat), abs=1e-7)


def test_a_shift_ends_the_warning(folder, capsys):
    in_degrees(folder, 4610)
    scene = imported("--elevation dem.tif --factor x=x.tif --shift x=10,20", capsys)
    assert not any("may be off" in note for note in scene.notes)


@pytest.mark.parametrize("text", ["a", "1", "1,2,3,4", "1e9,0", "nan,1"])
def test_a_bad_shift_is_one_sentence(folder, capsys, text):
    assert main(["import", "new", "--elevation", "dem.tif", "--shift", f"elevation={text}"]) == 2
    assert "write dx,dy" in capsys.readouterr().err


def test_a_shift_needs_a_system(folder, capsys):
    rasters.write(folder / "x.tif", HEIGHTS, crs=None)
    assert main(["import", "new", "--elevation", "x.tif", "--shift", "elevation=1,2"]) == 2
    assert "--shift needs a coordinate reference system" in capsys.readouterr().err
