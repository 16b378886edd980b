"""Where an input lies is read rightly, or refused with the cure that works for that very file."""

import json
import zipfile
from functools import partial

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from shapely import box

from core.__main__ import main
from core.errors import SlideScopeError
from core.scene import ground
from core.scene.files import side_cars, systems
from core.scene.files.raster import open_band
from core.scene.files.source import parse_source
from core.scene.grid import Grid
from tests import rasters, small_import

# Without a DEM that is not asked for.
imported = partial(small_import.imported, dem="")
refused = partial(small_import.refused, dem="")
SIZE = 60
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE]
HEIGHTS = (1500 + 9 * ROWS + 4 * COLUMNS).astype(np.float32)


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rasters.write(tmp_path / "dem.tif", HEIGHTS)
    return tmp_path


def dry_notes(options: str, capsys) -> list[str]:
    capsys.readouterr()
    assert main(["import", "new", *options.split(), "--dry-run", "--json"]) == 0
    return json.loads(capsys.readouterr().out)["notes"]


def plane(degrees: float, cell: float) -> np.ndarray:
    """Heights that rise to the east at an angle, `cell` metres on the ground a column."""
    return (np.tan(np.radians(degrees)) * cell * COLUMNS).astype(np.float32)


def test_a_metre_of_web_mercator_is_half_a_metre_at_60_north(folder, capsys):
    there = Affine(20, 0, 11_000_000, 0, -20, 8_400_000)
    rasters.write(folder / "merc.tif", plane(30, 10), transform=there, crs="EPSG:3857")
    scene = imported("--elevation merc.tif", capsys)
    assert CRS.from_user_input(scene.grid.crs).to_epsg() == 32647
    assert np.nanmedian(scene.read(["slope"])) == pytest.approx(30, abs=0.3)
    assert any("is 0.50" in note and "--like keeps its grid" in note for note in scene.notes)
    assert dry_notes("--elevation merc.tif", capsys)[: len(scene.notes) - 1] == list(
        scene.notes[:-1]
    )


def test_a_grid_that_is_insisted_on_is_measured_on_the_ground(folder, capsys):
    there = Affine(20, 0, 11_000_000, 0, -20, 8_400_000)
    rasters.write(folder / "merc.tif", plane(30, 10), transform=there, crs="EPSG:3857")
    scene = imported("--elevation merc.tif --like merc.tif", capsys)
    assert CRS.from_user_input(scene.grid.crs).to_epsg() == 3857
    assert np.nanmedian(scene.read(["slope"])) == pytest.approx(30, abs=0.3)
    assert scene.grid.pixel_km2 == pytest.approx(100e-6, rel=0.01)
    assert any("are of the ground" in note for note in scene.notes)


def test_far_outside_its_zone_utm_is_no_measure_and_north_is_turned(folder, capsys):
    there = Affine(10, 0, 1_500_000, 0, -10, 4_000_000)
    along, _ = ground.scale_at("EPSG:32643", 1_500_300, 3_999_700)
    assert along == pytest.approx(1 / 1.0122, abs=1e-3)
    values = plane(20, 10 * along)
    rasters.write(folder / "far.tif", values, transform=there, crs="EPSG:32643")
    scene = imported("--elevation far.tif", capsys)
    assert CRS.from_user_input(scene.grid.crs).to_epsg() == 32645
    assert np.nanmedian(scene.read(["slope"])) == pytest.approx(20, abs=0.05)
    # The plane falls to the west of its own grid, whose north is turned on the scene's.
    to_degrees = pyproj.Transformer.from_crs(32643, 4326, always_xy=True)
    to_scene = pyproj.Transformer.from_crs(4326, 32645, always_xy=True)
    west, east = (to_scene.transform(*to_degrees.transform(x, 3_999_700)) for x in (1.5e6, 1.501e6))
    bearing = np.degrees(np.arctan2(west[0] - east[0], west[1] - east[1])) % 360
    assert np.nanmedian(scene.read(["aspect"])) == pytest.approx(bearing, abs=0.2)


def test_within_a_zone_nothing_changes():
    assert Grid(rasters.UTM, (12.5, 0, 240000, 0, -12.5, 3020000), 10, 10).pixel_metres == (
        12.5,
        12.5,
    )
    assert Grid("EPSG:4326", (0.001, 0, 103, 0, -0.001, 27), 10, 10).pixel_metres is None


