"""Inventories as people have them: points, lines that close, a stray feature, several files."""

import geopandas as gpd
import pytest
from shapely import GeometryCollection, LineString, MultiLineString, MultiPoint, Point

from core.__main__ import main
from core.errors import SlideScopeError
from core.learning.tiles import plots
from core.scene import inventory
from core.scene.files import uploads
from core.scene.files.source import Source
from core.scene.files.vectors import polygons_and_notes
from core.scene.plan.assignment import MARKS, Assignment, request_of
from core.scene.plan.override import Override
from core.scene.plan.request import GridChoice
from tests import rasters
from tests.page import texts, visit
from tests.small_import import (
    PLACES,
    SIZE,
    degrees,
    imported,
    noted,
    refused,
    square,
    write_dem,
)

POINTS = [Point(*place) for place in PLACES]
RING = LineString(square(300, 300).exterior.coords)


@pytest.fixture
def here(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_dem(tmp_path)
    return tmp_path


def write(path, geometries: list, crs: str | None = rasters.UTM, **fields) -> str:
    frame = gpd.GeoDataFrame(fields or {"id": range(len(geometries))}, geometry=geometries, crs=crs)
    frame.to_file(path)
    return path.name


def pixels(scene) -> int:
    return round(scene.landslide_share * SIZE**2)


# --- points ---


@pytest.mark.parametrize("name", ["p.shp", "p.gpkg", "p.geojson"])
def test_points_are_refused_with_both_ways_out(here, capsys, name):
    write(here / name, POINTS)
    told = refused(f"--inventory {name}", capsys)
    assert "12 points and no polygon" in told
    assert "--point-radius 30" in told and f"--inventory-points {name}" in told


def test_points_with_a_radius_are_landslides(here, capsys):
    write(here / "p.gpkg", POINTS)
    scene = imported("--inventory p.gpkg --point-radius 40", capsys)
    # Circles of 40 m radius are 32.2 pixels of 12.5 m; neighbours 50 m apart overlap.
    alone = imported("--inventory-points p.gpkg", capsys)
    assert scene.inventory["polygons"] == 12 and 180 < pixels(scene) < 12 * 32
    assert pixels(alone) == 12
    told = noted("--inventory p.gpkg --point-radius inventory=40", capsys)
    assert "12 points of 'p.gpkg' stand for landslides of 40 m radius" in told


def test_the_area_of_a_circle_holds_in_degrees_too(here):
    frame = gpd.GeoDataFrame(geometry=POINTS[:1], crs=rasters.UTM).to_crs("EPSG:4326")
    frame.to_file(here / "p.geojson")
    found, _ = polygons_and_notes(Source("p.geojson", radius=100.0))
    assert found.to_crs(rasters.UTM).area[0] == pytest.approx(31416, rel=0.01)


def test_each_point_of_many_in_one_feature_counts(here, capsys):
    write(here / "p.gpkg", [MultiPoint(PLACES[:3])])
    assert imported("--inventory-points p.gpkg", capsys).inventory["polygons"] == 3
    scene = imported("--inventory p.gpkg --point-radius 15", capsys)
    assert scene.inventory["polygons"] == 3


def test_points_for_statistics_are_no_areas_to_learn(here, capsys):
    write(here / "p.gpkg", POINTS)
    told = noted("--inventory-points p.gpkg", capsys)
    assert "each of the points of 'p.gpkg' (12) marks the pixel that it lies in" in told
    scene = imported("--inventory-points p.gpkg", capsys)
    assert scene.inventory["points"] is True and not scene.marks_areas
    assert inventory.outlines(scene).area.tolist() == pytest.approx([12.5**2] * 12)
    with pytest.raises(SlideScopeError, match="points alone, which is for statistics"):
        plots.load("new")
    assert main(["factors", "new", "--json"]) == 0


def test_a_table_of_points_is_an_inventory(here, capsys):
    rows = [f"{i},{lon},{lat}" for i, (lon, lat) in enumerate(degrees())]
    (here / "p.csv").write_bytes(("编号,经度,纬度\n" + "\n".join(rows)).encode("gbk"))
    assert "--point-radius 30" in refused("--inventory p.csv", capsys)
    assert pixels(imported("--inventory-points p.csv", capsys)) == 12
    assert pixels(imported("--inventory p.csv --point-radius 30", capsys)) > 150
    (here / "n.txt").write_text("\n".join(f"{x} {y}" for x, y in PLACES))
    options = "--inventory-points n.txt --columns x=1,y=2 --crs inventory=EPSG:32648"
    assert pixels(imported(options, capsys)) == 12


NONSENSE = {
    "--inventory ,": "names no file of the inventory",
    "--inventory a.gpkg --point-radius 30": "'a.gpkg' holds no points",
    "--inventory-points a.gpkg": "holds more than points",
    "--inventory a.gpkg --inventory-points p.gpkg": "contradict each other",
    "--inventory p.gpkg --point-radius 0": "above 0",
    "--inventory p.gpkg --point-radius wide": "is no number",
    "--inventory p.gpkg --point-radius elevation=30": "only points of an inventory have a radius",
    "--inventory dem.tif --point-radius 30": "is a raster, which holds no points",
    "--inventory-points dem.tif": "is a raster, which holds no points",
    "--inventory n.gpkg --point-radius 30": "name it with --crs inventory=EPSG:N",
}


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("options", NONSENSE)
def test_what_makes_no_sense_is_one_sentence(here, capsys, options):
    write(here / "a.gpkg", [square(100, 100)])
    write(here / "p.gpkg", POINTS)
    write(here / "n.gpkg", POINTS, crs=None)
    assert NONSENSE[options] in refused(options, capsys)


# --- lines, strays, collections ---


def test_lines_that_close_are_polygons(here, capsys):
    almost = LineString(
        [*square(100, 100).exterior.coords[:-1], (rasters.X + 199.95, rasters.Y - 200)]
    )
    both = MultiLineString([RING, almost])
    write(here / "l.shp", [LineString(square(100, 300).exterior.coords), both])
    assert pixels(imported("--inventory l.shp", capsys)) == 3 * 64
    assert "2 closed lines of 'l.shp' became polygons" in noted("--inventory l.shp", capsys)


def test_lines_that_do_not_close_are_refused(here, capsys):
    write(here / "l.shp", [LineString(PLACES[:4]), LineString(PLACES[4:])])
    told = refused("--inventory l.shp", capsys)
    assert "2 lines and no polygon" in told and "do not close" in told


def test_a_stray_feature_is_left_out_and_named(here, capsys):
    shapes = [square(100, 100), square(300, 100), RING, POINTS[0]]
    write(here / "s.geojson", shapes, name=["a", "b", "c", "pin"])
    scene = imported("--inventory s.geojson", capsys)
    assert pixels(scene) == 3 * 64
    assert any("1 point of 's.geojson' is left out (pin)" in note for note in scene.notes)
    with_pin = imported("--inventory s.geojson --point-radius 20", capsys)
    assert with_pin.inventory["polygons"] == 4


def test_a_few_polygons_among_many_points_are_asked_about(here, capsys):
    write(here / "s.gpkg", [square(100, 100), *POINTS[:3]])
    assert "3 points beside 1 polygon" in refused("--inventory s.gpkg", capsys)


def test_a_stray_feature_among_classes(here, capsys):
    shapes = [square(x, y, 300) for y in (0, 300) for x in (0, 300)]
    write(here / "r.gpkg", [*shapes, POINTS[0]], lith=list("abcdp"))
    scene = imported("--lithology r.gpkg", capsys)
    assert list(scene.factor("lithology").legend.values()) == list("abcd")
    assert any("is left out: the other 4 features" in note for note in scene.notes)


def test_a_collection_gives_its_polygons(here, capsys):
    write(here / "c.gpkg", [GeometryCollection([square(100, 100), POINTS[0]])])
    assert pixels(imported("--inventory c.gpkg", capsys)) == 64


# --- the page ---


def test_points_on_the_page_are_for_statistics_or_get_a_radius(here, monkeypatch):
    monkeypatch.setenv("SLIDESCOPE_DATA", str(here))
    write(here / "landslides.gpkg", POINTS)
    rows = [uploads.rows(str(here / n), [here])[0] for n in ("dem.tif", "landslides.gpkg")]
    assert (rows[1].kind, rows[1].guess.name) == ("points", "inventory")
    dem, slides = Assignment(rows[0], "elevation"), Assignment(rows[1], MARKS)
    asked = request_of("new", [dem, slides], GridChoice(), True)
    argv = asked.argv()
    assert argv[argv.index("--inventory-points") + 1] == str(here / "landslides.gpkg")
    round_ = Assignment(rows[1], "inventory", override=Override(point_radius=30.0))
    argv = request_of("new", [dem, round_], GridChoice(), True).argv()
    assert "--point-radius=inventory=30" in argv
    app = visit("scene")
    for name in ("dem.tif", "landslides.gpkg"):
        app.text_input(key="import_path").set_value(str(here / name)).run()
    assert "“Radius of its points, m: 30” makes each point a landslide" in texts(app)
    key = f"{here / 'landslides.gpkg'}:"
    app.selectbox(key="decide_file").select_index(1).run()
    app.text_input(key=f"decide:point_radius:{key}").set_value("30").run()
    assert "stand for landslides of 30 m radius" in texts(app)
    app.selectbox(key=f"use:{key}").set_value(MARKS).run()
    assert not app.exception
