"""The catalogue: names, presets, sizes, and one test that every network passes."""

import subprocess
import sys

import numpy as np
import pytest

from models import catalogue
from models.sizes import SIZES

NAMES = list(catalogue.MODELS)


def test_catalogue_imports_without_keras():
    code = "import sys; from models import catalogue; sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_catalogue_names_models_as_the_paper_does():
    titles = {name: model.title for name, model in catalogue.MODELS.items()}
    assert titles == {
        "fcn": "FCN",
        "unet": "U-Net",
        "unet_pretrained": "U-Net, ImageNet encoder",
        "fc_densenet": "FC_DenseNet",
        "fcadensenet": "FCADenseNet",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_model_has_a_paper_and_a_quick_preset(name):
    for preset in ("paper", "quick"):
        catalogue.check_preset(name, preset)


@pytest.mark.parametrize("preset", ["paper", "quick", "67", "103"])
def test_cbam_is_the_only_difference_between_the_dense_pair(preset):
    plain = catalogue.MODELS["fc_densenet"].presets[preset]
    assert catalogue.MODELS["fcadensenet"].presets[preset] == plain | {"cbam_at": "skip"}


def test_quick_keeps_all_five_pools_and_the_bottleneck():
    quick = catalogue.MODELS["fcadensenet"].presets["quick"]
    assert len(quick["depths"]) == 11
    assert quick["bottleneck"] > 0


def test_unknown_names_are_refused_with_the_choice():
    with pytest.raises(
        catalogue.UnknownModel, match="'resnet': choose fcn, unet, unet_pretrained, f"
    ):
        catalogue.check_model("resnet")
    with pytest.raises(catalogue.UnknownPreset, match="'unet' has no preset '67': choose paper, q"):
        catalogue.check_preset("unet", "67")
    with pytest.raises(catalogue.UnknownModel):
        catalogue.build("resnet", "paper", 10)


@pytest.mark.parametrize("tile", [0, 16, 100])
def test_a_tile_that_five_poolings_do_not_divide_is_refused(tile):
    with pytest.raises(ValueError, match=rf"multiple of 32. Received: tile={tile}$"):
        catalogue.build("fcn", "quick", 10, tile=tile)


def test_multiply_adds_agree_with_a_network_counted_by_hand():
    keras = pytest.importorskip("keras")
    image = keras.Input((8, 8, 2))
    x = keras.layers.Conv2D(3, 3, padding="same")(image)  # 8 x 8 x 9 x 2 x 3 = 3456
    x = keras.layers.Conv2D(4, 2, strides=2)(x)  # 4 x 4 x 4 x 3 x 4 = 768
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Conv2DTranspose(5, 2, strides=2)(x)  # 4 x 4 x 4 x 4 x 5 = 1280
    x = keras.layers.Dense(6)(x)  # 8 x 8 x 5 x 6 = 1920
    network = keras.Model(image, keras.layers.GlobalMaxPooling2D()(x))
    assert catalogue.multiply_adds(network) == 3456 + 768 + 1280 + 1920


def test_describe_gives_size_and_work():
    pytest.importorskip("keras")
    unet = catalogue.describe("unet", "32", channels=10)
    assert (unet["model"], unet["preset"]) == ("unet", "32")
    assert unet["trainable_parameters"] == 7_762_113
    # All convolutions are local, so four times the area is four times the work.
    assert catalogue.describe("unet", "32", tile=256)["gflop"] == pytest.approx(4 * unet["gflop"])


def test_the_table_of_sizes_has_every_preset_of_the_catalogue():
    assert {name: list(model.presets) for name, model in catalogue.MODELS.items()} == {
        name: list(presets) for name, presets in SIZES.items()
    }


# "thorough" is as large as another preset.
BUILT = [(n, p) for n in NAMES for p in catalogue.MODELS[n].presets if p != "thorough"]
# A network of 400 layers takes two seconds to build: of each model one, in a sweep all.
FIRST = {"fcadensenet": "paper"}
COUNTED = [
    pytest.param(n, p, marks=() if p == FIRST.get(n, "quick") else pytest.mark.sweep)
    for n, p in BUILT
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "preset"), COUNTED)
def test_the_table_of_sizes_says_what_is_counted_on_the_network(name, preset):
    """With three channels, so that what the table says of one more channel is seen, too."""
    pytest.importorskip("keras")
    counted = catalogue.describe(name, preset, channels=3)
    row = {"model": name, "preset": preset}
    assert [c for c in catalogue.describe_all(3) if c.items() >= row.items()] == [counted]


def test_thorough_presets_are_as_large_as_what_they_are_made_of():
    for name, like in {"fcn": "paper", "unet": "32", "fc_densenet": "paper"}.items():
        assert SIZES[name]["thorough"] == SIZES[name][like]
    assert SIZES["unet_pretrained"]["thorough"] == SIZES["unet_pretrained"]["paper"]
    assert SIZES["fcadensenet"]["thorough"] == SIZES["fcadensenet"]["paper"]


def predict(network, x):
    """Eagerly: a compiled prediction of such deep networks takes longer to trace than to run."""
    from keras import ops

    return ops.convert_to_numpy(network(x, training=False))


def thin(name: str) -> dict:
    """One layer a dense block: run eagerly, the number of layers is what takes the time."""
    return {"depths": (1,) * 11} if "dense" in name else {}


@pytest.fixture(scope="module")
def batch():
    """Two tiles whose mask is where the first channel is high: a task any network can start on."""
    x = np.random.default_rng(0).normal(size=(2, 32, 32, 4)).astype("float32")
    x[:, 8:24, 8:24, 0] += 4
    return x, (x[..., :1] > 2).astype("float32")


# The deepest by far, which tests/test_encoder.py builds as well, and FCADenseNet without its gates.
DEEP = {"unet_pretrained", "fc_densenet"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.sweep if n in DEEP else ()) for n in NAMES]
)
def test_every_network_predicts_learns_and_is_rebuilt_from_its_weights(name, batch, tmp_path):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(1)
    x, y = batch
    network = catalogue.build(name, "quick", 4, tile=32, dropout=0.0, **thin(name))
    assert network.name == name

    probability = predict(network, x)
    assert probability.shape == (2, 32, 32, 1)
    assert probability.dtype == np.float32
    assert probability.min() >= 0
    assert probability.max() <= 1

    network.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy", run_eagerly=True)
    losses = [float(network.train_on_batch(x, y)) for _ in range(2)]
    assert losses[-1] < losses[0]

    network.save_weights(tmp_path / "run.weights.h5")
    rebuilt = catalogue.build(name, "quick", 4, tile=32, **thin(name))
    rebuilt.load_weights(tmp_path / "run.weights.h5")
    learnt = predict(network, x)
    assert not np.allclose(learnt, probability)
    np.testing.assert_allclose(predict(rebuilt, x), learnt, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_any_tile_size_and_several_outputs(name):
    pytest.importorskip("keras")
    network = catalogue.build(name, "quick", 3, tile=None, outputs=5, **thin(name))
    assert network.input_shape == (None, None, None, 3)
    probability = predict(network, np.zeros((1, 32, 64, 3), "float32"))
    assert probability.shape == (1, 32, 64, 5)
    np.testing.assert_allclose(probability.sum(-1), 1, rtol=1e-5)


def test_output_bias_is_where_the_probability_starts():
    pytest.importorskip("keras")
    network = catalogue.build("fcn", "quick", 3, tile=32, output_bias=float(np.log(0.01 / 0.99)))
    probability = predict(network, np.ones((1, 32, 32, 3), "float32"))
    np.testing.assert_allclose(probability, 0.01, rtol=1e-4)
