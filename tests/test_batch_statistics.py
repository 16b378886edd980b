"""Batch statistics measured again: of the network as it predicts, learned weights untouched."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from core.learning.training import recipe  # noqa: E402
from models.layers import BatchNormalization  # noqa: E402


@pytest.fixture
def built():
    keras.utils.set_random_seed(0)
    layers = [keras.Input((4, 4, 2)), keras.layers.Dropout(0.5), BatchNormalization(momentum=0.99)]
    return keras.Sequential(layers)


@pytest.fixture
def tiles():
    return np.random.default_rng(0).normal(3.0, 2.0, (3, 8, 4, 4, 2)).astype("float32")


def test_statistics_are_the_mean_over_the_batches_without_dropout(built, tiles):
    assert recipe.measure_again(built, iter(tiles)) == 3
    norm = built.layers[-1]
    mean = tiles.mean(axis=(1, 2, 3)).mean(axis=0)
    variance = tiles.var(axis=(1, 2, 3)).mean(axis=0)
    np.testing.assert_allclose(np.asarray(norm.moving_mean), mean, rtol=1e-4)
    np.testing.assert_allclose(np.asarray(norm.moving_variance), variance, rtol=1e-4)


def test_nothing_else_changes_and_a_second_time_changes_nothing(built, tiles):
    learned = [np.asarray(w) for w in built.trainable_weights]
    recipe.measure_again(built, iter(tiles))
    once = built.get_weights()
    recipe.measure_again(built, iter(tiles))
    for before, after in zip(once, built.get_weights(), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-6)
    for before, after in zip(learned, built.trainable_weights, strict=True):
        np.testing.assert_array_equal(np.asarray(after), before)
    assert built.layers[0].rate == 0.5
    assert built.layers[-1].momentum == 0.99
