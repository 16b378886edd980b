"""Whole-scene prediction: no seam, no gap, no tile border crossed, and a kill costs one strip."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.learning.networks import network
from core.learning.prediction import looks, prediction, windows
from core.learning.tiles.channels import channels_of

SIDES = ((768, 96), (1024, 64), (128, 32), (192, 32), (256, 64))
LAYOUTS = [windows.WindowLayout(*sides) for sides in SIDES]


@pytest.fixture
def card(tiny_scene) -> network.ModelCard:
    names = ("nir", "elevation")
    return network.ModelCard(
        model="unet",
        preset="quick",
        tile=128,
        dataset="rs",
        coding="paper",
        factors=names,
        channels=channels_of([tiny_scene.factor(n) for n in names], "paper"),
        legends={},
        trainable_parameters=0,
        best_epoch=1,
        best_value=0.0,
    )


def pointwise(raw: np.ndarray) -> dict[str, np.ndarray]:
    """An answer that depends on its pixel alone: any window must give it."""
    return {"probability": np.nan_to_num(raw[..., 0]) / 4000}


def window_mean(raw: np.ndarray) -> dict[str, np.ndarray]:
    """The same answer for a whole window: what crosses a border shows."""
    mean = np.nan_to_num(raw[..., 0]).mean(axis=(1, 2), keepdims=True)
    return {"probability": np.broadcast_to(mean, raw.shape[:3])}


def predicted(answers, card, scene, folder, layout=LAYOUTS[0]) -> np.ndarray:
    plan = windows.plan(scene, card.tile, layout)
    made = windows.Strips(folder)
    folder.mkdir(exist_ok=True)
    prediction.predict_strips(answers, card, scene, plan, made)
    parts = [np.load(path) for path in sorted(folder.glob("probability-*.npy"))]
    return np.concatenate(parts)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_pixel_is_answered_once_by_the_window_that_holds_it(
    tiny_scene, card, tmp_path, layout
):
    found = predicted(pointwise, card, tiny_scene, tmp_path / "strips", layout)
    values = tiny_scene.read(["nir", "elevation"])
    expected = np.where(np.isfinite(values).all(-1), values[..., 0] / 4000, np.nan)
    assert found.shape == tiny_scene.grid.shape
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("length", (50, 128, 301, 1000))
def test_spans_cover_a_line_once_inside_their_margins(length, layout):
    side = windows.side_for(length, 128, layout)
    assert side <= layout.side
    spans = windows.spans(length, side, layout.margin)
    assert [s.first for s in spans[1:]] == [s.last for s in spans[:-1]]
    assert (spans[0].first, spans[-1].last) == (0, length)
    assert all(s.start % windows.STEP == 0 for s in spans)
    for s in spans:
        assert s.start == 0 or s.first - s.start >= layout.margin
        assert s.last == length or s.start + side - s.last >= layout.margin


def test_only_pixels_without_the_models_factors_have_no_answer(tiny_scene, card, tmp_path):
    found = predicted(pointwise, card, tiny_scene, tmp_path / "strips")
    assert np.isnan(found).sum() == 10 * 12
    # The gap of the deformation rate is no gap for a model that does not use it, nor for one that
    # does: RS and RS-DR are scored on the same pixels.
    assert np.isfinite(found[100:120, 20:60]).all()


def test_no_window_crosses_a_tile_border_of_a_tile_scene(tiny_scene, card, tmp_path):
    grid = replace(tiny_scene.grid, width=128, height=256, crs=None)
    stack = tmp_path / "stack.tif"
    with rasterio.open(tiny_scene.stack_path) as whole:
        about = {**whole.profile, "width": 128, "height": 256}
        with rasterio.open(stack, "w", **about) as cut:
            cut.write(whole.read(window=Window(0, 0, 128, 256)))
    strip = replace(tiny_scene, kind="tiles", grid=grid, path=tmp_path)
    found = predicted(window_mean, card, strip, tmp_path / "strips")
    upper, lower = found[:128], found[128:]
    assert np.nanstd(upper) < 1e-3 and np.nanstd(lower) < 1e-3
    assert abs(np.nanmean(upper) - np.nanmean(lower)) > 1


def test_a_killed_prediction_goes_on_from_the_last_finished_strip(tiny_scene, card, tmp_path):
    layout = windows.WindowLayout(128, 32)
    seen = []

    def dies(raw):
        seen.append(1)
        if len(seen) == 3:  # the first batch of the second strip
            raise KeyboardInterrupt
        return pointwise(raw)

    with pytest.raises(KeyboardInterrupt):
        predicted(dies, card, tiny_scene, tmp_path / "strips", layout)
    left = {path: path.stat().st_mtime_ns for path in (tmp_path / "strips").glob("*.npy")}
    assert len(left) == 1

    found = predicted(pointwise, card, tiny_scene, tmp_path / "strips", layout)
    assert all(path.stat().st_mtime_ns == then for path, then in left.items())
    whole = predicted(pointwise, card, tiny_scene, tmp_path / "whole", layout)
    np.testing.assert_array_equal(found, whole)


def test_strips_of_another_network_are_not_picked_up(tmp_path):
    weights, target = tmp_path / "weights", tmp_path / "predictions" / "tiny"
    weights.write_bytes(b"first")
    first = windows.Strips.beside(target, windows.key(weights, "tiny"))
    first.save(0, {"probability": np.zeros((2, 2), np.float32)})
    assert windows.Strips.beside(target, windows.key(weights, "tiny")).done(0, ("probability",))
    weights.write_bytes(b"second")
    second = windows.Strips.beside(target, windows.key(weights, "tiny"))
    assert not second.done(0, ("probability",))
    assert not first.folder.exists()


def test_the_time_left_is_told_from_the_second_strip_on(tiny_scene, card, tmp_path):
    told = []
    plan = windows.plan(tiny_scene, card.tile, windows.WindowLayout(128, 32))
    prediction.predict_strips(
        pointwise, card, tiny_scene, plan, windows.Strips(tmp_path),
        report=lambda stage, fraction, **figures: told.append(figures.get("eta_s")),
    )  # fmt: skip
    assert told[0] is None and all(seconds is not None for seconds in told[1:])


def test_a_bearing_turns_with_the_flips_that_measure_uncertainty(tiny_scene, card):
    """A network that reads north-facing slopes off the aspect says the same of every turn."""
    names = ("aspect", "elevation")
    channels = channels_of([tiny_scene.factor(n) for n in names], "paper")
    facing = replace(card, factors=names, channels=channels)
    plan = windows.WindowPlan((windows.Span(0, 0, 128),), (windows.Span(0, 0, 128),), 128, 128)
    raw = windows.window(tiny_scene, names, plan.rows[0], plan.columns[0], plan)[None]

    def infer(x):
        down = np.gradient(np.nan_to_num(x[..., 1]), axis=1)
        right = np.gradient(np.nan_to_num(x[..., 1]), axis=2)
        told = np.degrees(np.arctan2(-right, down)) % 360
        return np.abs((told - x[..., 0] + 180) % 360 - 180) / 180

    answer = looks.answers(
        lambda *sides: infer, facing, tiny_scene, plan, 1, looks.choices("paper")
    )(raw)
    assert set(answer) == {"probability", "uncertainty"}
    inside = np.s_[0, 20:-2, 20:-2]
    assert answer["probability"][inside].max() < 1e-3
    assert answer["uncertainty"][inside].max() < 1e-3


def test_uncertainty_is_the_spread_of_answers(tiny_scene, card):
    plan = windows.WindowPlan((windows.Span(0, 0, 128),), (windows.Span(0, 0, 128),), 128, 128)
    raw = np.zeros((1, 128, 128, 2), np.float32)
    said = iter([0.0, 1.0])
    infer = lambda x: np.full(x.shape[:3], next(said))  # noqa: E731
    spread = looks.choices("safe")
    answer = looks.answers(lambda *sides: infer, card, tiny_scene, plan, 1, spread)(raw)
    assert (answer["probability"] == 0).all() and (answer["uncertainty"] == 0.5).all()


def test_a_scene_without_the_models_factors_is_refused(tiny_scene, card):
    with pytest.raises(SlideScopeError, match="lacks rainfall: the model was trained with"):
        network.check_scene(replace(card, factors=("nir", "rainfall")), tiny_scene)


def test_classes_that_mean_something_else_are_refused(tiny_scene, card):
    other = replace(card, factors=("lithology",), legends={"lithology": {"1": "basalt"}})
    with pytest.raises(SlideScopeError, match="The classes of 'lithology' differ"):
        network.check_scene(other, tiny_scene)
