"""Whole-scene prediction: windows leave no seam, no gap, and cross no tile border."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import SlideScopeError
from core.jobs.report import silent
from core.learning import network, prediction
from core.learning.channels import channels_of

OVERLAPS = (0, 32, 64)


class Pointwise:
    """A network whose answer for a pixel depends on that pixel alone: any window must give it."""

    def predict_on_batch(self, x):
        assert x.shape[1:3] == (128, 128)
        return np.nan_to_num(x[..., :1]) / 4000


class WindowMean:
    """A network that answers a whole window with its mean: what crosses a border shows."""

    def predict_on_batch(self, x):
        mean = np.nanmean(np.nan_to_num(x[..., :1]), axis=(1, 2), keepdims=True)
        return np.broadcast_to(mean, x[..., :1].shape)


@pytest.fixture
def card(tiny_scene) -> network.Card:
    names = ("nir", "elevation")
    return network.Card(
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


def predicted(built, card, scene) -> np.ndarray:
    rows = prediction._origins(scene.grid.height, card.tile, scene)
    strips = list(prediction.blended_rows(built, card, scene, rows, silent))
    assert [top for top, _ in strips] == rows
    return np.concatenate([strip for _, strip in strips])


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_blending_gives_back_what_every_window_agrees_on(tiny_scene, card, monkeypatch, overlap):
    monkeypatch.setattr(prediction, "OVERLAP", overlap)
    found = predicted(Pointwise(), card, tiny_scene)
    values = tiny_scene.read(["nir", "elevation"])
    expected = np.where(np.isfinite(values).all(-1), values[..., 0] / 4000, np.nan)
    assert found.shape == tiny_scene.grid.shape
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_only_pixels_without_the_models_factors_have_no_answer(tiny_scene, card):
    found = predicted(Pointwise(), card, tiny_scene)
    assert np.isnan(found).sum() == 10 * 12
    # The gap of the deformation rate is no gap for a model that does not use it, nor for one that
    # does: RS and RS-DR are scored on the same pixels.
    assert np.isfinite(found[100:120, 20:60]).all()


def test_no_window_crosses_a_tile_border_of_a_tile_scene(tiny_scene, card):
    grid = replace(tiny_scene.grid, width=128, height=256, crs=None)
    strip = replace(tiny_scene, kind="tiles", grid=grid)
    found = predicted(WindowMean(), card, strip)
    upper, lower = found[:128], found[128:]
    assert np.nanstd(upper) < 1e-3 and np.nanstd(lower) < 1e-3
    assert abs(np.nanmean(upper) - np.nanmean(lower)) > 1


def test_a_scene_without_the_models_factors_is_refused(tiny_scene, card):
    with pytest.raises(SlideScopeError, match="lacks rainfall: the model was trained with"):
        network.check_scene(replace(card, factors=("nir", "rainfall")), tiny_scene)


def test_classes_that_mean_something_else_are_refused(tiny_scene, card):
    other = replace(card, factors=("lithology",), legends={"lithology": {"1": "basalt"}})
    with pytest.raises(SlideScopeError, match="The classes of 'lithology' differ"):
        network.check_scene(other, tiny_scene)
