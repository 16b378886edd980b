"""k-fold by block: which fold a block belongs to, and whether the folds asked for make sense."""

import numpy as np

from core.errors import SlideScopeError
from core.learning.split.balance import Blocks, most_even
from core.scene.store import Scene

MOST_FOLDS = 20
# Number of the fold that is held out, from 1, and how many there are.
Fold = tuple[int, int]


def fold_of(blocks: Blocks, fold: Fold, rng) -> np.ndarray:
    """Fold (from 1) of each tile of the blocks: blocks of like landslide share go to the folds in
    turn, in the most even of many draws."""
    return most_even(blocks, np.arange(len(blocks)) % fold[1] + 1, rng)


def check_enough(scene: Scene, blocks: np.ndarray, fold: Fold) -> None:
    """Raise a SlideScopeError unless every fold gets a block."""
    found = len(np.unique(blocks))
    if found < fold[1]:
        raise SlideScopeError(
            f"Scene '{scene.name}' has {found} tiles with data, too few for {fold[1]} folds: each "
            "holds out a block, where tiles are few a single tile; ask for fewer folds."
        )


def check_folds(fold: int | None, folds: int | None, method: str, test_scene: str | None) -> None:
    """Raise a SlideScopeError unless fold `fold` of `folds` makes sense, or both are None.

    >>> check_folds(2, 5, "block", None)
    """
    if fold is None and folds is None:
        return
    if folds is None or fold is None:
        missing, given = (
            ("--folds", f"fold {fold}") if folds is None else ("--fold", f"{folds} folds")
        )
        raise SlideScopeError(
            f"Only {given} given: a fold needs its number and how many there are; add {missing}, "
            "or let `kfold` train all of them."
        )
    check_fold_count(folds)
    if not 1 <= fold <= folds:
        raise SlideScopeError(
            f"Invalid fold {fold}: it must lie between 1 and {folds}, the number of folds; give "
            "such a one."
        )
    other = "--split paper" if method == "paper" else "--test-scene" if test_scene else ""
    if other:
        raise SlideScopeError(
            f"Folds and {other} exclude each other: folds hold out blocks of the scene itself; "
            "leave one of them out."
        )


def check_fold_count(folds: int) -> None:
    if not 2 <= folds <= MOST_FOLDS:
        raise SlideScopeError(
            f"Invalid number of folds {folds}: it must lie between 2 and {MOST_FOLDS}; give such "
            "a one."
        )
