"""Our Adam is Keras's: the same weights after the same steps, the same state to save."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from models.adam import Adam  # noqa: E402


def trained(kind, steps=6, eagerly=True, **options):
    """A small network after some steps, with state that a checkpoint would hold."""
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu")])
    network.add(keras.layers.Dense(1))
    network.compile(kind(**options), "mse", run_eagerly=eagerly, jit_compile=False)
    x = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
    for _ in range(steps):
        network.train_on_batch(x, x[:, :1] * 3)
    return network


def same(ours, theirs):
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)
    pairs = zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True)
    for mine, other in pairs:
        np.testing.assert_allclose(np.asarray(mine), np.asarray(other), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("eagerly", [True, False], ids=["eager", "graph"])
def test_weights_and_state_are_those_of_keras(eagerly):
    options = {"learning_rate": 0.05, "eagerly": eagerly}
    same(trained(Adam, **options), trained(keras.optimizers.Adam, **options))


@pytest.mark.parametrize("options", [{"clipnorm": 0.1}, {"weight_decay": 0.1}, {"amsgrad": True}])
def test_options_work_as_in_keras(options):
    same(trained(Adam, **options), trained(keras.optimizers.Adam, **options))


def test_it_follows_a_schedule():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 5)
    ours = trained(Adam, learning_rate=schedule)
    same(ours, trained(keras.optimizers.Adam, learning_rate=schedule))
    stopped = ours.get_weights()
    ours.train_on_batch(np.ones((2, 4)), np.ones((2, 1)))
    np.testing.assert_array_equal(ours.get_weights()[0], stopped[0])  # the rate has come to 0


def test_a_restored_state_goes_on_as_if_never_stopped():
    whole, resumed = trained(Adam, steps=4), trained(Adam, steps=2)
    other = trained(Adam, steps=0)
    other.set_weights(resumed.get_weights())
    other.optimizer.build(other.trainable_variables)
    for variable, value in zip(other.optimizer.variables, resumed.optimizer.variables):
        variable.assign(np.asarray(value))
    x = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
    for _ in range(2):
        other.train_on_batch(x, x[:, :1] * 3)
    same(other, whole)


def test_half_precision_networks_keep_float32_weights():
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, dtype="mixed_float16")])
    network.compile(keras.optimizers.LossScaleOptimizer(Adam(0.1)), "mse", jit_compile=False)
    before = network.get_weights()[0]
    for _ in range(2):
        network.train_on_batch(np.ones((2, 4)), np.ones((2, 1)))
    assert network.layers[-1].kernel.dtype == "float32"
    assert np.isfinite(network.get_weights()[0]).all()
    assert np.abs(network.get_weights()[0] - before).max() > 0.05
