"""Confusers made by people: settlements, roads, quarries, mines. They look or move like
landslides in one factor and are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from sample_data import roads, subsidence
from sample_data.grid import gradient
from sample_data.landslides import Landslides
from sample_data.noise import generator
from sample_data.relief import POOL, Relief

HARD_ROCK, SOFT_ROCK = (3, 4, 8), (5, 6, 7)  # codes: quarries in the first, mines in the second
BENCH_METRES = 12  # deepest cut of a quarry


@dataclass(frozen=True)
class People:
    """What people did: bool masks, how the ground sinks, and the elevation with quarries."""

    settlement: np.ndarray
    road: np.ndarray
    quarry: np.ndarray
    sinking: subsidence.Subsidence
    elevation: np.ndarray


def spots(weight: np.ndarray, count: int, draw: np.random.Generator) -> list[tuple[int, int]]:
    """Rows and columns drawn with a chance proportional to weight."""
    part = weight[::4, ::4].astype(np.float64)
    chance = np.cumsum(part)
    cells = np.searchsorted(chance, draw.random(count) * chance[-1])
    return [(4 * int(c // part.shape[1]), 4 * int(c % part.shape[1])) for c in cells]


def patches(size: int, centres, radii, ragged: np.ndarray) -> np.ndarray:
    """Ragged round patches: 1 in the middle, 0 at the rim and outside, float32 (size, size)."""
    out = np.zeros((size, size), np.float32)
    for (row, col), radius in zip(centres, radii):
        reach = int(2 * radius)
        window = tuple(slice(max(0, c - reach), min(size, c + reach)) for c in (row, col))
        y, x = np.mgrid[window]
        away = np.hypot(y - row, x - col) / radius + ragged[window]
        out[window] = np.maximum(out[window], np.clip(1 - away, 0, 1))
    return out


def border_ends(size: int, draw: np.random.Generator) -> list[tuple[int, int]]:
    """Four places where roads leave the scene."""
    across = [int(v) for v in draw.integers(8, size - 8, 4)]
    last = size - 4
    return [(last, across[0]), (4, across[1]), (across[2], 4), (across[3], last)]


def villages(size: int, towns, flat: np.ndarray, seed: int) -> tuple[list, list]:
    """One place in every block that sinks, a town or else a hamlet; and the hamlets alone."""
    draw, sunk, hamlets = generator(seed, "hamlets"), [], []
    for block in subsidence.blocks(size):
        inside = [t for t in towns if all(b.start <= c < b.stop for b, c in zip(block, t))]
        if not inside:
            inside = [subsidence.spot(flat**2, block, draw)]
            hamlets += inside
        sunk.append(inside[draw.integers(len(inside))])
    return sunk, hamlets


def settle(relief: Relief, slides: Landslides, ragged: np.ndarray, seed: int) -> People:
    """Lay out settlements, roads between them, quarries at roads, mines under gentle slopes."""
    draw, size = generator(seed, "people"), slides.elevation.shape[0]
    slope = gradient(ndimage.gaussian_filter(slides.elevation, 3))[0]
    free = (slides.label == 0) & ~relief.water
    flat = np.exp(-((slope / 0.14) ** 2)) * (relief.above_river < 150) * free
    flat = flat * (relief.elevation < 2300) + 1e-9 * free
    towns = spots(flat**2, max(2, size // 130), draw)
    radii = draw.uniform(9, 30, len(towns))
    sunk, hamlets = villages(size, towns, np.exp(-((slope / 0.14) ** 2)) * free + 1e-9, seed)
    small = generator(seed, "hamlet sizes").uniform(5, 9, len(hamlets))
    settlement = patches(size, towns + hamlets, [*radii, *small], 0.22 * ragged) > 0
    settlement &= free & (slope < 0.35)
    ends = towns[: max(4, size // 190)] + border_ends(size, draw)
    road = roads.network(slides.elevation, relief.water, ends, seed) & ~relief.reservoir
    near = np.exp(-ndimage.distance_transform_edt(~road) / 60)
    stone = np.isin(relief.unit, HARD_ROCK) * (slope > 0.2) * (slope < 0.8)
    dry = relief.elevation > POOL + 3 * BENCH_METRES
    pits = spots(near * (stone + 1e-6) * free * dry, max(2, size // 110), draw)
    quarry = patches(size, pits, draw.uniform(5, 13, len(pits)), 0.22 * ragged) * free
    soft = np.isin(relief.unit, SOFT_ROCK) * (slope < 0.5)
    sinking = subsidence.sink((soft + 1e-6) * (free + 1e-6), sunk, ragged, seed)
    cut = np.where(quarry > 0, np.minimum(9 * quarry + 3, BENCH_METRES), 0)
    elevation = (slides.elevation - cut).astype(np.float32)
    return People(settlement, road, quarry > 0, sinking, elevation)
