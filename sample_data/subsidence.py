"""Ground that sinks or rises without sliding: basins over mines, bowls under settlements.

Every square of `BLOCK_CELLS` holds some, so that no part of a scene that is split by blocks lacks
them. They differ as real ones do: in size, stretch, depth, and how abruptly the rim begins; some
rise, over flooded mines and where groundwater comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sample_data.noise import generator

BLOCK_CELLS = 512
SHOWS = 5.0  # mm/yr from which on a cell counts as a confuser
PULL_CELLS = 3.0  # horizontal motion towards the middle, per gradient of subsidence


@dataclass(frozen=True)
class Kind:
    """How basins of one kind differ: (least, median, log deviation, most) of radius in cells and
    of the rate in the middle in mm/yr; the least stretch of the shorter axis; chance of another
    basin in the same block; share of basins that rise, and how slowly; range of steepness."""

    radius: tuple[float, float, float, float]
    rate: tuple[float, float, float, float]
    roundest: float
    another: float
    rising: float
    slower: float
    steepness: tuple[float, float]


MINE = Kind((5, 9, 0.45, 30), (10, 34, 0.6, 115), 0.4, 0.25, 0.12, 0.35, (0.7, 2.2))
BOWL = Kind((6, 10, 0.40, 30), (8, 18, 0.45, 42), 0.6, 0.0, 0.12, 0.7, (1.2, 2.2))


@dataclass(frozen=True)
class Subsidence:
    """Rates of sinking in mm/yr, negative where the ground rises, float32 (size, size)."""

    mining: np.ndarray
    bowl: np.ndarray

    def motion(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """East, north and up in mm/yr: sinking ground is also pulled towards the middle."""
        sinking = self.mining + self.bowl
        south, east = np.gradient(sinking)
        return PULL_CELLS * east, -PULL_CELLS * south, -sinking


def blocks(size: int) -> Iterator[tuple[slice, slice]]:
    """Squares of about BLOCK_CELLS that tile the scene; a small scene is one."""
    edges = np.linspace(0, size, max(1, round(size / BLOCK_CELLS)) + 1).astype(int)
    sides = [slice(int(a), int(b)) for a, b in pairwise(edges)]
    return ((rows, cols) for rows in sides for cols in sides)


def log_normal(limits: tuple[float, float, float, float], draw: np.random.Generator) -> float:
    """One draw around the median, bounded."""
    least, median, deviation, most = limits
    return float(np.clip(median * np.exp(draw.normal(0, deviation)), least, most))


def basin(rates, kind: Kind, centre: tuple[int, int], ragged, draw: np.random.Generator) -> None:
    """Add one basin around `centre` to the rates in mm/yr, in place; where two meet they add up."""
    radius, rate = log_normal(kind.radius, draw), log_normal(kind.rate, draw)
    rate *= -kind.slower if draw.random() < kind.rising else 1
    turn, stretch = draw.uniform(0, np.pi), draw.uniform(kind.roundest, 1)
    power = draw.uniform(*kind.steepness)
    reach = int(2 * radius) + 2
    window = tuple(slice(max(0, c - reach), c + reach) for c in centre)
    rows, cols = (np.arange(n)[w] - c for n, w, c in zip(rates.shape, window, centre))
    along = np.cos(turn) * cols[None] + np.sin(turn) * rows[:, None]
    aside = (np.cos(turn) * rows[:, None] - np.sin(turn) * cols[None]) / stretch
    away = np.hypot(along, aside) / radius + 0.06 * ragged[window]
    rates[window] += rate * np.clip(1 - away.clip(0) ** 2, 0, 1) ** power


def spot(weight: np.ndarray, block: tuple[slice, slice], draw: np.random.Generator):
    """Row and column in a block, drawn with a chance proportional to weight."""
    part = weight[block].astype(np.float64)
    chance = np.cumsum(part)
    cell = int(np.searchsorted(chance, draw.random() * chance[-1]))
    return block[0].start + cell // part.shape[1], block[1].start + cell % part.shape[1]


def sink(mines: np.ndarray, towns: list[tuple[int, int]], ragged, seed: int) -> Subsidence:
    """Mines in every block where the weight `mines` is high, bowls under the towns."""
    draw, size = generator(seed, "mines"), len(mines)
    mining, bowl = (np.zeros((size, size), np.float32) for _ in range(2))
    for block in blocks(size):
        for _ in range(1 + (draw.random() < MINE.another)):
            basin(mining, MINE, spot(mines, block, draw), ragged, draw)
    draw = generator(seed, "bowls")
    for town in towns:
        basin(bowl, BOWL, town, ragged, draw)
    return Subsidence(mining, bowl)
