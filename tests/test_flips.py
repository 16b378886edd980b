"""Looks averaged at prediction: what is turned comes back, bearings with it, and is said."""

from dataclasses import replace

import numpy as np
import pytest

from core.__main__ import main
from core.commands import parse
from core.commands.shown_maps import cost_words
from core.errors import SlideScopeError
from core.learning import shipped
from core.learning.prediction import looks, products, windows
from core.learning.prediction.windows import Span, WindowPlan
from core.learning.tiles.channels import channels_of
from core.runs import measured, request
from core.runs import store as runs
from core.scene import store as scenes
from tests import tiny
from tests.test_prediction import card  # noqa: F401 - a fixture

SQUARE = WindowPlan((Span(0, 0, 128),), (Span(0, 0, 128),), 128, 128)


def weighted_by_row(x: np.ndarray) -> np.ndarray:
    """An answer that depends on how the window lies."""
    return x[..., 0] * np.arange(x.shape[1], dtype=np.float32)[:, None] / 1e4


def test_four_looks_are_a_half_turn_and_both_diagonals_turned_back(tiny_scene, card):  # noqa: F811
    raw = np.random.default_rng(0).random((2, 128, 128, 2), np.float32)
    found = looks.answers(lambda *sides: weighted_by_row, card, tiny_scene, SQUARE, 4)(raw)
    row, column = np.mgrid[:128, :128] / 1e4
    last = 127 / 1e4
    weight = (row + (last - row) + column + (last - column)) / 4
    assert set(found) == {"probability"}
    np.testing.assert_allclose(found["probability"], raw[..., 0] * weight, rtol=1e-5)


@pytest.mark.parametrize("flips_", (4, 8))
def test_bearings_turn_with_every_look(tiny_scene, card, flips_):  # noqa: F811
    """A network that reads north-facing slopes off the aspect says the same of every look."""
    names = ("aspect", "elevation")
    channels = channels_of([tiny_scene.factor(n) for n in names], "paper")
    facing = replace(card, factors=names, channels=channels)
    raw = windows.window(tiny_scene, names, SQUARE.rows[0], SQUARE.columns[0], SQUARE)[None]

    def infer(x):
        down, right = (np.gradient(np.nan_to_num(x[..., 1]), axis=a) for a in (1, 2))
        told = np.degrees(np.arctan2(-right, down)) % 360
        return np.abs((told - x[..., 0] + 180) % 360 - 180) / 180

    found = looks.answers(lambda *sides: infer, facing, tiny_scene, SQUARE, flips_)(raw)
    assert found["probability"][0, 20:-2, 20:-2].max() < 1e-3


def test_a_window_that_is_not_square_lies_on_its_side_for_a_quarter_turn(
    tiny_scene,
    card,  # noqa: F811
):
    seen, plan = [], WindowPlan((Span(0, 0, 64),), (Span(0, 0, 96),), 64, 96)

    def infer_for(height, width):
        def infer(x):
            assert x.shape[1:3] == (height, width)
            seen.append((height, width))
            return x[..., 0]

        return infer

    raw = np.random.default_rng(0).random((1, 64, 96, 2), np.float32)
    found = looks.answers(infer_for, card, tiny_scene, plan, 4)(raw)
    np.testing.assert_allclose(found["probability"], raw[..., 0], rtol=1e-6)
    assert sorted(seen) == [(64, 96)] * 2 + [(96, 64)] * 2


def test_without_a_reference_system_nothing_is_turned_and_nothing_written(workspace, capsys):
    tiny.scene("plain", grid=tiny.PIXEL_GRID)
    asked = ["train", "plain", "--model", "unet", "--dataset", "rs", "--flips", "4"]
    assert main(asked) == 2
    assert "has no coordinate reference system and --flips is 4" in capsys.readouterr().err
    assert runs.runs() == []


def test_independent_tiles_turn_unless_a_bearing_is_among_the_factors(tiny_scene):
    tiles = replace(tiny_scene, kind="tiles", grid=replace(tiny_scene.grid, crs=None))
    looks.check(tiles, ("red", "elevation"), 8)
    with pytest.raises(SlideScopeError, match="needs to know where north is"):
        looks.check(tiles, ("red", "aspect"), 8)
    looks.check(tiles, ("red", "aspect"), 1)
    with pytest.raises(SlideScopeError, match="Invalid number of looks 3"):
        looks.check(tiny_scene, ("red",), 3)


def test_a_map_of_other_looks_is_not_current_and_every_figure_says_so(tiny_runs):
    run = tiny_runs[0]
    (run.path / "model").mkdir()
    (run.path / "model" / "model.json").write_text("{}")
    counts = run.prediction() / "counts.npz"
    counts.write_bytes(counts.read_bytes())
    assert run.prediction_is_current()
    products.save_origin(run.prediction(), scenes.load("tiny"), flips=8)
    assert not run.prediction_is_current()
    assert replace(run, config=replace(run.config, flips=8)).prediction_is_current()
    assert measured.area(run).endswith("; mean of 8 looks (flips and turns)")


def test_the_command_that_repeats_a_run_names_its_looks(tiny_runs):
    config = tiny_runs[0].config
    assert "--flips" not in request.repeat(config).argv()
    argv = request.repeat(replace(config, flips=4)).argv()
    assert parse(argv).flips == 4


def test_a_shipped_map_says_of_how_many_looks_it_is(tiny_runs, tmp_path):
    run, scene = tiny_runs[0], scenes.load("tiny")
    products.save_origin(run.prediction(), scene, flips=4)
    shipped.store(run.prediction(), scene, tmp_path)
    other = tiny_runs[1]
    _, part = products.load_counts(other.prediction())
    shipped.restore(tmp_path, other, scene, part)
    assert other.flips() == 4


def test_the_cost_is_told_in_words():
    assert cost_words(8, 61.0).startswith("The mean of 8 looks at every window, 8 x the cost")
