"""What a factor's card says, and its picture."""

import base64

import numpy as np
import pytest
import rasterio
from shapely import box

from core.__main__ import main
from core.maps.card import SIDE, cards, lookup, thumbnail
from core.maps.layers import scene_layers
from core.scene import store
from tests import rasters


@pytest.fixture
def scene(workspace, tmp_path):
    """An imported scene: a DEM with a hole, three rocks of which the legend has one unseen."""
    rows, columns = np.mgrid[:400, :500]
    dem = (900 + rows * 2 + 40 * np.sin(columns / 9)).astype(np.float32)
    dem[:40] = np.nan
    rasters.write(tmp_path / "dem.tif", dem)
    x, y = rasters.X, rasters.Y
    half = [box(x, y - 5000, x + 3125, y), box(x + 3125, y - 5000, x + 6250, y)]
    tiny = box(x + 1, y - 2, x + 2, y - 1)
    rocks = rasters.write_polygons(
        tmp_path / "rocks.gpkg", [*half, tiny], code=[4, 9, 6], name=["shale", "granite", "tuff"]
    )
    line = ["import", "hill", "--elevation", str(tmp_path / "dem.tif"), "--lithology", rocks]
    assert main(line) == 0
    return store.load("hill")


def test_a_card_has_range_no_data_and_source(scene):
    card = cards(scene)[0]
    assert (card.title, card.unit, card.source) == ("Elevation", "m", "dem.tif")
    assert card.values == "940 to 1\u2009738"
    assert card.no_data == "10.0 %"
    assert max(bar.height for bar in card.bars) == 1


def test_classes_are_named_and_coloured_as_on_the_map(scene):
    card = next(c for c in cards(scene) if c.name == "lithology")
    assert card.values == "3 classes"
    assert [bar.words for bar in card.bars] == ["shale: 50.0 %", "granite: 50.0 %"]
    layer = next(layer for layer in scene_layers(scene) if layer.id == "lithology")
    # Display values number the legend: shale 1, tuff 2, granite 3.
    assert [word for _, word in layer.classes] == ["shale", "tuff", "granite"]
    for bar, value in zip(card.bars, (1, 3)):
        assert bar.colour == "#" + "".join(f"{c:02x}" for c in lookup(layer)[value][:3])


def test_the_picture_is_small_and_clear_where_there_is_no_data(scene):
    layer = next(layer for layer in scene_layers(scene) if layer.id == "elevation")
    assert max(thumbnail(scene, layer).shape) <= SIDE
    data = base64.b64decode(cards(scene)[0].picture.partition(",")[2])
    with rasterio.MemoryFile(data) as memory, memory.open() as png:
        assert png.driver == "PNG" and png.colormap(1)[0][3] == 0
    assert len(data) < 100_000


def test_a_tile_scene_shows_its_first_tiles_side_by_side(workspace, tmp_path):
    values = np.random.default_rng(0).integers(1, 255, (1024, 128)).astype(np.uint8)
    path = rasters.write(tmp_path / "a.tif", values, crs=None)
    assert main(["import", "strip", "--tiles", "128", "--red", path]) == 0
    scene = store.load("strip")
    layer = next(layer for layer in scene_layers(scene) if layer.id == "red")
    height, width = thumbnail(scene, layer).shape
    # Eight tiles: two rows of four, at a third of their size.
    assert (height, width) == (86, 171)
