"""Areas: which pixels they leave, what they are called, and one sentence for what is none."""

import json

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from rasterio.windows import Window
from scipy import ndimage

from core.analysis import evidence
from core.analysis.areas.area import Area, reader
from core.analysis.areas.area_text import parse
from core.errors import SlideScopeError
from tests import stack
from tests.rasters import write_polygons

SIDE, CELL, X, Y = 300, 12.5, 240000, 3020000


@pytest.fixture
def scene(workspace):
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[120:140, 50:60] = mask[250:260, 250:255] = 1
    mask[127, 200] = mask[128, 201] = 1  # one landslide, joined by a corner across two strips
    layers = {
        "slope": np.random.default_rng(0).random((SIDE, SIDE)),
        "lithology": np.where(np.arange(SIDE) < 100, 1, 2) * np.ones((SIDE, 1)),
    }
    return stack.scene(layers, mask, categorical=("lithology",))


def pixels(scene, *texts: str) -> np.ndarray:
    """bool (SIDE, SIDE), put together from windows as the pass reads them."""
    area, found = parse(scene, texts), np.zeros(scene.grid.shape, bool)
    for top in range(0, SIDE, 128):
        window = Window(0, top, SIDE, min(128, SIDE - top))
        layer = reader(scene, (), np.zeros((0, 1, 1)), window)
        here = area.mask(scene, window, layer)
        assert here.any() <= area.touches(scene, window)
        found[top : top + 128] = here
    return found


def degrees(left: float, bottom: float, right: float, top: float) -> list[float]:
    """A box of the map that holds these pixel corners of the UTM grid."""
    to_degrees = Transformer.from_crs(32648, 4326, always_xy=True)
    x, y = to_degrees.transform([left, right], [bottom, top])
    return [x[0], y[0], x[1], y[1]]


def test_inside_outside_and_a_class(scene):
    mask = scene.read_mask() == 1
    np.testing.assert_array_equal(pixels(scene, "landslides"), mask)
    np.testing.assert_array_equal(pixels(scene, "outside"), ~mask)
    assert pixels(scene, "class:lithology=1").sum() == 100 * SIDE


def test_several_areas_have_all_to_hold(scene):
    both = pixels(scene, "landslides", "class:lithology=2")
    assert both.sum() == 10 * 5 + 2
    area = parse(scene, ["landslides", "class:lithology=2"])
    assert area.words == "inside landslides; lithology 2"
    assert area.key == parse(scene, ["class:lithology=2", "landslides"]).key


def test_a_buffer_is_measured_in_metres_between_pixel_centres(scene):
    mask = scene.read_mask() == 1
    distance = ndimage.distance_transform_edt(~mask) * CELL
    np.testing.assert_array_equal(pixels(scene, "buffer:100"), distance <= 100)


def test_a_box_is_in_the_map_s_degrees(scene):
    box = degrees(X + 50 * CELL, Y - 150 * CELL, X + 100 * CELL, Y - 20 * CELL)
    found = pixels(scene, "box:" + ",".join(map(str, box)))
    rows, columns = np.nonzero(found)
    # Meridians lean against the grid's north, so borders are a few pixels off.
    assert abs(rows.min() - 20) < 5 and abs(rows.max() - 149) < 5
    assert abs(columns.min() - 50) < 5 and abs(columns.max() - 99) < 5


def test_a_polygon_file_and_the_same_as_geojson(scene, tmp_path):
    triangle = shapely.Polygon([(X, Y), (X + 1000, Y), (X, Y - 2000)])
    file = write_polygons(tmp_path / "区域.geojson", [triangle])
    found = pixels(scene, f"polygon:{file}")
    assert found.sum() == pytest.approx(1000 * 2000 / 2 / CELL**2, rel=0.02)
    to_degrees = Transformer.from_crs(32648, 4326, always_xy=True).transform
    drawn = shapely.to_geojson(shapely.transform(triangle, to_degrees, interleaved=False))
    np.testing.assert_array_equal(pixels(scene, f"polygon:{drawn}"), found)
    feature = json.dumps({"type": "Feature", "properties": {}, "geometry": json.loads(drawn)})
    np.testing.assert_array_equal(pixels(scene, f"polygon:{feature}"), found)


def test_a_scene_without_coordinates_counts_pixels(workspace):
    scene = stack.scene({"slope": np.ones((SIDE, SIDE))}, kind="tiles")
    found = pixels(scene, "box:10,-30,20,-5")
    rows, columns = np.nonzero(found)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 29, 10, 19)


def test_landslides_are_counted_whole_across_strips(scene):
    _, expected = ndimage.label(scene.read_mask(), np.ones((3, 3)))
    assert evidence.count(scene) == expected == 3
    assert evidence.count(scene, parse(scene, ["class:lithology=2"])) == 2
    assert evidence.count(stack.scene({"slope": np.ones((9, 9))}, name="none")) == 0


def test_landslides_across_the_strips_borders(workspace):
    mask = np.random.default_rng(0).random((700, 300)) < 0.3
    scene = stack.scene({"slope": mask}, mask)
    assert evidence.count(scene) == ndimage.label(mask, np.ones((3, 3)))[1]


REFUSED = {
    "Unknown area 'somewhere'": "somewhere",
    "Unknown area 'box:'": "box:",
    "Invalid box '1,2,3'": "box:1,2,3",
    "Invalid box '3,2,1,4'": "box:3,2,1,4",
    "does not touch scene": "box:1,1,2,2",
    "Invalid buffer 'wide'": "buffer:wide",
    "Invalid buffer '-5'": "buffer:-5",
    "at most 6250": "buffer:99999",
    "has no classes": "class:slope=3",
    "has no factor 'rock'": "class:rock=3",
    "no GeoJSON polygon": 'polygon:{"type": "Point", "coordinates": [1, 2]}',
    "The drawn area": "polygon:{broken",
    "is missing": "polygon:nowhere.geojson",
}


@pytest.mark.parametrize("said", REFUSED)
def test_no_area_in_one_sentence(scene, said):
    with pytest.raises(SlideScopeError, match=said) as caught:
        parse(scene, [REFUSED[said]])
    assert str(caught.value).endswith(".")


def test_areas_of_landslides_need_an_inventory(workspace):
    scene = stack.scene({"slope": np.ones((40, 40))})
    for text in ("landslides", "outside", "buffer:50"):
        with pytest.raises(SlideScopeError, match="no inventory"):
            parse(scene, [text])


def test_a_legend_s_name_is_a_class(workspace, tiny_scene):
    assert parse(tiny_scene, ["class:lithology=granite"]).words == "lithology granite"
    with pytest.raises(SlideScopeError, match=r"has no class 'lava': it has 1 \(shale\)"):
        parse(tiny_scene, ["class:lithology=lava"])


def test_the_whole_scene_has_no_parts():
    assert (Area().key, Area().words) == ("", "whole scene")
