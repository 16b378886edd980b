"""Where the map opens: on the landslides of a large scene, on all of a small one."""

from dataclasses import replace

import numpy as np
import rasterio

from core.learning.prediction import products
from core.maps.place import opening
from core.scene.grid import Grid


def test_a_small_scene_opens_whole(tiny_scene):
    assert opening(tiny_scene) is None


def test_a_large_scene_opens_where_its_landslides_are(tiny_scene):
    grid = Grid("EPSG:4326", (0.001, 0, 10.0, 0, -0.001, 50.0), 2000, 1500)
    mask = np.zeros(grid.shape, np.uint8)
    mask[1200:1300, 1500:1700] = 1
    with rasterio.open(tiny_scene.mask_path, "w", **products.profile(grid, "uint8", 255)) as file:
        file.write(mask, 1)
    (south, west), (north, east) = opening(replace(tiny_scene, grid=grid))
    assert south < 50.0 - 1.3 and north > 50.0 - 1.2
    assert west < 11.5 and east > 11.7
    # Still a part of the scene, and within it.
    assert 0.5 < north - south < 0.7 and 0.7 < east - west < 0.9
    assert west >= 10.0 and east <= 12.0 and south >= 48.5 and north <= 50.0


def test_a_pixel_grid_opens_whole(tiny_scene):
    grid = replace(tiny_scene.grid, crs=None, width=4000, height=4000)
    assert opening(replace(tiny_scene, grid=grid)) is None
