"""A 1x1 convolution by matrix product is Keras's convolution: outputs, gradients, weights."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from models.layers import Conv2D  # noqa: E402


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype("float32")


def steps(kind, x, **options):
    """Weights after two training steps, and the trained network's output while training."""
    keras.utils.set_random_seed(2)
    image = keras.Input((None, None, 3))
    y = kind(4, 1, **options)(keras.layers.Conv2D(3, 3, padding="same")(image))
    network = keras.Model(image, y)
    network.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
    for _ in range(2):
        network.train_on_batch(x, np.ones((2, 6, 5, 4), "float32"))
    return network.get_weights(), np.asarray(network(x, training=True))


@pytest.mark.parametrize(
    "options",
    [{}, {"use_bias": False}, {"activation": "relu"}],
    ids=["plain", "no bias", "activation"],
)
def test_training_is_that_of_keras(x, options):
    weights, found = steps(Conv2D, x, **options)
    same, expected = steps(keras.layers.Conv2D, x, **options)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    for mine, theirs in zip(weights, same, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)


@pytest.mark.parametrize("options", [{"kernel_size": 3}, {"kernel_size": 1, "strides": 2}])
def test_other_kernels_and_strides_are_left_to_keras(x, options):
    layer = Conv2D(4, padding="same", **options)
    same = keras.layers.Conv2D(4, padding="same", **options)
    same.build(x.shape)
    layer.build(x.shape)
    same.set_weights(layer.get_weights())
    found, expected = (np.asarray(la(x, training=True)) for la in (layer, same))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_half_precision_stays_half(x):
    layer = Conv2D(4, 1, dtype="mixed_bfloat16")
    assert keras.backend.standardize_dtype(layer(x, training=True).dtype) == "bfloat16"
    assert layer.kernel.dtype == "float32"
