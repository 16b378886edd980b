"""The pretrained encoder: what it starts from, said plainly, and never a network unasked."""

import shutil

import h5py
import numpy as np
import pytest

from core import atomic
from core.errors import SlideScopeError
from core.learning.networks import encoder, network
from core.learning.tiles.channels import Channel
from core.runs import store as runs
from core.runs.config import RunConfig

RGB = (Channel("red"), Channel("green"), Channel("blue"))


def run_in(folder, wish=None, model=encoder.MODEL) -> runs.Run:
    config = RunConfig("tiny", "", 1, True, model, "quick", "rs", (), encoder_weights=wish)
    return runs.Run("r", folder, config, None)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of Keras's own with nothing in it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    encoder.cache_file().parent.mkdir(parents=True)
    return encoder.cache_file()


@pytest.fixture(scope="module")
def image_weights(tmp_path_factory):
    """A file as Keras's cache has it, of random weights, and the network that it fits."""
    network.keras().utils.set_random_seed(5)
    from keras.src.legacy.saving import legacy_h5_format

    from models import encoder as architecture

    path = tmp_path_factory.mktemp("cache") / encoder.CACHED
    made = architecture.built((32, 32, 3))
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, made)
    return path, made


@pytest.fixture(scope="module")
def made():
    """Our encoder alone, for tiles of 32 px and three channels, and what it starts with."""
    network.keras().utils.set_random_seed(0)
    from models import encoder as architecture

    built = architecture.encoder(3, 32)
    return built, built.get_weights()


@pytest.fixture
def built(made):
    network, weights = made
    network.set_weights(weights)
    return network


def unchanged(made) -> bool:
    network, weights = made
    return all((a == b).all() for a, b in zip(weights, network.get_weights()))


@pytest.mark.parametrize(
    ("model", "wish", "sentence"),
    [
        ("unet", "cache", "'unet' has no pretrained encoder, only 'unet_pretrained' has"),
        ("unet_pretrained", "imagenet", "must be cache, fetch, random or a file that exists"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_before_anything_is_written(model, wish, sentence):
    with pytest.raises(SlideScopeError, match=sentence):
        encoder.check(model, wish)


def test_weights_that_lie_in_another_file_are_refused(tmp_path):
    with h5py.File(tmp_path / "away.h5", "w") as file:
        file["kernel"] = h5py.ExternalLink("elsewhere.h5", "/kernel")
    with pytest.raises(SlideScopeError, match="is a link to somewhere else"):
        encoder.check(encoder.MODEL, str(tmp_path / "away.h5"))


def test_without_weights_it_starts_at_random_and_says_so(built, made, tmp_path):
    told = []
    encoder.start(built, RGB, run_in(tmp_path), lambda text, _: told.append(text))
    assert unchanged(made)
    assert told == [f"Encoder: {encoder.told(run_in(tmp_path))}"]
    assert encoder.told(run_in(tmp_path)).startswith("random weights: Keras's cache has no")


def test_other_networks_are_left_alone(tmp_path):
    encoder.start(None, RGB, run_in(tmp_path, model="unet"), None)
    assert encoder.told(run_in(tmp_path, model="unet")) is None


def test_the_cache_fills_every_layer_and_three_colours_keep_their_own_kernel(
    built, image_weights, tmp_path, cache
):
    path, theirs = image_weights
    shutil.copy(path, cache)
    encoder.start(built, RGB, run_in(tmp_path), lambda *_: None)
    for mine, same in zip(built.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, same, rtol=1e-5)
    x = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype("float32")
    found, expected = (np.asarray(m(x, training=False)) for m in (built, theirs))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert encoder.told(run_in(tmp_path)) == "ImageNet weights of Keras's cache"


def test_more_channels_answer_as_strongly_as_the_colours_did():
    from models.encoder import widened

    kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 32)).astype("float32")
    wide = widened(kernel, [0, 1, 2, 0, 1, 2])
    assert wide.shape == (3, 3, 6, 32)
    np.testing.assert_allclose((wide**2).sum((0, 1, 2)), (kernel**2).sum((0, 1, 2)), rtol=1e-4)
    np.testing.assert_array_equal(wide[:, :, :3], wide[:, :, 3:])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("other.h5", r"'other\.h5' does not fit the encoder"),
        ("other.weights.h5", "do not fit EfficientNetV2-B0 without its top"),
    ],
)
def test_a_file_of_another_network_is_refused(built, made, tmp_path, name, sentence):
    with h5py.File(tmp_path / name, "w") as file:
        file["layers/conv2d/vars/0"] = np.zeros((3, 3, 3, 8), "float32")
    with pytest.raises(SlideScopeError, match=sentence):
        encoder.start(built, RGB, run_in(tmp_path, str(tmp_path / name)), lambda *_: None)
    assert unchanged(made)
    assert encoder.told(run_in(tmp_path)) is None


def test_what_cannot_be_fetched_is_one_sentence(tmp_path, monkeypatch):
    from models import encoder as architecture

    def unreachable(*_):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(architecture, "built", unreachable)
    with pytest.raises(SlideScopeError, match=r"could not be fetched .* --encoder-weights random"):
        encoder._trained("fetch")


def test_a_run_that_has_begun_needs_no_file_any_more(built, made, tmp_path):
    atomic.write_json(tmp_path / encoder.TOLD, {"encoder": "weights of gone.h5"})
    encoder.start(built, RGB, run_in(tmp_path, str(tmp_path / "gone.h5")), None)
    assert unchanged(made)
