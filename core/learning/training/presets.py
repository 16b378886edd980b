"""From a preset and what a user gave to the settings of a training: `quick` is for two cores and a
few minutes, `thorough` for two cores and an hour."""

import math
from dataclasses import replace
from typing import Any

from core.errors import SlideScopeError
from core.learning.tiles.drawing import steps_per_epoch
from core.request import Option
from core.runs.config import RunConfig
from core.runs.settings import BY_NAME, of_preset
from models import catalogue

STEPS = {"quick": 480, "thorough": 1000}


def check(model: str, preset: str) -> None:
    """Raise a SlideScopeError unless the catalogue has the model and the preset."""
    try:
        catalogue.check_preset(model, preset)
    except ValueError as error:
        raise SlideScopeError(str(error)) from error


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
    check(config.model, config.preset)
    chosen = of_preset(config.preset)
    # Tiles may be smaller than a preset's squares; only what a user asked for is refused.
    chosen["crop"] = min(chosen["crop"], config.tile)
    chosen |= {k: v for k, v in given.items() if v is not None}
    for name, value in chosen.items():
        BY_NAME[name].check(value)
    if catalogue.settings_preset(config.preset) in STEPS and given.get("epochs") is None:
        each = steps_per_epoch(training_tiles, replace(config, **chosen))
        chosen["epochs"] = -(-steps(config.preset, len(config.learned_from)) // each)
    return chosen


def preset_words(setting: Option, preset: str) -> str:
    """The value that a preset has, in words.

    >>> preset_words(BY_NAME["loss"], "paper")
    'binary cross-entropy'
    >>> preset_words(BY_NAME["epochs"], "quick")
    'as many as make 480 steps'
    """
    preset = catalogue.settings_preset(preset)
    if preset in STEPS and setting.name == "epochs":
        return f"as many as make {STEPS[preset]} steps"
    value = of_preset(preset)[setting.name]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return setting.choices[value] if setting.choices else f"{value:g}"
