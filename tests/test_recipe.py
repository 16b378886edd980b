"""How a network is fitted: the configuration's words become optimizer, rate, loss and stop."""

import json

import numpy as np
import pytest

from core.__main__ import main
from core.learning.networks import network
from core.learning.training import presets, recipe, validation
from core.learning.training.checkpoint import Progress
from core.runs import settings
from core.runs import store as runs
from core.runs.config import Learned, RunConfig


def config(**changes) -> RunConfig:
    return RunConfig("s", "f", 1, True, "unet", "quick", "rs", (), **changes)


def rates(schedule: str, steps: int = 100) -> list[float]:
    made = recipe.learning_rate(config(schedule=schedule, learning_rate=0.01), steps)
    return [float(made(step)) for step in range(steps + 1)]


def test_a_constant_rate_is_the_number_itself():
    assert recipe.learning_rate(config(learning_rate=0.01), 100) == 0.01


def test_cosine_falls_from_the_rate_to_nothing():
    found = rates("cosine")
    assert found[0] == pytest.approx(0.01)
    assert found[50] == pytest.approx(0.005)
    assert found[100] == pytest.approx(0.0, abs=1e-9)
    assert (np.diff(found) <= 0).all()


def test_warmup_rises_for_a_twentieth_and_then_falls():
    found = rates("warmup_cosine")
    assert found[0] == 0.0
    assert found[5] == pytest.approx(0.01)
    assert (np.diff(found[:6]) > 0).all()
    assert (np.diff(found[5:]) <= 0).all()
    assert found[100] == pytest.approx(0.0, abs=1e-9)


def test_the_output_starts_at_the_prevalence_when_asked():
    assert recipe.output_bias(config(), 0.01) == 0.0
    bias = recipe.output_bias(config(prior_bias=True), 0.01)
    assert 1 / (1 + np.exp(-bias)) == pytest.approx(0.01)


def test_training_stops_when_patience_is_over():
    steps = [Progress(epoch=epoch, best_epoch=3) for epoch in (4, 5, 6)]
    assert [step.stalled(2) for step in steps] == [False, True, True]
    assert not any(step.stalled(0) for step in steps)


@pytest.mark.parametrize(
    ("monitor", "better", "worse"),
    [("val_loss", 0.1, 0.3), ("val_iou", 0.3, 0.1), ("val_ap", 0.3, 0.1)],
)
def test_every_monitor_knows_which_way_is_up(monitor, better, worse):
    assert validation.better(monitor, better, 0.2)
    assert not validation.better(monitor, worse, 0.2)
    assert not validation.better(monitor, 0.2, 0.2)


def test_presets_and_what_is_given_come_together():
    given = {"loss": "focal", "epochs": None, "prior_bias": False}
    found = presets.settings(config(), given, training_tiles=40)
    assert found["loss"] == "focal"
    assert found["prior_bias"] is False
    assert found["schedule"] == "warmup_cosine"
    # 24 squares of 64 px are 6 tiles' worth: 7 steps an epoch, 69 epochs for the 480 steps.
    assert found["epochs"] == 69


def test_more_scenes_are_learned_from_for_longer():
    others = tuple(Learned(name, "f", 1, True) for name in "abc")
    given = {"batch": 8, "crop": 0}
    alone = presets.settings(config(), given, training_tiles=400)["epochs"]
    together = presets.settings(config(more=others), given, training_tiles=400)["epochs"]
    # Four times the ground, twice the steps.
    assert (alone, together) == (10, 20)


def test_every_setting_has_a_group_and_a_value_in_both_presets():
    for each in settings.BY_NAME.values():
        assert each.group in settings.GROUPS
        for preset in ("paper", "quick", "thorough"):
            each.check(settings.of_preset(preset)[each.name])


@pytest.fixture
def own_policy():
    """Other tests of this process compute in 32 bit."""
    yield
    network.keras().mixed_precision.set_global_policy("float32")


@pytest.mark.slow
@pytest.mark.usefixtures("own_policy")
def test_a_training_with_every_setting_changed_stops_early_and_says_so(tiny_scene, capsys):
    """A rate too small to learn anything: nothing gets better, so patience 1 ends it at 2 of 9."""
    asked = ["train", "tiny", "--model", "unet", "--dataset", "rs", "--preset", "quick"]
    asked += ["--epochs", "9", "--patience", "1", "--monitor", "val_iou", "--loss", "bce_dice"]
    asked += ["--schedule", "warmup_cosine", "--learning-rate", "1e-7", "--precision", "mixed"]
    asked += ["--batch-statistics", "again"]
    assert main([*asked, "--no-predict", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["epochs"], found["best_epoch"], found["stopped_early"]) == (2, 1, True)
    run = runs.load(found["run"])
    assert [row["epoch"] for row in run.history()] == [1, 2]
    assert (run.config.loss, run.config.precision) == ("bce_dice", "mixed")
    assert run.model_card()["batch_statistics"] == "again"
    # Binary cross-entropy and 1 - Dice, which is near 1 where nothing is found.
    assert run.history()[0]["loss"] > run.history()[0]["val_loss"]
