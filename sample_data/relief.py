"""The relief: a landscape eroded from coarse to fine around a trunk river, then flooded.

Lessons kept from the trials: work from 200 m cells to 12.5 m ones, warp the domain a little at
every refinement, jitter the receivers, vary erodibility and critical slope, limit slopes equally
in all directions. Leaving out any of them lets the grid show through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from sample_data import drainage, erosion
from sample_data.grid import CELL
from sample_data.lithology import ALLUVIUM, Stratigraphy, by_unit, stratigraphy
from sample_data.noise import broad_field, field, generator

MARGIN = 128  # cells around the scene that keep the domain's edges out of sight
LEVELS = ((16, 90, 60), (8, 30, 40), (4, 14, 25), (2, 6, 12), (1, 2, 6))  # coarsening, steps, dt
POOL = 822.0  # metres, level of the reservoir
CHANNEL_AREA, RIVER_AREA = 4e5, 8e6  # m2 of drainage that make a channel, a river


@dataclass(frozen=True)
class Relief:
    """The bare landscape on the scene's grid; heights in metres, area in m2."""

    elevation: np.ndarray
    area: np.ndarray
    above_channel: np.ndarray
    above_river: np.ndarray
    river_metres: np.ndarray
    water: np.ndarray
    reservoir: np.ndarray
    unit: np.ndarray


@dataclass(frozen=True)
class River:
    """The trunk river on one level's grid: the base level of all erosion."""

    mask: np.ndarray
    bed: np.ndarray
    distance: np.ndarray


def trunk_river(size: int, spacing: float, seed: int) -> River:
    """A fixed meandering line from south to north with a gentle fall; distances in metres."""
    draw = generator(seed, "river")
    t = np.linspace(0, 1, 4096)
    phases = draw.uniform(0, 2 * np.pi, 5)
    x = 0.46 + draw.uniform(-0.05, 0.05) + 0.10 * (t - 0.5)
    waves = ((0.06, 1.1), (0.035, 2.3), (0.018, 4.7), (0.009, 9.1), (0.004, 17.0))
    for (amplitude, frequency), phase in zip(waves, phases):
        x = x + amplitude * np.sin(2 * np.pi * frequency * t + phase)
    line = np.zeros((size, size), bool)
    cells = [np.clip((v * size).astype(int), 0, size - 1) for v in (t, x)]
    line[cells[0], cells[1]] = True
    distance, (row, _) = ndimage.distance_transform_edt(~line, return_indices=True)
    width = 28 + 9 * broad_field(size, seed, "edge", 3)
    return River((distance * spacing < width) | line, 690 + 200 * row / size, distance * spacing)


def refine(z: np.ndarray | None, size: int, spacing: float, seed: int) -> np.ndarray:
    """Start the surface, or double its resolution through a small random warp of the domain."""
    longest = max(8, 5000 / spacing)
    rough = field(size, seed, f"rough {spacing}", 2.4, longest=longest)
    if z is None:
        return (1400 + 500 * (1 - np.abs(rough)) + 100 * rough).astype(np.float64)
    warp = [
        sum(
            a * field(size, seed, f"warp {spacing} {axis} {reach}", 2.6, longest=reach, shortest=4)
            for a, reach in ((1.1, 14), (2.2, 60))
        )
        for axis in "yx"
    ]
    y, x = np.mgrid[:size, :size]
    at = [(y + warp[0] - 0.5) / 2, (x + warp[1] - 0.5) / 2]
    finer = ndimage.map_coordinates(z, at, order=1, mode="nearest") + 0.05 * spacing * rough
    return finer.astype(np.float64)


