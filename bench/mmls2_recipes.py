"""The recipes that were tried on MMLSv2, and the one to score the 66 tiles by (why: see
docs/benchmarks.md)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recipe:
    """`settings` are those of `core.runs.settings`, over those of `preset` (None: the network's
    usual size in PRESETS, with the paper's settings); `epochs` None: as many as the preset has;
    `turns`: predictions are the mean over the eight flips and quarter turns of a tile."""

    name: str
    epochs: int | None
    turns: bool = True
    settings: dict = field(default_factory=dict)
    preset: str | None = None


FAST = {"learning_rate": 1e-3, "schedule": "warmup_cosine", "prior_bias": True}
AGAIN = {**FAST, "batch_statistics": "again"}
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("paper", 15, False),
        Recipe("fast", 15, True, FAST),
        Recipe("fast, statistics again", 15, True, AGAIN),
        Recipe("fast, Dice", 15, True, {**FAST, "loss": "bce_dice"}),
        Recipe("quick", None, True, preset="quick"),
        Recipe("thorough", None, True, preset="thorough"),
    )
}
CHOSEN = "thorough"
PRESETS = {"unet": "32", "fcadensenet": "paper", "fc_densenet": "paper", "fcn": "paper"}
