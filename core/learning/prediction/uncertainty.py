"""How sure a network is of each pixel: the spread of its answers over flips and turns.

The scene is turned, aspect with it, predicted and turned back; the standard deviation of the
answers is the uncertainty. docs/prediction.md compares it with Monte-Carlo dropout.
"""

from typing import Any

import numpy as np

from core.learning.networks.network import ModelCard
from core.learning.prediction import inference, looks
from core.learning.prediction.windows import WindowPlan
from core.learning.tiles import augmentation

NAME = looks.UNCERTAINTY
LARGEST = 0.5  # standard deviation of answers between 0 and 1


def choices(augmented: str) -> tuple[tuple[bool, int], ...]:
    """The turns a network was trained on; a network that saw none is asked about `safe` ones."""
    return augmentation.CHOICES["safe" if augmented == "none" else augmented]


def with_dropout(built: Any, plan: WindowPlan, card: ModelCard, draws: int = 8):
    """Monte-Carlo dropout (Gal and Ghahramani 2016), for comparison: (mean, spread) of windows.

    Batch normalisation stays in inference mode.
    """
    from models import footprint

    wide = footprint.widen(built, plan.height, plan.width, card.tile, dropout=True)
    infer = inference.with_keras(wide)

    def answer(windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = np.stack([infer(windows) for _ in range(draws)])
        return found.mean(axis=0), found.std(axis=0)

    return answer