@pytest.mark.parametrize("west", [253.9, 613.9, -466.1])
def test_longitudes_of_another_turn(folder, capsys, west):
    rasters.write(
        folder / "us.tif", HEIGHTS, transform=Affine(1e-4, 0, west, 0, -1e-4, 40), crs="EPSG:4326"
    )
    if west > 541 or west < -361:
        assert "its coordinate reference system is wrong" in refused("--elevation us.tif", capsys)
        return
    scene = imported("--elevation us.tif", capsys)
    assert CRS.from_user_input(scene.grid.crs).to_epsg() == 32613
    assert scene.factor("elevation").valid_share > 0.9
    assert any("are taken as -106.1" in note for note in scene.notes)


@pytest.mark.parametrize(("west", "zone"), [(179.997, 32701), (-180.005, 32760), (-106.0, 32713)])
def test_a_raster_of_the_whole_earth_from_0_to_360(folder, capsys, west, zone):
    rasters.write(
        folder / "dem.tif", HEIGHTS, transform=Affine(1e-4, 0, west, 0, -1e-4, -16), crs="EPSG:4326"
    )
    longitudes = np.broadcast_to(np.arange(0, 360, 1.0) + 0.5, (180, 360)).astype(np.float32)
    rasters.write(
        folder / "rain.tif", longitudes, transform=Affine(1, 0, 0, 0, -1, 90), crs="EPSG:4326"
    )
    scene = imported("--elevation dem.tif --factor rain=rain.tif", capsys)
    assert CRS.from_user_input(scene.grid.crs).to_epsg() == zone
    assert scene.factor("rain").valid_share == 1
    assert np.median(scene.read(["rain"])) == pytest.approx(west % 360, abs=0.1)


def test_a_system_without_a_place_is_not_placed_by_crs(folder, capsys):
    with rasterio.open(
        folder / "plain.tif", "w", driver="GTiff", width=SIZE, height=SIZE, count=1, dtype="float32"
    ) as t:
        t.write(HEIGHTS, 1)
    for name in ("deformation", "inventory"):
        told = refused(f"--elevation dem.tif --{name} plain.tif --crs {name}=EPSG:4326", capsys)
        assert "no geotransform" in told and "-a_ullr" in told and "plain.tfw" in told


def test_side_cars_of_arcgis_and_gdal(folder, capsys):
    place = Affine(12.5, 0, 240000, 0, -12.5, 3020000)
    rasters.write(folder / "a.tif", HEIGHTS, crs=None, transform=place)
    wkt = CRS.from_epsg(32648).to_wkt()
    (folder / "a.tif.aux.xml").write_text(
        '<PAMDataset><Metadata domain="xml:ESRI" format="xml"><GeodataXform '
        'xmlns:typens="x"><SpatialReference>'
        f"<WKT>{wkt.replace('&', '&amp;')}</WKT></SpatialReference></GeodataXform></Metadata>"
        '<PAMRasterBand band="1"><NoDataValue>1.5E+03</NoDataValue></PAMRasterBand></PAMDataset>'
    )
    scene = imported("--elevation a.tif", capsys)
    assert CRS.from_user_input(scene.grid.crs).to_epsg() == 32648
    assert scene.factor("elevation").minimum > 1500
    assert any("come from 'a.tif.aux.xml'" in n for n in scene.notes)
    assert any("come from 'a.tif.aux.xml'" in n for n in dry_notes("--elevation a.tif", capsys))


def test_a_prj_and_a_world_file_place_a_picture(folder, capsys):
    with rasterio.open(
        folder / "p.png", "w", driver="PNG", width=SIZE, height=SIZE, count=1, dtype="uint16"
    ) as t:
        t.write(HEIGHTS.astype("uint16"), 1)
    (folder / "p.pgw").write_text("12.5\n0\n0\n-12.5\n240006.25\n3019993.75\n")
    (folder / "p.prj").write_text(CRS.from_epsg(32648).to_wkt("WKT1_ESRI"))
    scene = imported("--elevation dem.tif --factor x=p.png", capsys)
    assert (scene.read(["x"]) == scene.read(["elevation"])).all()
    assert any("comes from 'p.prj'" in note for note in scene.notes)


def test_a_side_car_that_is_not_read_is_told(folder, capsys):
    place = Affine(12.5, 0, 240000, 0, -12.5, 3020000)
    rasters.write(folder / "x.tif", HEIGHTS, transform=place)
    (folder / "x.tfw").write_text("12.5\n0\n0\n-12.5\n999999\n3019993.75\n")
    scene = imported("--elevation dem.tif --factor x=x.tif", capsys)
    assert any("'x.tfw' says another place" in note and "not read" in note for note in scene.notes)
    rasters.write(folder / "y.tif", HEIGHTS, crs=None, transform=place)
    (folder / "y.prj").write_text("what is this")
    told = refused("--elevation dem.tif --factor y=y.tif", capsys)
    assert "--crs" in told


