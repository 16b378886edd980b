"""In which settings runs differ, in the words of the settings themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from core.request import options
from core.runs.config import MODEL_TITLES, Learned, RunConfig
from core.runs.request import FLIPS, TrainRequest
from core.runs.settings import BY_NAME
from core.runs.store import Run

TITLES = {
    "scene": "Scene",
    "fingerprint": "State of the scene's data",
    "inventory_version": "Version of the inventory",
    "model": "Model",
    "preset": "Preset",
    "dataset": "Dataset",
    "factors": "Factors that not all have",
    "seed": "Seed",
    "coding": "Lithology and aspect",
    "tile": "Tile, pixels",
    "split": "Split of the tiles",
    "buffer": "Buffer between the parts, pixels",
    "more": "Other scenes learned from",
    "test_scene": "Tested on",
    "flips": options(TrainRequest)["flips"].title,
    "fold": "Fold that is held out",
    "split_seed": options(TrainRequest)["split_seed"].title,
    "zscore": options(TrainRequest)["zscore"].title,
    "members": "Joined from",
    "joined": "Joined as",
}
WORDS: dict[str, Mapping[Any, str]] = {
    "coding": {"paper": "plain numbers", "recommended": "one-hot, sine and cosine"},
    "split": {"block": "blocks of tiles", "paper": "single tiles, as the paper"},
    "dataset": {"rs": "RS", "rs-dr": "RS-DR"},
    "model": MODEL_TITLES,
    "flips": FLIPS,
    "joined": {"average": "the mean of its members", "folds": "each tile by its own fold"},
}
# Their values are what people, files or factors are called.
NAMED = (
    *("scene", "fingerprint", "factors", "more", "test_scene", "start_from", "members"),
    *("experiment", "encoder_weights", "brought"),
)
# Follows from the scene.
UNTOLD = ("synthetic",)


@dataclass(frozen=True)
class Difference:
    """One setting in which not all runs agree; `values` in words, in the order of the runs."""

    name: str
    title: str
    values: tuple[str, ...]


def differing(runs: Sequence[Run]) -> list[Difference]:
    """The settings in which `runs` differ, in the order of the configuration."""
    configs = [run.config for run in runs]
    names = [f.name for f in fields(RunConfig) if f.name not in UNTOLD]
    names.sort(key=BY_NAME.__contains__)
    found = [n for n in names if len({getattr(config, n) for config in configs}) > 1]
    return [Difference(name, title(name), _values(name, configs)) for name in found]


def title(name: str) -> str:
    """
    >>> title("loss"), title("seed")
    ('Loss', 'Seed')
    """
    if name in BY_NAME:
        return BY_NAME[name].title
    return TITLES.get(name, name.replace("_", " ").capitalize())


def in_words(name: str, value: object) -> str:
    """
    >>> in_words("loss", "focal"), in_words("prior_bias", True), in_words("learning_rate", 1e-4)
    ('focal: hard pixels weigh more', 'yes', '0.0001')
    """
    setting = BY_NAME.get(name)
    choices = setting.choices if setting else WORDS.get(name, {})
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "–"
    if isinstance(value, tuple):
        return ", ".join(v.scene if isinstance(v, Learned) else v for v in value) or "–"
    if isinstance(value, float):
        return f"{value:g}"
    return choices.get(value, str(value))


def _values(name: str, configs: Sequence[RunConfig]) -> tuple[str, ...]:
    if name != "factors":
        return tuple(in_words(name, getattr(config, name)) for config in configs)
    shared = set.intersection(*(set(config.factors) for config in configs))
    own = [[f for f in config.factors if f not in shared] for config in configs]
    # The same factors in another order are other channels.
    if not any(own):
        return tuple(", ".join(config.factors) for config in configs)
    return tuple(", ".join(names) or "–" for names in own)
