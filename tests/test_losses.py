"""Losses: known values, pixels that do not count do not count."""

import keras
import numpy as np
import pytest

from models import losses

TARGET = np.array([[[[1.0], [0.0]], [[0.0], [-1.0]]]], "float32")
PREDICTED = np.array([[[[0.8], [0.1]], [[0.4], [0.9]]]], "float32")


def value(name, predicted=PREDICTED, **options) -> float:
    return float(losses.of_name(name, **options)(TARGET, predicted))


def test_cross_entropy_is_the_mean_over_the_pixels_that_count():
    known = -(np.log(0.8) + np.log(0.9) + np.log(0.6)) / 3
    assert value("bce") == pytest.approx(known, rel=1e-5)


@pytest.mark.parametrize("name", losses.NAMES)
def test_a_pixel_that_does_not_count_changes_nothing(name):
    other = PREDICTED.copy()
    other[0, 1, 1] = 0.01
    assert value(name, other) == value(name)


@pytest.mark.parametrize("name", losses.NAMES)
def test_a_better_prediction_has_a_smaller_loss(name):
    better = np.where(TARGET > 0, 0.95, 0.05).astype("float32")
    assert value(name, better) < value(name)


def test_weighting_counts_a_missed_landslide_more():
    extra = value("weighted_bce", prevalence=0.01) - value("bce")
    assert extra == pytest.approx(-(99**0.5 - 1) * np.log(0.8) / 3, rel=1e-4)


def test_focal_is_lin_et_als():
    known = 0.25 * 0.2**2 * np.log(0.8) + 0.75 * (0.1**2 * np.log(0.9) + 0.4**2 * np.log(0.6))
    assert value("focal") == pytest.approx(-known / 3, rel=1e-5)


def test_dice_comes_on_top_of_cross_entropy():
    dice = (2 * 0.8 + 1) / (1 + 1.3 + 1)
    assert value("bce_dice") == pytest.approx(value("bce") + 1 - dice, rel=1e-5)


def test_a_batch_in_which_nothing_counts_has_no_loss():
    nothing = keras.ops.full((1, 2, 2, 1), -1.0)
    assert float(losses.of_name("bce")(nothing, PREDICTED)) == 0


def test_an_unknown_loss_is_named():
    with pytest.raises(ValueError, match="Received: loss='hinge'"):
        losses.of_name("hinge")
