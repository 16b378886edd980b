"""A balanced sample of landslide and other pixels, drawn while the blocks pass by."""

from dataclasses import dataclass

import numpy as np


def keys(positions: np.ndarray, seed: int) -> np.ndarray:
    """Return a random number for each pixel position, uint64.

    It depends on position and seed alone (splitmix64), so neither the block layout nor the
    number of threads changes which pixels are drawn.
    """
    z = positions.astype(np.uint64) + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@dataclass(frozen=True)
class Draw:
    """Pixels with their key: `position` (n,) row-major, `values` float32 (n, p)."""

    key: np.ndarray
    position: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.key)

    def smallest(self, size: int) -> "Draw":
        """The `size` pixels with the smallest keys, in order of their key."""
        order = np.argsort(self.key, kind="stable")[:size]
        return Draw(self.key[order], self.position[order], self.values[order])

    def join(self, other: "Draw") -> "Draw":
        pairs = zip(vars(self).values(), vars(other).values())
        return Draw(*(np.concatenate(pair) for pair in pairs))


class Reservoir:
    """Keeps the `size` pixels with the smallest keys of all that were offered: a uniform sample
    without replacement, in memory that does not grow with the scene."""

    def __init__(self, size: int, factors: int):
        self.size = size
        self._limit = np.uint64(2**64 - 1)
        self._held = Draw(
            np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros((0, factors), np.float32)
        )

    def offer(self, key: np.ndarray, position: np.ndarray, values: np.ndarray) -> None:
        """Offer pixels: `key` (n,), `position` (n,), `values` (p, n)."""
        chosen = np.flatnonzero(key <= self._limit)
        if not chosen.size:
            return
        new = Draw(key[chosen], position[chosen], np.ascontiguousarray(values[:, chosen].T))
        self._held = self._held.join(new)
        if len(self._held) > 2 * self.size:
            self._held = self._held.smallest(self.size)
            self._limit = self._held.key[-1]

    def drawn(self) -> Draw:
        return self._held.smallest(self.size)


@dataclass(frozen=True)
class BalancedSample:
    """As many other pixels as landslide pixels.

    `values` float32 (n, p), `label` uint8 (n,), `row` and `column` (n,) on the scene's grid.
    """

    values: np.ndarray
    label: np.ndarray
    row: np.ndarray
    column: np.ndarray


def balance(other: Draw, landslide: Draw, width: int) -> BalancedSample:
    """Return equally many pixels of both classes, on a grid `width` pixels wide."""
    size = min(len(other), len(landslide))
    both = other.smallest(size).join(landslide.smallest(size))
    label = np.repeat(np.array([0, 1], np.uint8), size)
    return BalancedSample(both.values, label, *np.divmod(both.position, width))
