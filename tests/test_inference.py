"""The fast path of prediction: the same network, whatever runs it and however large the window."""

import numpy as np
import pytest

from core import paths
from core.learning import inference, network
from models import catalogue

SHIPPED = "sample-fcadensenet-rs-dr-shipped"


def test_masks_agree_by_their_landslides_not_by_the_many_other_pixels():
    reference = np.zeros(1000, bool)
    reference[:10] = True
    ours, plain = reference.copy(), reference.copy()
    ours[9] = False
    iou, difference = inference.same_masks(ours, plain, reference)
    assert iou == pytest.approx(0.9)
    assert difference == pytest.approx(1 - 18 / 19)


@pytest.fixture(scope="module")
def shipped():
    """A trained network and terrain-like windows for it, float32 (1, 256, 256, channels)."""
    built, card = network.load(paths.PRETRAINED / SHIPPED / "model")
    return built, card, like_the_training_scene(built, 256)


def like_the_training_scene(built, side: int) -> np.ndarray:
    """Smooth random fields with the mean and spread that the network was trained with."""
    from scipy import ndimage

    zscore = next(layer for layer in built.layers if layer.name == "zscore")
    mean, std = np.asarray(zscore.mean), np.asarray(zscore.std)
    noise = np.random.default_rng(1).standard_normal((side, side, len(mean)))
    smooth = ndimage.gaussian_filter(noise, (4, 4, 0))
    return (smooth / smooth.std() * 1.5 * std + mean)[None].astype(np.float32)


@pytest.mark.slow
def test_on_one_tile_a_widened_network_is_the_network(shipped):
    from models import footprint

    built, _, window = shipped
    tile = window[:, :128, :128]
    wide = footprint.widen(built, 128, 128, 128)
    np.testing.assert_allclose(wide(tile), built(tile, training=False), atol=1e-6)


@pytest.mark.slow
def test_a_window_twice_as_large_is_answered_as_its_tiles_would_be(shipped):
    """The middle of a 256 px window: its footprint is the tile cut out there."""
    built, card, window = shipped
    wide = inference.fast(built, 256, 256, card.tile)
    tile = np.asarray(built(window[:, 64:192, 64:192], training=False))[0, ..., 0]
    middle = np.s_[56:72, 56:72]
    gap = np.abs(wide(window)[0, 64:192, 64:192][middle] - tile[middle])
    assert np.median(gap) < 0.02


@pytest.mark.slow
@pytest.mark.parametrize("model", catalogue.MODELS)
def test_openvino_gives_the_figures_of_keras(model):
    openvino_graph = pytest.importorskip("core.learning.openvino_graph", exc_type=ImportError)
    from models import footprint

    keras = network.keras()
    keras.utils.set_random_seed(0)
    draw = np.random.default_rng(0)
    built = catalogue.with_zscore(catalogue.build(model, "quick", 5), np.ones(5), np.full(5, 2.0))
    # Weights as after some training: none at the zero or one that it starts from.
    built.set_weights([w + np.abs(draw.normal(0, 0.05, w.shape)) for w in built.get_weights()])
    wide = footprint.widen(built, 160, 192, 128)
    x = draw.normal(size=(2, 160, 192, 5)).astype(np.float32)
    x[:, :20, :20] = np.nan
    expected = np.asarray(wide(x, training=False))
    found = openvino_graph.compile(wide, 2, 1)([x])[0]
    assert expected.std() > 1e-3
    np.testing.assert_allclose(found, expected, atol=2e-5)
