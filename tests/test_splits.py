"""The split on the map and as a picture."""

import numpy as np
import pytest
import rasterio

from core.display import raster
from core.learning.scores.metrics import TEST, TRAIN, VALIDATION
from core.learning.split import UNUSED, Split, record
from core.learning.tiles import plots
from core.learning.tiles.tiling import Tiling
from core.maps import colours, layers, routes, sides, splits
from core.runs.request import TrainRequest
from tests import tiny


@pytest.fixture
def split():
    part = np.array([TRAIN, VALIDATION, TEST, TRAIN, UNUSED, TEST], np.uint8)
    return Split(Tiling(256, 384, 128), part, 32)


def test_a_tile_is_its_part_with_the_buffer_cut_off(split):
    values = record.classes(split, 1)
    assert (values[:, -32:] == record.BUFFER).all()
    assert (values[:80, :90] == 2).all()
    assert (record.classes(split, 2) == 3).all()
    assert (record.classes(split, 4) == 0).all()


def test_the_raster_holds_every_tile_in_its_place(split, tiny_scene, tmp_path, monkeypatch):
    # On its own pixel grid, so that nothing is warped.
    monkeypatch.setattr(raster, "georeferenced", lambda scene: False)
    record.write(tmp_path, tiny_scene, split)
    with rasterio.open(record.file_in(tmp_path)) as file:
        found = file.read(1)
    expected = np.zeros((256, 384), np.uint8)
    for number in range(6):
        row, column = split.tiling.position(number)
        place = np.s_[128 * row : 128 * row + 128, 128 * column : 128 * column + 128]
        expected[place] = record.classes(split, number)
    assert (found == expected).all()


def test_runs_that_share_a_split_give_one_layer(tiny_scene, tiny_runs):
    tiny.run(tiny_scene, "rs-dr", 3.0, seed=1, held_out=(0, 3))
    found = layers.split_layers(tiny_scene)
    assert [layer.title for layer in found] == [
        "Tiles of the block split, seed 1",
        "Tiles of the block split, seed 0",
    ]
    assert found[0].classes == record.CLASSES
    assert colours.table(found[0].table)[:4] == colours.SPLIT_COLOURS
    side = sides.sides_of(tiny_scene)[found[0].id]
    assert (side.run, side.folder) == (None, None)
    run, scene, layer = found[0].url.split("/")[3:6]
    assert layers.run_raster(run, scene, layer).exists()
    assert routes.run_tile


def test_the_picture_tints_the_parts_and_leaves_the_rest(split):
    image = np.full((64, 96, 3), 100, np.uint8)
    drawn = splits.picture(image, split)
    assert (drawn[40, 48] == 100).all()
    tints = {tuple(drawn[row, column]) for row, column in ((5, 5), (5, 40), (5, 80))}
    assert len(tints) == 3
    assert (drawn[5, 80] == (0.5 * 100 + 0.5 * np.array([230, 159, 0])).round()).all()


def test_the_page_asks_for_the_split_that_the_command_would_make(tiny_scene):
    asked = TrainRequest("tiny", "unet", "rs", seed=3)
    one, _ = plots.split_for(tiny_scene, asked)
    other, _ = plots.split_for(tiny_scene, TrainRequest("tiny", "unet", "rs", split_seed=3))
    assert (one.part == other.part).all()
    assert plots.is_quick(tiny_scene)
    whole, _ = plots.split_for(tiny_scene, TrainRequest("tiny", "unet", "rs", test_scene="b"))
    assert TEST not in whole.part


def test_only_scenes_with_the_same_factors_can_test(tiny_scene):
    tiny.scene("valley")
    assert plots.test_scenes(tiny_scene, "rs-dr") == ["valley"]
