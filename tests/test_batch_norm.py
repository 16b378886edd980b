"""Our batch normalisation is Keras's own, number for number, whatever computes it."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from models.layers import BatchNormalization  # noqa: E402

SHAPE = (3, 8, 6, 5)


def pair(**options):
    """Our layer and Keras's with the same weights, none of them at its start value."""
    draw = np.random.default_rng(1)
    weights = [draw.uniform(0.5, 2, SHAPE[-1]).astype("float32") for _ in range(4)]
    made = []
    for kind in (BatchNormalization, keras.layers.BatchNormalization):
        image = keras.Input((None, None, SHAPE[-1]))
        made.append(keras.Model(image, kind(momentum=0.9, **options)(image)))
        made[-1].set_weights(weights)
    return made


@pytest.fixture(scope="module")
def x():
    draw = np.random.default_rng(0)
    # Far from mean 0: there a careless variance loses its digits.
    return draw.normal(20, np.arange(1, 6), SHAPE).astype("float32")


@pytest.mark.parametrize("training", [True, False])
def test_outputs_and_moving_statistics_equal_those_of_keras(x, training):
    ours, theirs = pair()
    for _ in range(3):  # the third output depends on no statistic that the first did not move
        found, expected = (np.asarray(m(x, training=training)) for m in (ours, theirs))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    for mine, same in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(mine, same, rtol=1e-5)


def test_a_training_step_moves_all_weights_as_with_keras(x):
    """Gradients for gamma and beta, and through the layer for a convolution before it."""
    after = []
    for kind in (BatchNormalization, keras.layers.BatchNormalization):
        keras.utils.set_random_seed(2)
        image = keras.Input(SHAPE[1:])
        y = kind()(keras.layers.Conv2D(4, 3)(image))
        network = keras.Model(image, keras.layers.Conv2D(1, 1)(keras.ops.relu(y)))
        network.compile(keras.optimizers.SGD(0.5), "mse", run_eagerly=True)
        start = network.get_weights()
        network.train_on_batch(x, np.ones((3, 6, 4, 1), "float32"))
        after.append([new - old for new, old in zip(network.get_weights(), start)])
    assert np.abs(after[0][2]).max() > 1e-3  # gamma moved
    for mine, same in zip(*after):
        np.testing.assert_allclose(mine, same, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 6, 12, 16, 30], ids=lambda n: f"{n} channels")
@pytest.mark.parametrize("side", [2, 8], ids=lambda n: f"{n} px")
def test_outputs_and_gradients_are_those_of_keras_for_any_channels(channels, side):
    """Read as fewer pixels of sixteen times so many channels, or as they are: the same numbers."""
    draw = np.random.default_rng(0)
    x = draw.normal(5, 2, (3, side, side, channels)).astype("float32")
    y = draw.normal(size=(3, side, side, 1)).astype("float32")
    after = []
    for kind in (BatchNormalization, keras.layers.BatchNormalization):
        keras.utils.set_random_seed(2)
        image = keras.Input(x.shape[1:])
        z = kind()(keras.layers.Conv2D(channels, 1)(image))
        network = keras.Model(image, keras.layers.Conv2D(1, 1)(keras.ops.tanh(z)))
        network.compile(keras.optimizers.SGD(0.5), "mse", run_eagerly=True)
        losses = [float(network.train_on_batch(x, y)) for _ in range(2)]
        after.append([np.array(losses), *network.get_weights()])
    for mine, same in zip(*after):
        np.testing.assert_allclose(mine, same, rtol=1e-3, atol=2e-4)


def test_one_value_a_channel_has_no_variance():
    ours, theirs = pair()
    x = np.full((1, 1, 1, 5), 3.0, "float32")
    for model in (ours, theirs):
        model(x, training=True)
    np.testing.assert_allclose(ours.get_weights()[3], theirs.get_weights()[3], rtol=1e-6)


def test_frozen_it_normalises_by_its_moving_statistics(x):
    ours, _ = pair()
    ours.trainable = False
    found, inference = (np.asarray(ours(x, training=t)) for t in (True, False))
    np.testing.assert_array_equal(found, inference)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_in_and_out_with_float32_statistics(x, policy):
    ours, theirs = pair(dtype=policy)
    found, expected = (keras.ops.cast(m(x, training=True), "float32") for m in (ours, theirs))
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), atol=0.05)
    assert {w.dtype for w in ours.weights} == {"float32"}
    np.testing.assert_allclose(ours.get_weights()[2], theirs.get_weights()[2], rtol=1e-2)


def test_its_weights_file_is_that_of_keras(x, tmp_path):
    ours, theirs = pair()
    theirs.save_weights(tmp_path / "keras.weights.h5")
    ours.set_weights([w * 0 for w in ours.get_weights()])
    ours.load_weights(tmp_path / "keras.weights.h5")
    np.testing.assert_allclose(
        np.asarray(ours(x, training=False)), np.asarray(theirs(x, training=False)), rtol=1e-5
    )


def test_what_the_kernel_cannot_do_is_left_to_keras():
    """Three axes, channels first: the kernel takes images with channels last only."""
    line = np.random.default_rng(0).normal(size=(4, 9, 2)).astype("float32")
    layer = BatchNormalization()
    found = np.asarray(layer(line, training=True))
    np.testing.assert_allclose(found.mean((0, 1)), 0, atol=1e-5)
    first = BatchNormalization(axis=1)
    assert first(line[..., None], training=True).shape == (4, 9, 2, 1)
    assert first.gamma.shape == (9,)
