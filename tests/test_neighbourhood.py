"""Value, mean and deviation around a pixel, and what a window may not read."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio

from core.learning.scores import booster
from core.learning.scores.metrics import TEST, TRAIN, VALIDATION
from core.learning.split import Split
from core.learning.tiles.tiling import tiling_of


def split_of(scene, parts, buffer=0) -> Split:
    return Split(tiling_of(scene), np.array(parts, np.uint8), buffer)


def read(scene, split, number=0, factors=("slope",)):
    with scene.reading() as reader:
        return booster.read_around(scene, split, number, factors, reader)


def test_figures_are_those_of_the_windows(tiny_scene):
    split = split_of(tiny_scene, [TRAIN] * 6)
    found, seen = read(tiny_scene, split, number=1)
    slope = tiny_scene.read(("slope",))[..., 0].astype(np.float64)
    row, column = 40, 50
    window = {
        w: slope[row - w // 2 : row + w // 2 + 1, 128 + column - w // 2 :][:, :w] for w in (3, 9)
    }
    wanted = [slope[row, 128 + column]]
    for width in (3, 9):
        wanted += [window[width].mean(), window[width].std()]
    assert found[row, column] == pytest.approx(wanted, rel=1e-5)
    assert seen.all()


def test_a_window_goes_over_the_border_of_a_tile_of_the_same_part(tiny_scene):
    split = split_of(tiny_scene, [TRAIN] * 6)
    found, _ = read(tiny_scene, split, number=1)
    slope = tiny_scene.read(("slope",))[..., 0].astype(np.float64)
    # The first pixel of the tile: four columns of its window lie in the tile before.
    assert found[60, 0, 3] == pytest.approx(slope[56:65, 124:133].mean(), rel=1e-5)


def poisoned(scene, where) -> None:
    """Every factor of the pixels `where` (rows, columns) becomes 1e6."""
    with rasterio.open(scene.stack_path, "r+") as stack:
        values = stack.read()
        values[:, where] = 1e6
        stack.write(values)


@pytest.mark.parametrize("buffer", [0, 32])
def test_nothing_of_another_part_or_a_buffer_is_read(tiny_scene, buffer):
    """What a training tile's features are does not change when all else turns over."""
    parts = [TRAIN, TEST, TRAIN, TRAIN, VALIDATION, TRAIN]
    split = split_of(tiny_scene, parts, buffer)
    before, seen = read(tiny_scene, split, 0, tiny_scene.factor_names)
    theirs = np.ones(tiny_scene.grid.shape, bool)
    for number in (0, 3):
        theirs[split.tiling.window(number).toslices()] = ~split.usable(number)
    poisoned(tiny_scene, theirs)
    after, again = read(tiny_scene, split, 0, tiny_scene.factor_names)
    assert np.array_equal(seen, again)
    assert np.array_equal(before[seen], after[seen], equal_nan=True)
    assert seen.sum() < seen.size or not buffer


def test_in_a_tile_scene_nothing_crosses_a_tiles_border(tiny_scene):
    scene = replace(tiny_scene, kind="tiles")
    split = split_of(scene, [TRAIN] * 6)
    before, _ = read(scene, split, 1)
    others = np.ones(scene.grid.shape, bool)
    others[split.tiling.window(1).toslices()] = False
    poisoned(scene, others)
    assert np.array_equal(before, read(scene, split, 1)[0], equal_nan=True)


def test_a_bearing_is_averaged_around_north():
    values = booster._unwound(np.array([[[359.0, 1.0]]]), [True])
    found = booster.features(values)
    assert found[0, 0, 1] == pytest.approx(0, abs=1e-6)  # mean sine
    assert found[0, 0, 6] == pytest.approx(1, abs=1e-3)  # mean cosine


def test_a_gap_of_the_deformation_rate_is_unknown_and_its_neighbours_are_not(tiny_scene):
    split = split_of(tiny_scene, [TRAIN] * 6)
    found, seen = read(tiny_scene, split, 0, ("deformation",))
    # Rows 100-119, columns 20-59 have no rate.
    assert seen[105, 30] and np.isnan(found[105, 30]).all()
    edge = found[105, 19]
    assert np.isfinite(edge).all()
