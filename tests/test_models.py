"""The architectures: sizes computed by hand, the structure of CBAM, the z-score inside a model."""

from itertools import pairwise

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from models import blocks, catalogue  # noqa: E402
from models.fcn import learned_upsampling  # noqa: E402
from models.layers import ZScore  # noqa: E402

TEN_67 = {"growth": 16, "depths": (5,) * 11}
TEN_103 = {"growth": 16, "depths": (4, 5, 7, 10, 12, 15, 12, 10, 7, 5, 4)}
PLAIN = {"bottleneck": 0}
# One layer a dense block, where what is looked at is not in the blocks: building takes seconds.
THIN = {"depths": (1,) * 11}


def trainable(network):
    return sum(int(np.prod(w.shape)) for w in network.trainable_weights)


@pytest.mark.parametrize(
    ("options", "plain", "with_cbam"),
    [
        (PLAIN, 1_377_889, 1_405_319),
        pytest.param(PLAIN | TEN_67, 3_463_377, 3_525_237, marks=pytest.mark.sweep),
        (PLAIN | TEN_103, 9_322_545, 9_423_303),
        pytest.param(TEN_67, 2_508_817, 2_570_677, marks=pytest.mark.sweep),
    ],
    ids=["56 plain", "67 plain", "103 plain", "67"],
)
def test_fc_densenet_has_the_size_computed_by_hand(options, plain, with_cbam):
    _is_of_size(catalogue.build("fcadensenet", "paper", 10, **options), plain, with_cbam)


def test_the_network_of_the_paper_has_the_size_computed_by_hand(of_the_paper):
    _is_of_size(of_the_paper, 1_034_881, 1_062_311)


def _is_of_size(network, plain: int, with_cbam: int) -> None:
    attention = sum(int(np.prod(w.shape)) for w in network.trainable_weights if "skip" in w.path)
    assert trainable(network) == with_cbam
    assert trainable(network) - attention == plain


@pytest.fixture(scope="module")
def of_the_paper():
    return catalogue.build("fcadensenet", "paper", 10)


def test_fc_densenet_has_the_same_size_without_cbam():
    assert trainable(catalogue.build("fc_densenet", "paper", 10)) == 1_034_881


def test_fc_densenet_56_has_its_published_size_on_rgb_and_eleven_classes():
    network = catalogue.build("fc_densenet", "paper", 3, outputs=11, bottleneck=0)
    assert network.count_params() == 1_397_963  # moving statistics of batch norm included


@pytest.mark.parametrize(("preset", "size"), [("paper", 31_035_777), ("32", 7_762_113)])
def test_unet_has_the_size_computed_by_hand(preset, size):
    assert trainable(catalogue.build("unet", preset, 10)) == size


def test_fcn_has_the_size_of_half_width_vgg16():
    widths = [10, 32, 32, 64, 64, 128, 128, 128, 256, 256, 256, 256, 256, 256]
    vgg16 = sum(9 * a * b + b for a, b in pairwise(widths))
    fully_connected = 7 * 7 * 256 * 512 + 512 + 512 * 512 + 512
    score32, score16, score8 = 512 + 1, 256 + 1, 128 + 1
    twice_4x4_upsampling = 2 * (16 + 1)

    size = vgg16 + fully_connected + score32
    assert trainable(catalogue.build("fcn", "paper", 10, variant="32s")) == size
    size += score16 + score8 + twice_4x4_upsampling
    assert trainable(catalogue.build("fcn", "paper", 10)) == size == 10_368_805


def test_learned_upsampling_starts_bilinear():
    image = keras.Input((4, 4, 2))
    network = keras.Model(image, learned_upsampling(image))
    ramp = np.arange(4.0)[None, :, None, None] * np.ones((1, 4, 4, 2))
    column = keras.ops.convert_to_numpy(network(ramp))[0, :, 3, 1]
    # Away from the border a ramp stays a ramp, at half the step.
    np.testing.assert_allclose(column[1:7], [0.25, 0.75, 1.25, 1.75, 2.25, 2.75])


def test_cbam_on_the_skips_is_the_only_difference_between_the_pair():
    plain = catalogue.build("fc_densenet", "quick", 10, **THIN)
    attentive = catalogue.build("fcadensenet", "quick", 10, cbam_at=None, **THIN)
    assert [w.shape for w in plain.weights] == [w.shape for w in attentive.weights]


@pytest.mark.parametrize(
    ("cbam_at", "places"),
    [("skip", {"skip"}), ("concat", {"concat"}), ("both", {"skip", "concat"})],
)
def test_cbam_stands_where_it_is_asked_for(cbam_at, places):
    network = catalogue.build("fcadensenet", "quick", 10, cbam_at=cbam_at, **THIN)
    gates = {layer.name for layer in network.layers if layer.name.endswith("_channel")}
    assert gates == {f"{place}{level}_channel" for place in places for level in range(1, 6)}


def test_kinds_of_attention_are_presets_of_fcadensenet():
    """The same network, but where the gates stand, how wide they are or how far they look."""
    quick = catalogue.MODELS["fcadensenet"].presets["quick"]
    for kind, more in catalogue.ATTENTION.items():
        preset = f"quick-{kind}"
        assert catalogue.MODELS["fcadensenet"].presets[preset] == quick | more
        assert catalogue.settings_preset(preset) == "quick"
        assert preset not in catalogue.MODELS["fc_densenet"].presets
    wide = catalogue.build("fcadensenet", "quick-ratio4", 10, **THIN)
    assert [wide.get_layer(f"skip{n}_channel_mlp1").units for n in (1, 5)] == [
        wide.get_layer(f"skip{n}_channel").output.shape[-1] // 4 for n in (1, 5)
    ]


