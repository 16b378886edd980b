"""A tile is one window read, in its place to within half a pixel."""

import io
import math

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.warp import transform

from core.display import display
from core.maps import layers, tiles
from core.scene.grid import Grid
from tests import tiny


def tile_of(scene, row, column, zoom):
    """(x, y) of the tile with a scene pixel's centre, and that place inside it, 0..256."""
    point = scene.grid.affine @ (column + 0.5, row + 0.5)
    (lon,), (lat,) = transform(scene.grid.crs, "EPSG:4326", [point[0]], [point[1]])
    across = (lon + 180) / 360 * 2**zoom
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
    return int(across), int(down), (across % 1) * 256, (down % 1) * 256


def file(scene, layer):
    return layers.scene_rasters(scene.name, layer)[0]


@pytest.mark.parametrize("zoom", [14, 16])
def test_class_border_is_in_its_place(tiny_scene, zoom):
    """Lithology changes between columns 190 and 191: at most half a scene pixel off on the map."""
    x, y, left, top = tile_of(tiny_scene, 60, 190, zoom)
    row = tiles.read(file(tiny_scene, "lithology"), zoom, x, y)[int(top)]
    border = np.flatnonzero(np.diff(row.astype(int)) == 1)
    pixel = 12.5 / math.cos(math.radians(27.26)) / (2 * tiles.HALF_EARTH_M / 256 / 2**zoom)
    assert len(border) == 1
    assert abs(border[0] + 1 - (left + pixel / 2)) <= pixel / 2 + 1


def test_landslide_is_in_its_place_at_every_zoom(tiny_scene):
    for zoom in (11, 12, 13, 14, 15, 17):
        x, y, left, top = tile_of(tiny_scene, 90, 300, zoom)
        values = tiles.read(file(tiny_scene, display.REFERENCE), zoom, x, y)
        assert values[int(top), int(left)] == 2, zoom


def test_tile_outside_is_none(tiny_scene):
    x, y, _, _ = tile_of(tiny_scene, 90, 300, 14)
    assert tiles.tile((file(tiny_scene, "slope"),), 14, x + 20, y) is None
    assert tiles.tile((file(tiny_scene, "slope"),), 14, x, y - 20) is None
    assert tiles.tile((file(tiny_scene, "slope"),), 14, -1, 10**9) is None


def test_whole_world_tile_still_shows_something(tiny_scene):
    values = tiles.read(file(tiny_scene, "slope"), 0, 0, 0)
    assert values.shape == (256, 256) and np.count_nonzero(values) <= 1


def test_values_come_row_by_row_unchanged(tiny_scene):
    x, y, left, top = tile_of(tiny_scene, 200, 300, 14)
    values = tiles.tile((file(tiny_scene, "lithology"),), 14, x, y)
    assert len(values) == 256 * 256
    assert values[256 * int(top) + int(left)] == 3


def test_a_raster_written_anew_is_read_anew(pixel_raster):
    before = tiles.tile((pixel_raster,), 2, 0, 0)
    with rasterio.open(pixel_raster) as source:
        profile, values = source.profile, source.read()
    with rasterio.open(pixel_raster, "w", **profile) as target:
        target.write(values + 1)
    assert before[0] == 1 and tiles.tile((pixel_raster,), 2, 0, 0)[0] == 2


def test_three_rasters_make_true_colour_with_holes(tiny_scene):
    paths = tuple(file(tiny_scene, name) for name in ("red", "nir", "slope"))
    x, y, left, top = tile_of(tiny_scene, 4, 5, 14)
    image = Image.open(io.BytesIO(tiles.tile(paths, 14, x, y)))
    assert image.mode == "RGBA"
    assert image.getpixel((int(left), int(top)))[3] == 0
    x, y, left, top = tile_of(tiny_scene, 130, 200, 14)
    image = Image.open(io.BytesIO(tiles.tile(paths, 14, x, y)))
    assert image.getpixel((int(left), int(top)))[3] == 255


@pytest.fixture
def pixel_raster(tmp_path):
    """1000 x 600 pixels without CRS, value = 1 + column // 256."""
    values = np.broadcast_to(1 + np.arange(1000) // 256, (600, 1000)).astype(np.uint8)
    path = tmp_path / "pixels.tif"
    grid = Grid(None, (1, 0, 0, 0, -1, 600), 1000, 600)
    tiny._write(path, grid, values[None], 0)
    return path


def test_pixel_grid_is_itself_at_the_deepest_zoom(pixel_raster):
    assert (tiles.read(pixel_raster, 2, 0, 0) == 1).all()
    assert (tiles.read(pixel_raster, 2, 1, 1) == 2).all()
    last = tiles.read(pixel_raster, 2, 3, 2)
    assert (last[: 600 - 512, : 1000 - 768] == 4).all()
    assert not last[600 - 512 :].any() and not last[:, 1000 - 768 :].any()
    assert tiles.read(pixel_raster, 2, 4, 0) is None


def test_pixel_grid_fits_one_tile_at_zoom_0(pixel_raster):
    whole = tiles.read(pixel_raster, 0, 0, 0)
    assert whole[10, [10, 70, 140, 200]].tolist() == [1, 2, 3, 4]
    assert tiles.read(pixel_raster, 0, 0, 1) is None


def test_a_hair_of_a_raster_shows(tmp_path):
    path = tmp_path / "hair.tif"
    grid = Grid(None, (1, 0, 0, 0, -1, 40_000), 1, 40_000)
    tiny._write(path, grid, np.ones((1, 40_000, 1), np.uint8), 0)
    with rasterio.open(path) as source:
        assert source.shape == (40_000, 1)
    assert tiles.read(path, 0, 0, 0)[:, 0].any()
