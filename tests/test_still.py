"""The still of a scene."""

from dataclasses import replace

import numpy as np
import rasterio

from core.maps.still import PAPER, Predicted, still


def test_still_is_small_and_outlines_every_landslide(tiny_scene):
    image = still(tiny_scene, max_side=192)
    assert image.shape == (128, 192, 3)
    darkest = (image.sum(axis=-1) < 90).nonzero()
    # The five planted landslides, at half size.
    for row, column in ((20, 30), (90, 45), (45, 150), (110, 175), (30, 100)):
        assert np.hypot(darkest[0] - row, darkest[1] - column).min() < 9


def test_ground_without_data_is_paper(tiny_scene):
    assert (still(tiny_scene)[2, 2] == PAPER).all()


def test_a_scene_without_inventory_shows_the_ground(tiny_scene):
    bare = still(replace(tiny_scene, inventory=None))
    assert (bare.sum(axis=-1) > 120).all()


def test_a_predicted_map_lies_under_the_outlines(tiny_runs, tiny_scene):
    path = tiny_runs[0].prediction() / "probability.tif"
    plain = still(tiny_scene, max_side=96)
    drawn = still(tiny_scene, 96, Predicted(path, 0.5))
    # A pixel of the middle of a landslide, and ground far from all.
    assert (drawn[10, 15] != plain[10, 15]).any() and (drawn[30, 60] == plain[30, 60]).all()


def test_one_pixel_of_a_large_scene_is_not_lost(tiny_runs, tiny_scene):
    path = tiny_runs[0].prediction() / "probability.tif"
    with rasterio.open(path, "r+") as raster:
        values = raster.read(1)
        values[:] = 0.1
        values[201, 203] = 0.9
        raster.write(values, 1)
    bare = replace(tiny_scene, inventory=None)
    changed = (still(bare, 48) != still(bare, 48, Predicted(path, 0.5))).any(axis=-1)
    assert np.argwhere(changed).tolist() == [[201 // 8, 203 // 8]]


def test_tiles_are_laid_side_by_side(tiny_scene):
    tiles = replace(tiny_scene, kind="tiles", inventory=None)
    assert still(tiles).shape == (128, 256, 3)
