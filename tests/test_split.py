"""The split: parts that do not touch, nothing of a test tile in training."""

import time

import numpy as np
import pytest
import rasterio

from core.errors import SlideScopeError
from core.learning import split
from core.learning.scores.metrics import TEST, TRAIN, VALIDATION
from core.learning.split import draw as deal
from core.learning.split import table as summaries
from core.learning.tiles.tiling import Tiling

DRAWS = deal.DRAWS
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


def of_part(values, made, part):
    return values[made.tiles(part)].sum()


def differences(tiny_scene, tiling, table, values, draws, monkeypatch):
    """How far test and training part lie apart in `values` a valid pixel, over ten seeds."""
    monkeypatch.setattr(deal, "DRAWS", draws)
    found = []
    for seed in range(10):
        made = make(tiny_scene, tiling, table, seed=seed)
        train, test = (of_part(values, made, p) / of_part(table.valid, made, p) for p in (0, 2))
        found.append(abs(test - train))
    return found


def natural(tiles, seed=1):
    """A table as inventories are: few tiles hold landslides, few of these many and large ones; and
    a factor whose values rise from west to east."""
    rng = np.random.default_rng(seed)
    landslides = rng.poisson(rng.gamma(0.5, 1.4, tiles))
    landslide = np.minimum(landslides * np.exp(rng.normal(4, 1, tiles)), 8000).astype(int)
    columns = np.stack([np.arange(tiles) % COLUMNS + rng.random(tiles), rng.random(tiles)], axis=1)
    valid = np.full(tiles, TILE * TILE)
    return split.TileTable(valid, landslide, landslides, columns, np.array([0, 0]))


def test_splits_are_much_more_even_than_single_draws(tiny_scene, tiling, monkeypatch):
    known = natural(len(tiling))
    for values in (known.landslide, known.landslides, known.summaries[:, 0] * known.valid):
        single = differences(tiny_scene, tiling, known, values, 1, monkeypatch)
        chosen = differences(tiny_scene, tiling, known, values, DRAWS, monkeypatch)
        assert np.median(chosen) < 0.5 * np.median(single)
        assert max(chosen) < 0.6 * max(single)


def test_rare_ground_is_scattered_over_the_parts(tiny_scene, tiling, table):
    """A sixteenth of the blocks is of another rock: none of it in the test part, or all of it,
    would tell about that chance alone."""
    rock = np.zeros((ROWS, COLUMNS))
    rock[2:4, 2:8] = rock[10:12, 6:8] = 1
    one = np.array([0])
    known = split.TileTable(table.valid, table.landslide, None, rock.reshape(-1, 1), one)
    for seed in range(10):
        held_out = make(tiny_scene, tiling, known, seed=seed).tiles(TEST)
        assert 0 < rock.ravel()[held_out].sum() < rock.sum()


def test_the_difficulty_of_landslides_is_not_looked_at(tiny_scene, tiling):
    """Where they are, and what the ground is like, decides; the reference mask is never read."""
    known = natural(len(tiling))
    hidden = tiny_scene.mask_path.rename(tiny_scene.mask_path.with_name("hidden.tif"))
    assert (make(tiny_scene, tiling, known).part == TEST).any() and hidden.exists()