def test_a_local_gate_answers_alike_in_a_tile_and_in_the_middle_of_a_large_window():
    """It looks 32 px around a pixel, and the spatial gate 3: no part of a square farther away than
    a network's own reach changes an answer."""
    keras.utils.set_random_seed(3)
    image = keras.Input((192, 192, 6))
    network = keras.Model(image, blocks.cbam(image, 2, "gate", footprint=32))
    x = np.random.default_rng(0).normal(size=(1, 192, 192, 6)).astype("float32")
    before = keras.ops.convert_to_numpy(network(x))[0, 80:112, 80:112]
    x[:, :32] += 5
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(network(x))[0, 80:112, 80:112], before)
    x[:, 64:96] += 5
    after = keras.ops.convert_to_numpy(network(x))[0, 104:112, 80:112]
    assert np.abs(after - before[24:]).max() > 1e-3


def test_cbam_gates_have_the_shapes_of_the_paper(of_the_paper):
    network = of_the_paper
    for level, (side, channels) in enumerate(
        [(128, 96), (64, 144), (32, 192), (16, 240), (8, 288)], start=1
    ):
        assert network.get_layer(f"skip{level}_channel").output.shape == (None, 1, 1, channels)
        assert network.get_layer(f"skip{level}_space").output.shape == (None, side, side, 1)
        assert network.get_layer(f"skip{level}_space").kernel.shape == (7, 7, 2, 1)
        assert network.get_layer(f"skip{level}_space").bias is None
        assert network.get_layer(f"skip{level}_channel_mlp1").units == channels // 16


def test_channel_gate_is_one_shared_perceptron_over_mean_and_maximum():
    image = keras.Input((4, 4, 6))
    network = keras.Model(image, blocks.channel_gate(image, 3, "gate"))
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 6)).astype("float32")

    w1, b1, w2, b2 = network.get_weights()  # two dense layers and no more
    mlp = lambda v: np.maximum(v @ w1 + b1, 0) @ w2 + b2  # noqa: E731
    expected = 1 / (1 + np.exp(-(mlp(x.mean((1, 2))) + mlp(x.max((1, 2))))))
    gate = keras.ops.convert_to_numpy(network(x))
    np.testing.assert_allclose(gate[:, 0, 0], expected, rtol=1e-5)


def test_spatial_gate_pools_channels_and_keeps_space():
    image = keras.Input((9, 9, 3))
    network = keras.Model(image, blocks.spatial_gate(image, "gate"))
    kernel = np.zeros((7, 7, 2, 1), "float32")
    kernel[3, 3] = [[1.0], [2.0]]  # maximum + 2 x mean of the pixel itself
    network.set_weights([kernel])
    x = np.random.default_rng(0).normal(size=(1, 9, 9, 3)).astype("float32")

    expected = 1 / (1 + np.exp(-(x.max(-1) + 2 * x.mean(-1))))
    gate = keras.ops.convert_to_numpy(network(x))
    np.testing.assert_allclose(gate[..., 0], expected, rtol=1e-5)


def test_unknown_options_are_refused():
    with pytest.raises(ValueError, match=r"cbam_at must be one of .* Received: cbam_at='top'"):
        catalogue.build("fcadensenet", "quick", 10, cbam_at="top")
    with pytest.raises(ValueError, match=r"multiple of 32 .* Received: footprint=48, tile=128"):
        catalogue.build("fcadensenet", "quick", 10, footprint=48)
    with pytest.raises(ValueError, match=r"variant must be one of .* Received: variant='16s'"):
        catalogue.build("fcn", "quick", 10, variant="16s")


def test_zscore_is_per_channel_and_no_data_becomes_zero_afterwards():
    layer = ZScore(mean=[10.0, -5.0], std=[2.0, 0.0])
    x = np.array([[[[14.0, 3.0], [np.nan, np.nan]]]], "float32")
    z = keras.ops.convert_to_numpy(layer(x))
    # The second channel never varied in training, so it says nothing.
    np.testing.assert_array_equal(z, [[[[2.0, 0.0], [0.0, 0.0]]]])
    assert layer.trainable_weights == []


def test_no_data_predicts_as_the_mean_does():
    mean, std = np.arange(3.0) * 100, np.arange(3.0) + 1
    network = catalogue.build("fcadensenet", "quick", 3, tile=32, **THIN)
    network = catalogue.with_zscore(network, mean, std)
    x = np.random.default_rng(0).normal(mean, std, size=(1, 32, 32, 3)).astype("float32")
    gap, filled = x.copy(), x.copy()
    gap[0, 4:20, 4:20, 1], filled[0, 4:20, 4:20, 1] = np.nan, mean[1]

    of_gap, of_filled, of_x = (keras.ops.convert_to_numpy(network(v)) for v in (gap, filled, x))
    np.testing.assert_array_equal(of_gap, of_filled)
    assert not np.allclose(of_gap, of_x)


def test_zscore_travels_in_the_weights(tmp_path):
    mean, std = [1000.0, 20.0], [300.0, 8.0]
    saved = catalogue.with_zscore(catalogue.build("unet", "quick", 2, tile=32), mean, std)
    saved.save_weights(tmp_path / "run.weights.h5")
    rebuilt = catalogue.with_zscore(catalogue.build("unet", "quick", 2, tile=32))
    rebuilt.load_weights(tmp_path / "run.weights.h5")

    layer = rebuilt.get_layer("zscore")
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer.mean), mean)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer.std), std)
