"""The values that a preset has: the paper's, and `quick` for two cores and a few minutes."""

from typing import Any

from core.learning import options
from core.learning.feed import steps_per_epoch
from models import catalogue

# Section 3.4; the number of epochs is not printed there.
PAPER = {
    "epochs": 100,
    "batch": 8,
    "learning_rate": 1e-4,
    "schedule": "constant",
    "loss": "bce",
    "landslide_share_of_batch": 0.0,
    "prior_bias": False,
    "augmentation": "paper",
    "monitor": "val_loss",
    "patience": 0,
    "precision": "float32",
    "batch_statistics": "running",
}
# A few hundred steps have to do: a larger rate that falls to nothing, an output that starts at
# the prevalence, and landslides in every batch.
QUICK = {
    **PAPER,
    "learning_rate": 1e-3,
    "schedule": "cosine",
    "landslide_share_of_batch": 0.5,
    "prior_bias": True,
}
QUICK_STEPS = 380


def settings(model: str, preset: str, given: dict, training_tiles: int) -> dict[str, Any]:
    """Return the settings of a preset with those that the user gave (not None) on top.

    The quick preset counts steps, not epochs, so that it takes as long on a small scene.
    """
    options.check(model, preset)
    preset = catalogue.settings_preset(preset)
    base = dict(QUICK if preset == "quick" else PAPER)
    chosen = {**base, **{k: v for k, v in given.items() if v is not None}}
    if preset == "quick" and given.get("epochs") is None:
        chosen["epochs"] = -(-QUICK_STEPS // steps_per_epoch(training_tiles, chosen["batch"]))
    for name, value in chosen.items():
        options.check_setting(options.BY_NAME[name], value)
    return chosen


def preset_words(setting: options.Setting, preset: str) -> str:
    """The value that a preset has, in words.

    >>> preset_words(options.BY_NAME["loss"], "paper")
    'binary cross-entropy'
    >>> preset_words(options.BY_NAME["epochs"], "quick")
    'as many as make 380 steps'
    """
    quick = catalogue.settings_preset(preset) == "quick"
    if quick and setting.name == "epochs":
        return f"as many as make {QUICK_STEPS} steps"
    value = (QUICK if quick else PAPER)[setting.name]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return setting.choices[value] if setting.choices else f"{value:g}"
