"""Distance to the features of a layer: against scipy's exact transform and a search of all pairs,
imported as a factor, and what is refused."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from rasterio.windows import Window
from scipy import ndimage

from core.__main__ import main
from core.commands import parse
from core.learning.tiles.channels import dataset_factors
from core.scene.align.distance import DistanceReader
from core.scene.grid import Grid
from core.workflows import request_class
from tests import rasters
from tests.small_import import SIZE, imported, line, noted, refused, square, write_dem

GRID = Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), 90, 70)
WHOLE = Window(0, 0, 90, 70)


def centre(row: int, column: int) -> tuple[float, float]:
    return GRID.affine * (column + 0.5, row + 0.5)


def test_it_is_scipys_exact_transform_where_features_lie_on_pixel_centres():
    rng = np.random.default_rng(0)
    burnt = np.zeros(GRID.shape, bool)
    burnt.ravel()[rng.permutation(burnt.size)[:25]] = True
    shapes = [shapely.Point(centre(*at)) for at in np.argwhere(burnt)]
    # Lines along a row and a column go through every centre of it.
    burnt[50, 10:60] = burnt[5:40, 77] = True
    shapes.append(shapely.LineString([centre(50, 10), centre(50, 30), centre(50, 59)]))
    shapes.append(shapely.LineString([centre(5, 77), centre(39, 77)]))
    found = DistanceReader(np.array(shapes), GRID).read(WHOLE)
    wanted = ndimage.distance_transform_edt(~burnt, sampling=12.5)
    assert found == pytest.approx(wanted, abs=1e-2)


def test_slanting_lines_and_polygons_are_measured_exactly_and_within_is_0():
    rng = np.random.default_rng(1)
    x, y = GRID.affine * (rng.uniform(-30, 120, (2, 12)))
    trace = shapely.LineString(np.stack([x, y], axis=1))
    ring = (
        shapely.Point(240500, 3019500)
        .buffer(120)
        .difference(shapely.Point(240500, 3019500).buffer(40))
    )
    shapes = np.array([trace, shapely.MultiPolygon([ring])])
    found = DistanceReader(shapes, GRID).read(WHOLE)
    for row, column in np.argwhere(np.ones(GRID.shape, bool))[::37]:
        point = shapely.Point(centre(row, column))
        assert found[row, column] == pytest.approx(point.distance(trace.union(ring)), abs=1e-2)
    inside = shapely.contains_xy(
        ring, *GRID.affine * np.meshgrid(np.arange(90) + 0.5, np.arange(70) + 0.5)
    )
    assert inside.any() and not found[inside].any()


def test_a_window_reads_what_the_whole_holds():
    reader = DistanceReader(np.array([shapely.LineString([(239000, 3e6), (242000, 3.1e6)])]), GRID)
    part = reader.read(Window(13, 7, 20, 30))
    assert part.tolist() == reader.read(WHOLE)[7:37, 13:33].tolist()


def test_metres_of_web_mercator_are_those_on_the_ground():
    grid = Grid("EPSG:3857", (20, 0, 0, 0, -20, 8399737.9), 10, 10)  # 60 degrees north
    line = shapely.LineString([(-50, 8.2e6), (-50, 8.6e6)])
    found = DistanceReader(np.array([line]), grid).read(Window(0, 0, 10, 10))
    assert found[0, 0] == pytest.approx(60 * 0.5, rel=0.01)


@pytest.fixture
def here(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_dem(tmp_path)
    fault = shapely.LineString(
        [(rasters.X - 400, rasters.Y - 100), (rasters.X - 100, rasters.Y + 50)]
    )
    trace = shapely.LineString(
        [(rasters.X + 6.25, rasters.Y + 90), (rasters.X + 6.25, rasters.Y - 900)]
    )
    rasters.write_polygons(tmp_path / "faults.gpkg", [trace, fault])
    rasters.write_polygons(tmp_path / "lakes.gpkg", [square(200, 200)])
    return tmp_path


def test_it_is_a_factor_like_others(here, capsys):
    words = "--distance-to faults=faults.gpkg --distance-to lakes=lakes.gpkg,faults.gpkg"
    said = noted(words, capsys)
    assert "distance_to_faults: metres to the nearest of 2 features of 'faults.gpkg', 1 of" in said
    scene = imported(words, capsys)
    item = scene.factor("distance_to_faults")
    assert (item.unit, item.kind, item.known.title) == ("m", "continuous", "Distance to faults")
    assert item.source == "distance to faults.gpkg"
    names = scene.factor_names
    values = scene.read(("distance_to_faults", "distance_to_lakes"))
    assert values[:, 0, 0] == pytest.approx(0, abs=1e-3)
    # Columns of 12.5 m from the trace in the first; in the lake 0.
    assert values[30, :6, 0] == pytest.approx(12.5 * np.arange(6), abs=1e-2)
    assert values[20, 20, 1] == 0
    assert {"distance_to_faults", "distance_to_lakes"} <= set(dataset_factors(scene, "rs"))
    assert names[-2:] == ("distance_to_faults", "distance_to_lakes")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_another_reference_system_is_brought_along_and_one_is_decided_on(here, capsys):
    trace = shapely.LineString(
        [(rasters.X + 300, rasters.Y + 90), (rasters.X + 300, rasters.Y - 900)]
    )
    frame = gpd.GeoDataFrame(geometry=[trace], crs=rasters.UTM)
    frame.to_crs("EPSG:4326").to_file(here / "degrees.geojson")
    rasters.write_polygons(here / "bare.gpkg", [trace], crs=None)
    scene = imported(
        "--distance-to a=degrees.geojson --distance-to b=bare.gpkg --crs distance_to_b=EPSG:32648",
        capsys,
    )
    values = scene.read(("distance_to_a", "distance_to_b"))
    assert values[..., 0] == pytest.approx(values[..., 1], abs=0.05)


REFUSED = {
    "has no coordinate reference system while the scene has one": "a=bare.gpkg",
    "does not meet the scene: its nearest feature lies 50 km beside it": "a=far.gpkg",
    "is a raster: --distance-to measures from lines": "a=dem.tif",
    "holds no geometry at all": "a=empty.geojson",
    "is given twice: write all of its files": "a=lakes.gpkg --distance-to a=faults.gpkg",
    "Invalid factor name 'two words'": None,
    "'distance_to_a' is the distance to what": "a=lakes.gpkg --unit distance_to_a=m",
    "does not name a factor and its file": "lakes.gpkg",
}


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_measured_from_is_one_sentence(here, capsys, sentence):
    rasters.write_polygons(here / "bare.gpkg", [square(0, 0)], crs=None)
    rasters.write_polygons(here / "far.gpkg", [square(50_000 + SIZE * 12.5, 0)])
    (here / "empty.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    words = REFUSED[sentence]
    if words is None:
        capsys.readouterr()
        assert main([*line(""), "--distance-to", "two words=lakes.gpkg"]) == 2
        assert sentence in capsys.readouterr().err
        return
    assert sentence in refused(f"--distance-to {words}", capsys)


def test_a_scene_without_a_system_has_no_place_for_a_layer(here, capsys):
    rasters.write(here / "plain.tif", np.ones((SIZE, SIZE), np.float32), crs=None)
    said = refused("--distance-to a=lakes.gpkg", capsys, dem="plain.tif")
    assert "'distance_to_a' needs a scene with a coordinate reference system" in said


def test_a_request_is_written_as_it_is_read():
    request = parse(line("--distance-to roads=roads.shp,more.gpkg:tracks"))
    assert [source.path for source in request.distances["roads"]] == ["roads.shp", "more.gpkg"]
    assert parse(request.argv()) == request
    assert request_class("import").from_json(request.to_json()) == request