def test_unevenness_counts_in_what_a_random_part_has_on_average(tiling, table):
    """So that the small validation part is not asked to be more even than it can be."""
    used = np.arange(len(tiling))
    shuffled = np.random.default_rng(3).permutation(used)
    blocks = deal.group(shuffled // 4, used, table)
    rng = np.random.default_rng(0)
    drawn = np.stack([rng.permutation(np.arange(len(blocks)) < 6) for _ in range(2000)])
    # Two parts, one column of weight 2.
    assert deal.unevenness(blocks, drawn).mean() == pytest.approx(4, rel=0.1)


def test_a_constant_or_unknown_factor_does_not_count(tiny_scene, tiling, table):
    columns = np.full((len(tiling), 3), 0.1)
    columns[:, 1] = np.nan
    columns[::2, 2] = np.nan
    known = split.TileTable(table.valid, table.landslide, None, columns, np.array([0, 0, 1]))
    assert (make(tiny_scene, tiling, known).part == make(tiny_scene, tiling, table).part).all()


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


def test_the_tile_table_says_what_the_factors_of_a_tile_are_like(tiny_scene):
    tiling = Tiling(tiny_scene.grid.height, tiny_scene.grid.width, TILE)
    table = split.tile_table(tiny_scene, tiling)
    values = tiny_scene.read(window=tiling.window(1)).astype(np.float64)
    inside = tiny_scene.valid(values)
    row = {
        n: table.summaries[1, table.factor_of == i] for i, n in enumerate(tiny_scene.factor_names)
    }
    slope = values[..., tiny_scene.factor_names.index("slope")][inside]
    assert row["slope"] == pytest.approx([slope.mean(), slope.std()])
    aspect = np.radians(values[..., tiny_scene.factor_names.index("aspect")][inside])
    assert row["aspect"] == pytest.approx([np.sin(aspect).mean(), np.cos(aspect).mean()])
    rock = values[..., tiny_scene.factor_names.index("lithology")][inside]
    assert row["lithology"] == pytest.approx([(rock == code).mean() for code in (1, 2, 3)])
    moved = values[..., tiny_scene.factor_names.index("deformation")]
    assert row["deformation"][0] == pytest.approx(np.nanmean(moved[inside]))


def test_a_factor_without_a_value_in_a_tile_is_unknown_there():
    gap = np.full((1, 5), np.nan)
    assert np.isnan(summaries.summarise((summaries.Form("continuous"),), gap)).all()


def test_a_landslide_is_counted_in_the_tile_of_its_centroid(tiny_scene):
    tiling = Tiling(tiny_scene.grid.height, tiny_scene.grid.width, TILE)
    # (40, 60), (180, 90), (90, 300), (220, 350), (60, 200) in tiles of 128 px, three a row.
    assert split.tile_table(tiny_scene, tiling).landslides.tolist() == [1, 1, 1, 1, 0, 1]


def test_the_table_of_an_earlier_version_is_counted_anew(tiny_scene):
    tiling = Tiling(tiny_scene.grid.height, tiny_scene.grid.width, TILE)
    made = split.tile_table(tiny_scene, tiling)
    (kept,) = (tiny_scene.path.parents[1] / "cache").glob("tile-table-*")
    old = kept.with_name(kept.name.replace("tile-table-", "tiles-"))
    kept.unlink()
    np.savez_compressed(old, valid=made.valid, landslide=made.landslide)
    assert split.tile_table(tiny_scene, tiling).landslides.sum() == 5


def test_drawing_is_fast_however_large_the_scene(tiny_scene):
    """40,000 tiles, 200 draws: the page draws this split while one moves a setting."""
    tiling = Tiling(200 * TILE, 200 * TILE, TILE)
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 800, len(tiling)) * (rng.random(len(tiling)) < 0.3)
    table = split.TileTable(np.full(len(tiling), TILE * TILE), counts)
    started = time.process_time()
    make(tiny_scene, tiling, table)
    assert time.process_time() - started < 2


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
    assert max(shares) < 1.25 * min(shares)


def test_a_fold_keeps_blocks_whole_validates_on_the_rest_and_has_the_buffer(
    tiny_scene, tiling, table
):
    for made in folds(tiny_scene, tiling, table):
        part = made.part.reshape(ROWS // 2, 2, COLUMNS // 2, 2)
        assert (part == part[:, :1, :, :1]).all()
        assert np.mean(made.part == VALIDATION) == pytest.approx(0.1, abs=0.04)
        assert made.buffer == 32
        assert not all(made.usable(number).all() for number in made.tiles(TRAIN))


def test_more_folds_than_blocks_are_refused(tiny_scene):
    """Single tiles would do, and touch their neighbours on all sides: no evidence."""
    tiling = Tiling(4 * TILE, 3 * TILE, TILE)
    table = split.TileTable(np.full(12, TILE * TILE), np.full(12, 200))
    made = folds(tiny_scene, tiling, table, count=4)
    assert sorted(len(each.tiles(TEST)) for each in made) == [2, 2, 4, 4]
    with pytest.raises(SlideScopeError, match="4 blocks of tiles with data, too few for 5 folds"):
        folds(tiny_scene, tiling, table, count=5)


def test_in_a_small_scene_single_tiles_are_the_blocks(tiny_scene):
    tiling = Tiling(2 * TILE, 3 * TILE, TILE)
    table = split.TileTable(np.full(6, TILE * TILE), np.full(6, 200))
    assert [len(each.tiles(TEST)) for each in folds(tiny_scene, tiling, table, 3)] == [2, 2, 2]
    with pytest.raises(SlideScopeError, match="6 blocks of tiles with data, too few for 7 folds"):
        folds(tiny_scene, tiling, table, count=7)


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
