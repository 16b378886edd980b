"""What a network says of a window after several looks at it: their mean, and their spread.

A window is turned, aspect and every other bearing with it, predicted and turned back.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.errors import SlideScopeError
from core.learning.networks.card import ModelCard
from core.learning.prediction import inference, windows
from core.learning.prediction.windows import WindowPlan
from core.learning.tiles import augmentation
from core.learning.tiles.augmentation import TURNS
from core.runs.request import FLIPS
from core.scene.store import Scene

LARGEST = 0.5  # standard deviation of answers between 0 and 1
Turn = tuple[bool, int]
# Four: as it lies, a half turn, and the flips over both diagonals.
LOOKS: dict[int, tuple[Turn, ...]] = {
    1: TURNS[:1],
    4: (TURNS[0], TURNS[2], TURNS[5], TURNS[7]),
    8: TURNS,
}
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
        found = (lying if quarter % 2 else infer)(windows.encoded(np.stack(there), card))
        return np.stack([augmentation.turn_back(p, mirror, quarter) for p in found])

    def answer(raw: np.ndarray) -> dict[str, np.ndarray]:
        found = {turn: look(raw, *turn) for turn in turns}
        layers = {PROBABILITY: np.mean([found[turn] for turn in LOOKS[flips]], axis=0)}
        if spread:
            layers[UNCERTAINTY] = np.std([found[turn] for turn in spread], axis=0)
        return layers

    return answer


def check(scene: Scene, factors: tuple[str, ...], flips: int) -> None:
    """Raise a SlideScopeError unless a network of `factors` can look at `scene` `flips` times.

    A bearing turns with its tile only where north is known to be up. Independent tiles lie
    nowhere; without a bearing among the factors they turn like any picture.
    """
    if flips not in LOOKS:
        raise SlideScopeError(
            f"Invalid number of looks {flips}: --flips is {', '.join(map(str, FLIPS))}; choose one."
        )
    if flips == 1 or scene.grid.crs is not None:
        return
    if scene.kind == "tiles" and not bearings(scene, factors):
        return
    raise SlideScopeError(
        f"Scene '{scene.name}' has no coordinate reference system and --flips is {flips}: turning "
        "needs to know where north is; give --flips 1 or import the scene with its reference "
        "system."
    )


def bearings(scene: Scene, factors: tuple[str, ...]) -> list[int]:
    """Indices of the circular factors."""
    return [i for i, name in enumerate(factors) if scene.factor(name).kind == "circular"]


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
