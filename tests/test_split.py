"""The split: parts that do not touch, nothing of a test tile in training."""

import numpy as np
import pytest
import rasterio

from core.errors import SlideScopeError
from core.learning import split
from core.learning.metrics import TEST, TRAIN, VALIDATION
from core.learning.tiling import Tiling

ROWS = COLUMNS = 16
TILE = 128


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    landslide = np.where(rng.random(ROWS * COLUMNS) < 0.4, rng.integers(1, 800, ROWS * COLUMNS), 0)
    return split.TileTable(np.full(ROWS * COLUMNS, TILE * TILE), landslide)


@pytest.fixture
def tiling():
    return Tiling(ROWS * TILE, COLUMNS * TILE, TILE)


def make(tiny_scene, tiling, table, method="block", seed=0, buffer=32):
    return split.split_tiles(tiny_scene, tiling, table, method, seed, buffer)


def test_a_split_is_a_partition_of_about_60_10_30(tiny_scene, tiling, table):
    made = make(tiny_scene, tiling, table)
    shares = [np.mean(made.part == p) for p in (TRAIN, VALIDATION, TEST)]
    assert sum(shares) == 1
    assert shares == pytest.approx([0.6, 0.1, 0.3], abs=0.06)


def test_blocks_of_two_by_two_tiles_stay_together(tiny_scene, tiling, table):
    part = make(tiny_scene, tiling, table).part.reshape(ROWS // 2, 2, COLUMNS // 2, 2)
    assert (part == part[:, :1, :, :1]).all()


def test_parts_have_similar_landslide_shares(tiny_scene, tiling, table):
    made = make(tiny_scene, tiling, table)
    share = [table.landslide[made.tiles(p)].mean() for p in (TRAIN, TEST)]
    assert share[0] == pytest.approx(share[1], rel=0.3)


def test_no_used_training_pixel_lies_within_the_buffer_of_a_test_tile(tiny_scene, tiling, table):
    buffer = 32
    made = make(tiny_scene, tiling, table, buffer=buffer)
    near = np.zeros((ROWS * TILE, COLUMNS * TILE), bool)
    for number in made.tiles(TEST):
        row, column = (i * TILE for i in tiling.position(number))
        top, left = max(0, row - buffer), max(0, column - buffer)
        near[top : row + TILE + buffer, left : column + TILE + buffer] = True
    dropped = 0
    for number in np.concatenate([made.tiles(TRAIN), made.tiles(VALIDATION)]):
        window = tiling.window(number).toslices()
        usable = made.usable(number)
        assert not (usable & near[window]).any()
        dropped += (~usable).sum()
    assert dropped > 0


def test_test_tiles_are_scored_whole(tiny_scene, tiling, table):
    made = make(tiny_scene, tiling, table)
    assert all(made.usable(number).all() for number in made.tiles(TEST))


def test_the_same_seed_gives_the_same_split_and_another_seed_another(tiny_scene, tiling, table):
    first, again, other = (make(tiny_scene, tiling, table, seed=s).part for s in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_the_paper_split_takes_30_percent_of_each_class(tiny_scene, tiling, table):
    made = make(tiny_scene, tiling, table, method="paper")
    has = table.landslide > 0
    for group in (has, ~has):
        assert np.mean(made.part[group] == TEST) == pytest.approx(0.3, abs=0.01)
    assert made.buffer == 0
    assert (made.part == VALIDATION).any()


def test_few_tiles_set_the_buffer_to_zero_and_say_so(tiny_scene):
    tiling = Tiling(8 * TILE, 7 * TILE, TILE)
    table = split.TileTable(np.full(56, TILE * TILE), np.full(56, 200))
    made = make(tiny_scene, tiling, table)
    assert made.buffer == 0
    assert "Only 56 tiles" in made.notes[0]


def test_tiles_without_data_belong_to_no_part(tiny_scene, tiling, table):
    table.valid[:5] = 0
    assert (make(tiny_scene, tiling, table).part[:5] == split.UNUSED).all()


def test_no_landslide_in_a_part_is_one_clear_sentence(tiny_scene, tiling, table):
    nothing = split.TileTable(table.valid, np.zeros_like(table.landslide))
    with pytest.raises(SlideScopeError, match="no landslide pixel in the train part"):
        make(tiny_scene, tiling, nothing)


def test_a_split_survives_its_file(tiny_scene, tiling, table, tmp_path):
    made = make(tiny_scene, tiling, table)
    split.save(made, tmp_path / "split.json")
    again = split.load(tmp_path / "split.json")
    assert (again.part == made.part).all()
    assert again.buffer == made.buffer


def test_the_tile_table_counts_valid_and_landslide_pixels(tiny_scene):
    tiling = Tiling(tiny_scene.grid.height, tiny_scene.grid.width, TILE)
    table = split.tile_table(tiny_scene, tiling)
    values, mask = tiny_scene.read(), tiny_scene.read_mask()
    inside = tiny_scene.valid(values)
    assert table.valid.sum() == inside.sum()
    assert table.landslide.sum() == (mask[inside] == 1).sum()


def folds(tiny_scene, tiling, table, count=5, seed=0):
    numbers = range(1, count + 1)
    return [
        split.split_tiles(tiny_scene, tiling, table, "block", seed, 32, fold=(n, count))
        for n in numbers
    ]


def test_every_used_tile_is_held_out_by_exactly_one_fold(tiny_scene, tiling, table):
    table.valid[:5] = 0
    made = folds(tiny_scene, tiling, table)
    held_out = np.sum([each.part == TEST for each in made], axis=0)
    assert (held_out[5:] == 1).all()
    assert (held_out[:5] == 0).all()
    shares = [table.landslide[each.tiles(TEST)].mean() for each in made]
    assert max(shares) < 1.5 * min(shares)


def test_a_fold_keeps_blocks_whole_validates_on_the_rest_and_has_the_buffer(
    tiny_scene, tiling, table
):
    for made in folds(tiny_scene, tiling, table):
        part = made.part.reshape(ROWS // 2, 2, COLUMNS // 2, 2)
        assert (part == part[:, :1, :, :1]).all()
        assert np.mean(made.part == VALIDATION) == pytest.approx(0.1, abs=0.04)
        assert made.buffer == 32
        assert not all(made.usable(number).all() for number in made.tiles(TRAIN))


def test_more_folds_than_blocks_use_single_tiles_and_more_than_tiles_are_refused(tiny_scene):
    tiling = Tiling(4 * TILE, 3 * TILE, TILE)
    table = split.TileTable(np.full(12, TILE * TILE), np.full(12, 200))
    made = folds(tiny_scene, tiling, table, count=6)
    assert [len(each.tiles(TEST)) for each in made] == [2] * 6
    with pytest.raises(SlideScopeError, match="12 tiles with data, too few for 13 folds"):
        folds(tiny_scene, tiling, table, count=13)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ((None, 5, "block", None), "Only 5 folds given"),
        ((2, None, "block", None), "Only fold 2 given"),
        ((6, 5, "block", None), "Invalid fold 6"),
        ((1, 1, "block", None), "Invalid number of folds 1"),
        ((1, 5, "paper", None), "--split paper exclude each other"),
        ((1, 5, "block", "other"), "--test-scene exclude each other"),
    ],
)
def test_folds_that_make_no_sense_are_one_sentence(asked, sentence):
    with pytest.raises(SlideScopeError, match=sentence):
        split.check_folds(*asked)


def test_the_table_is_counted_once_and_anew_when_the_scene_was_written_again(tiny_scene):
    tiling = Tiling(tiny_scene.grid.height, tiny_scene.grid.width, TILE)
    before = split.tile_table(tiny_scene, tiling)
    with rasterio.open(tiny_scene.mask_path, "r+") as mask:
        mask.write(np.ones((1, *tiny_scene.grid.shape), np.uint8))
    after = split.tile_table(tiny_scene, tiling)
    assert after.landslide.sum() == after.valid.sum() > before.landslide.sum()
    assert (split.tile_table(tiny_scene, tiling).landslide == after.landslide).all()
