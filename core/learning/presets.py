"""The values that a preset has: the paper's, `quick` for two cores and a few minutes, `thorough`
for two cores and an hour."""

import math
from dataclasses import replace
from typing import Any

from core.learning import options
from core.learning.drawing import steps_per_epoch
from core.runs.config import RunConfig
from models import catalogue

# Section 3.4; the number of epochs is not printed there.
PAPER = {
    "epochs": 100,
    "batch": 8,
    "learning_rate": 1e-4,
    "schedule": "constant",
    "crop": 0,
    "averaged": 0.0,
    "dropout": catalogue.PAPER_DROPOUT,
    "loss": "bce",
    "landslide_share_of_batch": 0.0,
    "prior_bias": False,
    "augmentation": "paper",
    "monitor": "val_loss",
    "patience": 0,
    "precision": "float32",
    "batch_statistics": "running",
}
# A few hundred steps have to do, on few landslides: squares anywhere in the training tiles, a
# larger rate that falls to nothing, an average of the weights, landslides in half of every batch
# and batch statistics of that very mixture (docs/learning.md tells what each is worth).
QUICK = {
    **PAPER,
    "batch": 24,
    "learning_rate": 3e-3,
    "schedule": "warmup_cosine",
    "crop": 64,
    "averaged": 0.98,
    "dropout": 0.0,
    "landslide_share_of_batch": 0.5,
    "prior_bias": True,
    "monitor": "val_ap",
    "batch_statistics": "again",
}
THOROUGH = {**QUICK, "averaged": 0.99}
COUNTED_IN_STEPS = {"quick": QUICK, "thorough": THOROUGH}
STEPS = {"quick": 480, "thorough": 1000}


def values(preset: str) -> dict[str, Any]:
    """The settings of a preset; sizes of a network that are no preset of settings have the
    paper's."""
    return COUNTED_IN_STEPS.get(catalogue.settings_preset(preset), PAPER)


def steps(preset: str, scenes: int = 1) -> int:
    """How many steps a preset trains for: with more ground to learn from, as its root.

    >>> steps("quick"), steps("quick", scenes=4)
    (480, 960)
    """
    return round(STEPS[catalogue.settings_preset(preset)] * math.sqrt(scenes))


def settings(config: RunConfig, given: dict[str, Any], training_tiles: int) -> dict[str, Any]:
    """Return the settings of `config`'s preset with those that the user gave (not None) on top.

    `quick` and `thorough` count steps, not epochs, so that they take as long on a small scene;
    `training_tiles` of all scenes tell how many epochs these are.
    """
    options.check(config.model, config.preset)
    chosen = dict(values(config.preset))
    # Tiles may be smaller than a preset's squares; only what a user asked for is refused.
    chosen["crop"] = min(chosen["crop"], config.tile)
    chosen |= {k: v for k, v in given.items() if v is not None}
    for name, value in chosen.items():
        options.check_setting(options.BY_NAME[name], value)
    if catalogue.settings_preset(config.preset) in STEPS and given.get("epochs") is None:
        each = steps_per_epoch(training_tiles, replace(config, **chosen))
        chosen["epochs"] = -(-steps(config.preset, len(config.learned_from)) // each)
    return chosen


def preset_words(setting: options.Setting, preset: str) -> str:
    """The value that a preset has, in words.

    >>> preset_words(options.BY_NAME["loss"], "paper")
    'binary cross-entropy'
    >>> preset_words(options.BY_NAME["epochs"], "quick")
    'as many as make 480 steps'
    """
    preset = catalogue.settings_preset(preset)
    if preset in STEPS and setting.name == "epochs":
        return f"as many as make {STEPS[preset]} steps"
    value = values(preset)[setting.name]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return setting.choices[value] if setting.choices else f"{value:g}"