def test_hostile_xml_is_not_read(tmp_path):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><PAMDataset><SRS>&a;</SRS></PAMDataset>'
    assert side_cars.xml(bomb) is None and side_cars.xml(b"<PAMDataset>") is None
    assert side_cars.xml(b"<PAMDataset><!-- by hand --></PAMDataset>") is not None


ZONES = {
    "prefix, and the system has none": (4544, 35_500_000, "elevation=EPSG:4523"),
    "no prefix, and the system has one": (4523, 500_000, "elevation=EPSG:4544"),
    "Xian 1980": (2380, 35_400_000, "elevation=EPSG:2359"),
    "six degrees": (4507, 18_500_000, "elevation=EPSG:4496"),
    "another zone's number": (4544, 34_500_000, "elevation=EPSG:4522"),
}


@pytest.mark.parametrize(("code", "x", "cure"), ZONES.values(), ids=ZONES)
def test_eastings_with_a_zone_number_in_front(folder, capsys, code, x, cure):
    rasters.write(folder / "gk.tif", HEIGHTS, origin=(x, 3_300_000), crs=f"EPSG:{code}")
    told = refused("--elevation gk.tif", capsys)
    assert cure in told
    # The cure works.
    imported(f"--elevation gk.tif --crs {cure}", capsys)


def test_utm_with_its_zone_in_front(folder, capsys):
    rasters.write(folder / "u.tif", HEIGHTS, origin=(48_500_000, 3_300_000))
    told = refused("--elevation u.tif", capsys)
    cure = told.split("elevation=")[1].rstrip(".").strip("'")
    assert main(["import", "new", "--elevation", "u.tif", f"--crs=elevation={cure}"]) == 0


def test_polygons_of_a_wrong_zone_are_refused_before_the_work(folder, capsys):
    rasters.write_polygons(
        folder / "s.gpkg", [box(35_500_100, 3e6, 35_500_300, 3.0002e6)], crs="EPSG:4544"
    )
    assert "--crs inventory=EPSG:4523" in refused("--elevation dem.tif --inventory s.gpkg", capsys)
    (folder / "p.csv").write_text("x,y,vel\n35500100,3000000,2\n35500200,3000100,3\n")
    told = refused("--elevation dem.tif --deformation p.csv --crs deformation=EPSG:4544", capsys)
    assert "--crs deformation=EPSG:4523" in told


PLACES = {
    "local": ('LOCAL_CS["Site",UNIT["metre",1]]', (0, 0), "tied to no place"),
    "degrees as metres": ("EPSG:32648", (103.0, 30.0), "are degrees: give --crs elevation="),
    "metres as degrees": ("EPSG:4326", (35_500_000, 3_300_000), "elevation=EPSG:4523"),
    "northing first": ("EPSG:4544", (3_300_000, 500_000), "x and y are swapped"),
    "latitude first": ("EPSG:4326", (30.0, 103.0), "x and y are swapped"),
}


@pytest.mark.parametrize(("crs", "origin", "words"), PLACES.values(), ids=PLACES)
def test_coordinates_that_cannot_be_their_systems(folder, capsys, crs, origin, words):
    cell = 12.5 if origin[0] > 1000 or origin == (0, 0) else 1e-4
    rasters.write(folder / "x.tif", HEIGHTS, cell, origin, crs)
    assert words in refused("--elevation x.tif", capsys)


def test_a_wrong_system_is_mended_by_crs(folder, capsys):
    rasters.write(folder / "x.tif", HEIGHTS, origin=(35_500_000, 3_300_000), crs="EPSG:4326")
    scene = imported("--elevation x.tif --crs elevation=EPSG:4523", capsys)
    assert CRS.from_user_input(scene.grid.crs).to_epsg() == 4523


def test_crs_takes_what_people_have(folder, capsys):
    rasters.write(
        folder / "x.tif", HEIGHTS, crs=None, transform=Affine(12.5, 0, 240000, 0, -12.5, 3020000)
    )
    (folder / "z.prj").write_text(CRS.from_epsg(32648).to_wkt("WKT1_ESRI"))
    (folder / "old.prj").write_text(
        "Projection UTM\nZone 48\nDatum WGS84\nUnits METERS\nParameters\n"
    )
    for text in ("z.prj", "old.prj", "32648", "epsg:32648"):
        scene = imported(f"--elevation x.tif --crs elevation={text}", capsys)
        assert CRS.from_user_input(scene.grid.crs).to_epsg() == 32648


