"""bfloat16 in prediction: a network is asked once whether its masks stay the same."""

from dataclasses import replace

import numpy as np
import pytest

from core import atomic
from core.learning.prediction import inference, prediction
from core.learning.prediction.inference import FLOAT32
from tests.test_prediction import card  # noqa: F401 - a fixture


@pytest.fixture
def run(tiny_runs):
    """A run with weights, whatever they are."""
    (tiny_runs[0].path / "model").mkdir()
    (tiny_runs[0].path / "model" / "model.weights.h5").write_bytes(b"weights")
    return tiny_runs[0]


@pytest.fixture
def asked(monkeypatch):
    """Makes a processor with bfloat16 and a network that finds the landslides by their colour; in
    bfloat16 its scores are lower by .2 and off by `error` (one standard deviation). Returns
    the formats it was asked in."""
    formats = []

    def with_error(error: float):
        def fast(built, height, width, tile, numbers):
            formats.append(numbers.name)
            noise = np.random.default_rng(0).normal(-0.2, error, (height, width))
            off = noise if numbers == inference.BFLOAT16 else 0.0

            def infer(x):
                # Landslides of the tiny scene are dark in the near infrared.
                score = (2200 - np.nan_to_num(x[..., 0], nan=5e3)) / 50 + off
                return 1 / (1 + np.exp(-score))

            return infer

        monkeypatch.delenv(prediction.VARIABLE)
        monkeypatch.setattr(inference, "fast", fast)
        monkeypatch.setattr(inference, "computes_bfloat16", lambda: True)
        return formats

    return with_error


@pytest.mark.parametrize(("error", "chosen"), [(0.001, "bf16"), (2.0, "f32")])
def test_the_masks_decide_and_are_asked_once(run, tiny_scene, card, asked, error, chosen):  # noqa: F811
    formats = asked(error)
    assert prediction.choose(run, None, card, tiny_scene).name == chosen
    assert sorted(formats) == ["bf16", "f32"]
    kept = atomic.read_json(run.path / prediction.FILE)
    assert kept["accepted"] == (chosen == "bf16") and kept["pixels"] > 500
    assert (kept["iou"] >= 0.99) == (chosen == "bf16")
    assert prediction.choose(run, None, card, tiny_scene).name == chosen
    assert len(formats) == 2
    # Weights that were trained on are another network.
    (run.path / "model" / "model.weights.h5").write_bytes(b"others")
    prediction.choose(run, None, card, tiny_scene)
    assert len(formats) == 4


def test_masks_are_compared_where_the_landslides_are(tiny_scene, card, asked):  # noqa: F811
    asked(0.0)
    found = prediction.compare(None, card, tiny_scene)
    assert found["iou"] == 1.0 and found["f1_difference"] == 0.0 and found["accepted"]


def test_what_rounding_takes_off_on_the_mean_is_given_back(run, tiny_scene, card, asked):  # noqa: F811
    asked(0.01)
    assert prediction.choose(run, None, card, tiny_scene).shift == pytest.approx(0.2, abs=0.01)


def test_a_mask_that_is_nearly_empty_proves_nothing(tiny_scene, card, asked, monkeypatch):  # noqa: F811
    asked(0.0)
    monkeypatch.setattr(prediction, "LEAST_PIXELS", 10**6)
    assert not prediction.compare(None, card, tiny_scene)["accepted"]


def test_without_an_inventory_or_by_a_users_word_it_stays_float32(
    run,
    tiny_scene,
    card,  # noqa: F811
    asked,
    monkeypatch,
):
    formats = asked(0.0)
    assert prediction.choose(run, None, card, replace(tiny_scene, inventory=None)) == FLOAT32
    monkeypatch.setenv(prediction.VARIABLE, "f32")
    assert prediction.choose(run, None, card, tiny_scene) == FLOAT32
    monkeypatch.delenv(prediction.VARIABLE)
    monkeypatch.setattr(inference, "computes_bfloat16", lambda: False)
    assert prediction.choose(run, None, card, tiny_scene) == FLOAT32
    assert formats == [] and not (run.path / prediction.FILE).exists()
