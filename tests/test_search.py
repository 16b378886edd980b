"""A place that somebody writes down is found on the map, or refused in one sentence."""

from dataclasses import replace

import pytest

from core.errors import SlideScopeError
from core.maps import place, search
from tests import tiny
from tests.test_routes import Client

# The middle of pixel (128, 192) of the tiny scene, as the map's read-out writes it.
ROW, COLUMN = 128, 192


@pytest.fixture
def there(tiny_scene):
    return place.point(tiny_scene, ROW, COLUMN)


def pixel(scene, text: str):
    return place.pixel(scene, *search.find(scene, text))


def test_degrees_are_read_as_people_write_them(tiny_scene, there):
    lat, lng = there
    minutes = [f"{int(v)}° {int(v % 1 * 60)}' {v * 60 % 1 * 60:.2f}\"" for v in there]
    for text in (
        f"{lat:.6f}, {lng:.6f}",
        f"{lat:.6f} {lng:.6f}",
        f" {lat:.6f};{lng:.6f} ",
        f"{lat:.5f}° N, {lng:.5f}° E",
        f"E {lng:.6f} N {lat:.6f}",
        f"{minutes[0]} N {minutes[1]} E",
    ):
        assert pixel(tiny_scene, text) == (ROW, COLUMN), text


def test_x_and_y_of_the_scenes_grid_are_read_too(tiny_scene):
    x, y = tiny_scene.grid.affine * (COLUMN + 0.5, ROW + 0.5)
    assert pixel(tiny_scene, f"{x:.2f}, {y:.2f}") == (ROW, COLUMN)


def test_a_scene_without_a_reference_system_has_rows_and_columns(tiny_scene):
    scene = replace(tiny_scene, grid=tiny.PIXEL_GRID)
    assert pixel(scene, "128, 192") == (ROW, COLUMN)
    with pytest.raises(SlideScopeError, match="256 rows and 384 columns, counted from 0"):
        search.find(scene, "300, 10")
    with pytest.raises(SlideScopeError, match="write row and column of the scene"):
        search.find(scene, "somewhere")


@pytest.mark.parametrize(
    "text",
    ["", "27.2", "27.2;;x", "here", "27.2, 102.4, 5", "27.2 N 28 N", "27.2 N 102.4", "1e5 2"],
)
def test_what_is_no_place_is_one_sentence_with_an_example(tiny_scene, text):
    with pytest.raises(SlideScopeError) as error:
        search.find(tiny_scene, text)
    words = str(error.value)
    assert "is no place: write latitude and longitude in degrees, such as 27.26" in words
    assert "x and y in EPSG:32648, such as 242400, 3018400" in words


def test_a_place_outside_says_what_the_scene_has(tiny_scene, there):
    with pytest.raises(SlideScopeError) as error:
        search.find(tiny_scene, "27.5, 103")
    words = str(error.value)
    assert words.startswith("27.5, 103 lies outside scene 'tiny', which has latitudes 27.2")
    assert "x 240000 to 244800 and y 3016800 to 3020000 in EPSG:32648" in words
    with pytest.raises(SlideScopeError, match="The other way round it would lie in it"):
        search.find(tiny_scene, f"{there[1]}, {there[0]}")


def test_the_server_answers_with_the_place_or_the_sentence(tiny_scene, there):
    client = Client()
    found = client.get("/maps/search/tiny.json?text=27.2651,102.3980")
    assert found.status_code == 200 and b'"lat":27.2651' in found.content
    refused = client.get("/maps/search/tiny.json?text=nowhere")
    assert refused.status_code == 400 and refused.text.startswith("'nowhere' is no place")
    assert client.get("/maps/search/none.json?text=1,1").status_code == 404
