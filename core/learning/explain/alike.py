"""Tiles that are alike in all factors but one: between them that one is exchanged to learn what it
says beyond the others (conditional permutation importance: Strobl et al. 2008, *BMC
Bioinformatics* 9, 307).
"""

from typing import TYPE_CHECKING

import numpy as np

from core.learning.tiles.channels import encode

if TYPE_CHECKING:
    from core.learning.explain.channel_importance import Stack

LEAST = 4  # tiles of a group, where there are so many


def portraits(stack: "Stack") -> np.ndarray:
    """float (tiles, channels): mean of each channel in each tile, z-scored over the tiles.

    Of bearings and classes it is the mean of sine, cosine and shares where they are coded so.
    """
    x = np.stack([encode(v[None], stack.factors, stack.channels)[0] for v in stack.values])
    known = np.isfinite(x)
    means = np.where(known, x, 0).sum(axis=(1, 2), dtype=np.float64)
    means /= np.maximum(known.sum(axis=(1, 2)), 1)
    spread = means.std(axis=0)
    return (means - means.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def groups(stack: "Stack", portrait: np.ndarray, name: str) -> list[np.ndarray]:
    """Places of the tiles in groups alike in every factor but `name`; `portrait` from `portraits`.

    The tiles are halved across the direction in which they differ most, and the halves again, as
    long as both have `LEAST` tiles.
    """
    others = [i for i, channel in enumerate(stack.channels) if channel.factor != name]
    return list(_halved(portrait[:, others], np.arange(len(portrait))))


def _halved(portrait: np.ndarray, places: np.ndarray) -> list[np.ndarray]:
    """
    >>> [found.tolist() for found in _halved(np.arange(8.0)[:, None], np.arange(8))]
    [[0, 1, 2, 3], [4, 5, 6, 7]]
    """
    if len(places) < 2 * LEAST or not portrait.size:
        return [places]
    here = portrait[places]
    centred = here - here.mean(axis=0)
    direction = np.linalg.svd(centred, full_matrices=False)[2][0]
    # The sign of a direction is of no meaning: the largest share of it is positive.
    along = centred @ (direction * np.sign(direction[abs(direction).argmax()]))
    ranked = places[np.argsort(along, kind="stable")]
    half = len(ranked) // 2
    return _halved(portrait, np.sort(ranked[:half])) + _halved(portrait, np.sort(ranked[half:]))
