"""The still of a scene."""

from dataclasses import replace

import numpy as np

from core.maps.still import PAPER, still


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


def test_tiles_are_laid_side_by_side(tiny_scene):
    tiles = replace(tiny_scene, kind="tiles", inventory=None)
    assert still(tiles).shape == (128, 256, 3)
