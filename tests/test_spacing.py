"""The range of autocorrelation, and how far held-out ground lies from training ground."""

import json
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window
from scipy import ndimage
from scipy.spatial import distance

from core.__main__ import main
from core.analysis import autocorrelation
from core.errors import SlideScopeError
from core.learning.scores.metrics import TEST, TRAIN
from core.learning.split import UNUSED, Split, draw, spacing
from core.learning.tiles.tiling import Tiling, tiling_of
from tests import tiny


def test_the_variogram_is_that_of_every_pair():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((14, 17)).cumsum(axis=1)
    values[3, 4:9] = np.nan
    lags, gamma, pairs = autocorrelation.variogram(values, (10.0, 10.0))
    at = np.argwhere(np.isfinite(values))
    apart = distance.pdist(at * 10.0)
    half = distance.pdist(values[np.isfinite(values)][:, None], "sqeuclidean") / 2
    for n in range(len(lags)):
        inside = (apart / 10).round() == n + 1
        assert pairs[n] == pytest.approx(2 * inside.sum())
        assert gamma[n] == pytest.approx(half[inside].mean())
        assert lags[n] == pytest.approx(apart[inside].mean())


def test_ground_of_a_known_range_has_it():
    """White noise summed over discs 21 pixels wide is alike over as many (the model differs)."""
    noise = np.random.default_rng(1).standard_normal((256, 256))
    rows, columns = np.mgrid[-10:11, -10:11]
    disc = (np.hypot(rows, columns) <= 10).astype(float)
    found = autocorrelation.of_values("a", ndimage.convolve(noise, disc, mode="wrap"), (30.0, 30.0))
    assert found.metres == pytest.approx(630, rel=0.15) and not found.beyond


def test_noise_has_none_and_a_slope_is_beyond_what_the_scene_tells():
    noise = np.random.default_rng(2).standard_normal((128, 128))
    assert autocorrelation.of_values("noise", noise, (10.0, 10.0)).metres == 0
    plane = np.mgrid[:128, :128][0].astype(float)
    assert autocorrelation.of_values("plane", plane, (10.0, 10.0)).beyond
    assert autocorrelation.of_values("flat", np.ones((9, 9)), (1.0, 1.0)).metres == 0


def test_pixels_below_half_a_metre_have_their_range():
    """As they have it where the same ground is measured in other units."""
    noise = np.random.default_rng(1).standard_normal((96, 96))
    ground = ndimage.uniform_filter(noise, 11, mode="wrap")
    far, near = (autocorrelation.of_values("a", ground, (side, side)) for side in (30.0, 0.03))
    assert near.metres == pytest.approx(far.metres / 1000, rel=1e-3) and near.metres > 0.2


@pytest.mark.parametrize("buffer", [0, 20])
def test_distances_are_those_of_a_search(tiny_scene, buffer):
    tiling = tiling_of(tiny_scene)
    part = np.array([TRAIN, TRAIN, TEST, TRAIN, TEST, TEST], np.uint8)
    split = Split(tiling, part, buffer)
    away = spacing.distances(tiny_scene, split)
    usable = np.zeros(tiny_scene.grid.shape, bool)
    held = usable.copy()
    for number in range(6):
        rows, columns = tiling.window(number).toslices()
        if part[number] == TRAIN:
            usable[rows, columns] = split.usable(number)
        else:
            held[rows, columns] = True
    train, test = np.argwhere(usable)[::1], np.argwhere(held)
    pick = np.random.default_rng(0).permutation(len(test))[:40]
    wanted = distance.cdist(test[pick] * 12.5, train * 12.5).min(axis=1)
    assert away[pick] == pytest.approx(wanted)
    assert away.min() == 12.5 * (buffer + 1)


def test_ground_without_data_is_neither_held_out_nor_learned_from(tiny_scene):
    """Columns 100 to 299 are empty: what is left of the test tile lies 201 px from training."""
    part = np.array([TRAIN, UNUSED, TEST, TRAIN, UNUSED, UNUSED], np.uint8)
    with rasterio.open(tiny_scene.stack_path, "r+") as stack:
        stack.write(
            np.full((1, 256, 200), np.nan, np.float32), [1], window=Window(100, 0, 200, 256)
        )
    away = spacing.distances(tiny_scene, Split(tiling_of(tiny_scene), part, 0))
    assert away.size == 84 * 128 and away.min() == 12.5 * 201


def test_evaluate_says_whether_blocks_reach_the_range(tiny_runs, capsys):
    run = tiny_runs[0]
    assert main(["evaluate", run.id, "--spacing", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])["spacing"]
    assert {row["factor"] for row in found["ranges"]} >= {"red", "slope", "landslides"}
    # Two blocks of 2 x 2 tiles would be too few: single tiles are held out.
    assert (found["unit"], found["block"]) == ("m", 128 * 12.5)
    assert 0 <= found["near_share"] <= 1
    assert "The factors are alike over" in found["words"]
    assert main(["evaluate", run.id, "--spacing"]) == 0
    assert found["words"] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("split", "buffer", "cure"),
    [
        ("block", 64, "farther away: train with --buffer 64, or test on another scene"),
        ("block", None, "farther away: test on another scene"),
        ("paper", None, "farther away: train with --split block, or test on another scene"),
    ],
)
def test_narrow_blocks_are_told_what_would_do(split, buffer, cure):
    found = {
        **{"unit": "m", "range": 5000.0, "near_share": 0.9, "block": 3200.0, "block_tiles": 2},
        **{"distances": {"0.5": 900.0}, "proposed_block_px": 512, "proposed_buffer_px": buffer},
    }
    said = spacing.words({**found, "split": split}, 12.5)
    assert "90 % of the held-out pixels" in said and "512 px (6\u2009400 m) would reach it" in said
    assert cure in said and said.endswith(".")


def test_the_papers_split_holds_out_single_tiles(tiny_scene):
    split = Split(Tiling(1280, 1280), np.repeat([TRAIN, TEST], 50).astype(np.uint8), 0)
    assert draw.held_out_side(tiny_scene, split, "paper") == 1
    assert draw.held_out_side(tiny_scene, split, "block") == 2
    few = Split(tiling_of(tiny_scene), np.array([TRAIN, TEST] * 3, np.uint8), 0)
    assert draw.held_out_side(tiny_scene, few, "block") == 1  # two blocks are too few


def test_a_buffer_is_advised_only_where_it_can_be_had():
    halves = Split(Tiling(1280, 1280), np.repeat([TRAIN, TEST], 50).astype(np.uint8), 32)
    assert draw.wider_buffer(halves, 500, "block") == 127
    assert draw.wider_buffer(halves, 32, "block") is None
    assert draw.wider_buffer(halves, 500, "paper") is None
    rows, columns = np.mgrid[:10, :10]
    board = np.where((rows + columns) % 2, TRAIN, TEST).astype(np.uint8).ravel()
    assert draw.wider_buffer(Split(Tiling(1280, 1280), board, 0), 500, "block") == 15
    few = Split(Tiling(1152, 1280), halves.part[:90], 0)  # it would be set to 0
    assert draw.wider_buffer(few, 500, "block") is None


def test_tiles_have_no_distance(workspace):
    scene = replace(tiny.scene(), kind="tiles")
    with pytest.raises(SlideScopeError, match="of independent tiles"):
        autocorrelation.of_scene(scene)
