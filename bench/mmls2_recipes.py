"""The recipes that were tried on MMLSv2, and the one to score the 66 tiles by (why: see
docs/benchmarks.md)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recipe:
    """`settings` are those of `core.learning.options`; `turns`: predictions are the mean over the
    eight flips and quarter turns of a tile; `network_of` another recipe that trains the same
    network, whose batch statistics are measured again before it is scored."""

    name: str
    epochs: int
    turns: bool = True
    settings: dict = field(default_factory=dict)
    network_of: str | None = None


FAST = {"learning_rate": 1e-3, "schedule": "warmup_cosine", "prior_bias": True}
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("paper", 15, False),
        Recipe("fast", 15, True, FAST),
        Recipe("fast, statistics again", 15, True, FAST, "fast"),
        Recipe("fast, Dice", 15, True, {**FAST, "loss": "bce_dice"}),
    )
}
CHOSEN = "fast, statistics again"
PRESETS = {"unet": "32", "fcadensenet": "paper", "fc_densenet": "paper", "fcn": "paper"}