@pytest.mark.parametrize(
    "text", ["no.prj", "x", "http://127.0.0.1:9/a", "/vsicurl/a", "dem.tif", "4326.7"]
)
def test_a_bad_crs_is_one_sentence(folder, capsys, text):
    told = refused(f"--elevation dem.tif --crs elevation={text}", capsys)
    assert "--crs" in told and "EPSG:" in told


def test_a_table_with_both_kinds_of_places_follows_the_system(folder, capsys):
    x, y = 240100 + np.arange(9) * 70.0, np.full(9, 3019600.0)
    lon, lat = pyproj.Transformer.from_crs(32648, 4326, always_xy=True).transform(x, y)
    lines = [f"{a},{b},{c},{d},{e}" for a, b, c, d, e in zip(lat, lon, x, y, range(9))]
    (folder / "p.csv").write_text("latitude,longitude,easting,northing,vel\n" + "\n".join(lines))
    with_metres = imported(
        "--elevation dem.tif --deformation p.csv --crs deformation=EPSG:32648", capsys
    )
    first = with_metres.read(["deformation"]).copy()
    second = imported("--elevation dem.tif --deformation p.csv", capsys).read(["deformation"])
    np.testing.assert_allclose(first, second, atol=1e-3, equal_nan=True)


def test_systems_are_read_without_following_names():
    assert systems.parse("file:///etc/passwd") is None and systems.parse("") is None
    with pytest.raises(SlideScopeError, match="no coordinate reference system"):
        systems.read("https://spatialreference.org/ref/epsg/32648/")


def test_a_place_in_an_archive_is_read_beside_the_member(tmp_path):
    rasters.write(
        tmp_path / "a.tif", HEIGHTS, crs=None, transform=Affine(12.5, 0, 240000, 0, -12.5, 3020000)
    )
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.tif", "in/a.tif")
        archive.writestr("in/a.prj", CRS.from_epsg(32648).to_wkt())
    raster = open_band(parse_source(str(tmp_path / "a.zip")))
    assert raster.crs is not None and raster.crs.to_epsg() == 32648
    with raster.open() as dataset:
        assert dataset.crs.to_epsg() == 32648 and (dataset.read(1) == HEIGHTS).all()


def test_areas_of_landslides_are_of_the_ground(folder, capsys):
    there = Affine(20, 0, 11_000_000, 0, -20, 8_400_000)
    rasters.write(folder / "merc.tif", plane(30, 10), transform=there, crs="EPSG:3857")
    rasters.write_polygons(
        folder / "s.gpkg", [box(11_000_200, 8_399_400, 11_000_400, 8_399_600)], crs="EPSG:3857"
    )
    for more in ("", " --like merc.tif"):
        scene = imported(f"--elevation merc.tif --inventory s.gpkg{more}", capsys)
        found = gpd.read_file(scene.needed_mask.with_name("outlines.gpkg"))
        assert found["area_ha"].sum() == pytest.approx(1.0, rel=0.02)


def test_without_elevation_a_raster_keeps_its_pixels_and_areas_are_true(folder, capsys):
    there = Affine(20, 0, 11_000_000, 0, -20, 8_400_000)
    rasters.write(folder / "x.tif", HEIGHTS, transform=there, crs="EPSG:3857")
    scene = imported("--factor x=x.tif", capsys)
    assert scene.grid.shape == (SIZE, SIZE) and scene.grid.pixel_km2 == pytest.approx(
        1e-4, rel=0.01
    )
    assert any("is 0.50" in note for note in scene.notes)


def test_what_has_no_system_is_told_the_likely_one(folder, capsys):
    place = Affine(12.5, 0, 35_500_000, 0, -12.5, 3_300_000)
    rasters.write(folder / "x.tif", HEIGHTS, crs=None, transform=place)
    assert "x=EPSG:4523" in refused("--elevation dem.tif --factor x=x.tif", capsys)
    rasters.write_polygons(folder / "s.shp", [box(102.3, 27.2, 102.4, 27.3)], crs=None)
    assert "inventory=EPSG:4326" in refused("--elevation dem.tif --inventory s.shp", capsys)


@pytest.mark.parametrize("numbers", ["0,0,0,0,0,0", "nan,1,0,0,0,1", "1,2,3", "1e400,1,0,0,0,1"])
def test_a_broken_place_in_a_side_car_is_none(folder, numbers):
    about = f"<PAMDataset><GeoTransform>{numbers}</GeoTransform></PAMDataset>"
    (folder / "dem.tif.aux.xml").write_text(about)
    (folder / "dem.tfw").write_text(numbers.replace(",", "\n"))
    raster = open_band(parse_source(str(folder / "dem.tif")))
    assert raster.transform == Affine(12.5, 0, 240000, 0, -12.5, 3020000)
