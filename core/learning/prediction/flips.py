"""How many looks a network takes at every window: itself, and flips and quarter turns of it.

Averaging such looks at prediction is usual (Krizhevsky et al. 2012, section 4.1);
docs/prediction.md has what it brings and what it costs. Light to import: a command asks whether a
scene can be looked at before it begins.
"""

from core.errors import SlideScopeError
from core.learning.tiles.augmentation import TURNS
from core.runs.request import FLIPS
from core.scene.store import Scene

Turn = tuple[bool, int]
# Four: as it lies, a half turn, and the flips over both diagonals.
LOOKS: dict[int, tuple[Turn, ...]] = {
    1: TURNS[:1],
    4: (TURNS[0], TURNS[2], TURNS[5], TURNS[7]),
    8: TURNS,
}


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