def pin(z: np.ndarray, river: River, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Fix river bed and side edges as outlets; returns surface and outlet mask."""
    wobble = broad_field(z.shape[0], seed, "edge", 3)
    z[:, 0], z[:, -1] = 1550 + 260 * wobble[:, 0], 1750 + 260 * wobble[:, -1]
    outlet = river.mask.copy()
    outlet[:, 0] = outlet[:, -1] = True
    return np.where(river.mask, river.bed, np.maximum(z, river.bed + 0.2)), outlet


def erode(z, outlet, rock: Stratigraphy, seed, coarsening, steps, step) -> np.ndarray:
    """Run one level's erosion steps on a (size, size) surface in metres."""
    size, spacing = z.shape[0], CELL * coarsening
    name, longest = str(coarsening), 1 / spacing
    uplift = np.clip(1 + 0.33 * broad_field(size, seed, "uplift", 3.4), 0.35, 1.8)
    soft = np.exp(0.35 * field(size, seed, "soft " + name, 1.6, longest=2000 * longest))
    stable = np.exp(0.16 * field(size, seed, "stable " + name, 1.9, longest=1800 * longest))
    erodibility, angle = by_unit("erodibility"), by_unit("critical_degrees")
    for k in range(steps):
        if k % 5 == 0:
            unit = rock.at(z)
            cutting = (erodibility[unit] * soft / 185).ravel()
            tangent = np.tan(np.radians(angle[unit] * (0.80 + 0.14 * uplift)))
            critical = np.minimum(tangent * stable, 1.0).ravel()
        order, receiver = drainage.route(z, outlet, 0.35)
        area = drainage.accumulate(order, receiver, spacing**2)
        rates = (cutting, uplift.ravel(), critical, step, spacing)
        erosion.incise(z, outlet.ravel(), order, receiver, area, *rates)
        if coarsening > 1 and k % 3 == 2:
            z = np.where(outlet, z, z + 0.25 * (ndimage.gaussian_filter(z, 0.8) - z))
    if coarsening <= 2:  # else cliffs of a few cells survive the coarser levels
        erosion.relax(z, np.argsort(z.ravel(), kind="stable"), critical, spacing)
    return z


def fill_valleys(z, outlet, river: River, above_river, seed) -> np.ndarray:
    """Flat floors and footslopes along rivers, smoothed, with a metre of surface roughness."""
    deposit = 14 * np.exp(-np.maximum(above_river, 0) / 14) * (above_river < 60)
    deposit *= np.clip(river.distance / (30 * CELL) - 0.1, 0, 1)  # none at the bank: no walls
    filled = z + np.where(outlet, 0, deposit)
    rough = 0.5 * field(z.shape[0], seed, "surface", 1.6, longest=60)
    return np.where(outlet, filled, ndimage.gaussian_filter(filled, 1.0) + rough)


def impound(z: np.ndarray, river: River) -> np.ndarray:
    """Cells of the reservoir: below the pool's level and connected to the river's lower end."""
    low = ndimage.binary_opening(z < POOL, iterations=2) | ((z < POOL) & river.mask)
    lakes, _ = ndimage.label(low, np.ones((3, 3)))  # the river may run diagonally
    return lakes == lakes[8, np.flatnonzero(river.mask[8])[0]]


def units_at_surface(rock: Stratigraphy, z: np.ndarray, above_river: np.ndarray) -> np.ndarray:
    """Unit codes of the relief, with alluvium on valley floors, generalised as a map is drawn."""
    unit = rock.at(z)
    floor = above_river < 26
    unit[floor & (ndimage.uniform_filter(floor.astype(np.float32), 9) > 0.55)] = ALLUVIUM
    drawn = ndimage.median_filter(unit[::2, ::2], 7).repeat(2, 0).repeat(2, 1)
    return drawn[: z.shape[0], : z.shape[1]]


def build(size: int, seed: int, report: Callable[[float], None]) -> Relief:
    """Erode, fill and flood the landscape; `report` gets the share done between 0 and 1."""
    full = -(-(size + 2 * MARGIN) // 16) * 16
    z = None
    for coarsening, steps, step in LEVELS:
        report(0.6 / coarsening if coarsening > 1 else 0.4)
        spacing = CELL * coarsening
        river = trunk_river(full // coarsening, spacing, seed)
        z = refine(z, full // coarsening, spacing, seed)
        z, outlet = pin(z, river, seed)
        rock = stratigraphy(full // coarsening, spacing, seed)
        z = erode(z, outlet, rock, seed, coarsening, steps, step)
    report(0.8)
    order, receiver = drainage.route(z, outlet, 0.2)
    area = drainage.accumulate(order, receiver, CELL**2)
    channel, large = (
        drainage.above_channel(z, order, receiver, area, limit).reshape(z.shape)
        for limit in (CHANNEL_AREA, RIVER_AREA)
    )
    z = fill_valleys(z, outlet, river, large, seed)
    reservoir = impound(z, river)
    z = np.where(reservoir, POOL, np.where(river.mask, z, np.maximum(z, POOL + 0.5)))
    unit = units_at_surface(rock, z, large)
    inside = slice(MARGIN, MARGIN + size)
    layers = (z, area.reshape(z.shape), channel, large, river.distance)
    layers = [np.ascontiguousarray(a[inside, inside]).astype(np.float32) for a in layers]
    masks = [np.ascontiguousarray(a[inside, inside]) for a in (reservoir | river.mask, reservoir)]
    return Relief(*layers, *masks, np.ascontiguousarray(unit[inside, inside]))
