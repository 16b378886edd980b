"""Squeeze-and-excitation in windows larger than a tile weighs by the tile's surroundings alone."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from models import footprint  # noqa: E402

TILE = 64


@pytest.fixture(scope="module")
def squeezing():
    """A network of one squeeze-and-excitation, for tiles of 64 px."""
    keras.utils.set_random_seed(1)
    image = keras.Input((TILE, TILE, 4))
    gate = footprint.SqueezePool(keepdims=True)(image)
    gate = keras.layers.Conv2D(4, 1, activation="sigmoid", kernel_initializer="he_normal")(gate)
    return keras.Model(image, keras.layers.Multiply()([image, gate]))


def answer(network, x):
    return keras.ops.convert_to_numpy(network(x))


def test_where_every_surrounding_is_the_same_tile_the_answer_is_that_of_the_tile(squeezing):
    tile = np.random.default_rng(0).normal(size=(1, TILE, TILE, 4)).astype("float32")
    window = np.tile(tile, (1, 3, 2, 1))
    wide = footprint.widen(squeezing, 3 * TILE, 2 * TILE, TILE)
    expected = np.tile(answer(squeezing, tile), (1, 3, 2, 1))
    np.testing.assert_allclose(answer(wide, window), expected, rtol=1e-4, atol=1e-6)


def test_what_lies_beyond_the_footprints_around_a_pixel_does_not_change_its_answer(squeezing):
    wide = footprint.widen(squeezing, 256, 128, TILE)
    x = np.random.default_rng(0).normal(size=(1, 256, 128, 4)).astype("float32")
    before = answer(wide, x)
    x[:, 160:] += 3
    after = answer(wide, x)
    np.testing.assert_array_equal(after[:, :80], before[:, :80])
    assert np.abs(after - before)[:, 140:150].max() > 1e-3
