"""What lies under a point of the map, and which tiles touch a part of it."""

import numpy as np
import pytest

from core.maps import bookmark, combined, measured, routes, sides
from core.runs import store as runs
from tests import tiny
from tests.test_routes import Client

ROW, COLUMN = 90, 300  # within a planted landslide


def place(scene, row, column):
    from rasterio.warp import transform

    x, y = scene.grid.affine * (column + 0.5, row + 0.5)
    (lng,), (lat,) = transform(scene.grid.crs, "EPSG:4326", [x], [y])
    return lat, lng


def test_a_place_finds_its_pixel(tiny_scene):
    assert routes.pixel(tiny_scene, *place(tiny_scene, ROW, COLUMN)) == (ROW, COLUMN)
    assert routes.pixel(tiny_scene, 0.0, 0.0) is None
    assert routes.pixel(tiny_scene, *place(tiny_scene, -1, 5)) is None


def test_values_have_units_names_and_gaps(tiny_scene, tiny_runs):
    ids = [run.id for run in tiny_runs] + ["gone"]
    found = {v["title"]: v["text"] for v in routes.values(tiny_scene, ROW, COLUMN, ids)}
    stored = tiny_scene.read(("slope",))[ROW, COLUMN, 0]
    assert float(found["Slope"].split()[0]) == pytest.approx(stored, abs=1)
    assert found["Slope"].endswith(" °") and found["Elevation"].endswith(" m")
    assert found["Lithology"] == "sandstone"
    assert found["Reference"] == "landslide"
    assert found["FCADenseNet · RS-DR"].startswith("p 0.") and len(found) == len(tiny.NAMES) + 3
    gap = {v["title"]: v["text"] for v in routes.values(tiny_scene, 110, 40, ())}
    assert gap["Deformation rate"] == "no data"


def test_the_route_answers_and_refuses(tiny_scene, tiny_runs):
    server = Client()
    lat, lng = place(tiny_scene, ROW, COLUMN)
    address = "/maps/values/{}.json?lat={}&lng={}&run={}"
    run = tiny_runs[0].id
    answer = server.get(address.format("tiny", lat, lng, run))
    assert answer.status_code == 200 and '"row":90' in answer.text and "RS-DR" in answer.text
    runs.delete(run)
    assert "RS-DR" not in server.get(address.format("tiny", lat, lng, run)).text
    assert server.get(address.format("tiny", 0, 0, run)).status_code == 204
    for north in ("nan", "x"):
        assert server.get(address.format("tiny", north, 0, run)).status_code == 400
    for scene in ("none", "..%2ftiny"):
        assert server.get(address.format(scene, lat, lng, run)).status_code in (400, 404)


def test_tiles_touching_a_view(tiny_scene):
    south_east, north_west = place(tiny_scene, 100, 150), place(tiny_scene, 20, 10)
    bounds = (south_east[0], north_west[1]), (north_west[0], south_east[1])
    assert np.flatnonzero(measured.touching(tiny_scene, bounds)).tolist() == [0, 1]


def test_an_address_that_makes_no_sense_is_the_usual_view():
    odd = {"mode": "x", "at": "1,2", "opacity": "nan", "swipe": "7", "outlines": "maybe"}
    assert bookmark.read(odd, 0.5) == bookmark.View(0.5)
    assert bookmark.read({"at": "27.2,102.4,inf"}, 0.5).at is None
    assert bookmark.read({"base": "none"}, 0.5).base == ""


def test_agreement_needs_two_models_and_takes_the_newest(tiny_scene, tiny_runs):
    found = sides.sides_of(tiny_scene)["agreement"]
    assert found.title == "Agreement of the 2 models" and len(found.layer.parts) == 2
    assert found.layer.classes == combined.agreement_classes(2)
    runs.delete(tiny_runs[0].id)
    assert "agreement" not in sides.sides_of(tiny_scene)
