"""What a network says of a window after several looks at it: their mean, and their spread.

A window is turned, aspect and every other bearing with it, predicted and turned back.
"""

from collections.abc import Callable

import numpy as np

from core.learning.networks.card import ModelCard
from core.learning.prediction import inference, reading
from core.learning.prediction.flips import LOOKS, Turn, bearings
from core.learning.prediction.windows import WindowPlan
from core.learning.tiles import augmentation
from core.scene.store import Scene

PROBABILITY, UNCERTAINTY = "probability", "uncertainty"
# answers(windows of raw factor values (batch, height, width, factors)) -> {layer: (batch, height,
# width)}
Answers = Callable[[np.ndarray], dict[str, np.ndarray]]


def answers(
    infer_for: Callable[[int, int], inference.Infer],
    card: ModelCard,
    scene: Scene,
    plan: WindowPlan,
    flips: int,
    spread: tuple[Turn, ...] = (),
) -> Answers:
    """Return the mean probability of `flips` looks and, where turns are given to
    `spread`, the standard deviation of the answers to those.

    `infer_for` gives the network for windows of a height and width; windows that are not square
    lie on their side after a quarter turn and need it once more.
    """
    circular = bearings(scene, card.factors)
    turns = tuple(dict.fromkeys((*LOOKS[flips], *spread)))
    lying = infer = infer_for(plan.height, plan.width)
    if plan.height != plan.width and any(quarter % 2 for _, quarter in turns):
        lying = infer_for(plan.width, plan.height)

    def look(raw: np.ndarray, mirror: bool, quarter: int) -> np.ndarray:
        there = [augmentation.augment(w, circular, mirror, quarter) for w in raw]
        found = (lying if quarter % 2 else infer)(reading.encoded(np.stack(there), card))
        return np.stack([augmentation.turn_back(p, mirror, quarter) for p in found])

    def answer(raw: np.ndarray) -> dict[str, np.ndarray]:
        found = {turn: look(raw, *turn) for turn in turns}
        layers = {PROBABILITY: np.mean([found[turn] for turn in LOOKS[flips]], axis=0)}
        if spread:
            layers[UNCERTAINTY] = np.std([found[turn] for turn in spread], axis=0)
        return layers

    return answer
