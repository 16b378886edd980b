"""Landslides: how many and how large, where they lie, and what they do to the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from sample_data import bodies, line_of_sight
from sample_data.grid import CELL, CELL_HA, gradient
from sample_data.lithology import by_unit
from sample_data.noise import field, generator, sigmoid
from sample_data.relief import POOL, Relief

PREVALENCE = 1 / 224  # share of landslide cells, the imbalance of the paper's study area
EXPONENT = 2.4  # of the power law of areas
SMALLEST_HA, LARGEST_HA = 0.5, 60.0
LARGEST_SHARE = 0.005  # of a small scene that one landslide may take
SHAPES = {"fresh": bodies.Shape(2.6, True), "slow": bodies.Shape(1.5, False)}
SPEED = {"fresh": (20.0, 0.9), "slow": (48.0, 0.6)}  # median mm/yr and log deviation
SEEN_RANGE = (-150.0, 50.0)  # mm/yr along the line of sight that no landslide exceeds


@dataclass(frozen=True)
class Landslides:
    """All landslides on the scene's grid; `table` has id, kind and speed_mm_yr of each.

    `label` is the id or 0, `bare` the share of fresh regolith, `speed` the motion down the slope
    in mm/yr, `elevation` the relief with scarps, deposits and hummocks.
    """

    label: np.ndarray
    bare: np.ndarray
    speed: np.ndarray
    elevation: np.ndarray
    suitability: np.ndarray
    table: list[dict]


def power_law(shares: np.ndarray, low: float, high: float, exponent: float) -> np.ndarray:
    """Quantiles of a power law of density area ** -exponent between low and high.

    >>> power_law(np.array([0.0, 0.5, 1.0]), 1.0, 4.0, 2.0).round(2).tolist()
    [1.0, 1.6, 4.0]
    """
    p = 1 - exponent
    return (low**p + shares * (high**p - low**p)) ** (1 / p)


def areas(size: int, draw: np.random.Generator) -> np.ndarray:
    """Areas in cells whose sum meets the prevalence, one drawn from each quantile of the law.

    Drawing by quantile keeps number, sum and largest area steady from seed to seed.
    """
    largest = min(LARGEST_HA, LARGEST_SHARE * size * size * CELL_HA)
    mean = power_law((np.arange(1e5) + 0.5) / 1e5, SMALLEST_HA, largest, EXPONENT).mean()
    count = max(2, round(size * size * CELL_HA * PREVALENCE / mean))
    shares = (np.arange(count) + draw.random(count)) / count
    # outlines lose a little area where they are smoothed, hence the allowance at the small end
    return power_law(shares, 1.03 * SMALLEST_HA, largest, EXPONENT) / CELL_HA


def suitability(relief: Relief, seed: int) -> np.ndarray:
    """Readiness to slide by slope, lithology, curvature and river distance, in clusters."""
    z = relief.elevation
    degrees = np.degrees(np.arctan(gradient(ndimage.gaussian_filter(z, 4))[0]))
    slope = sigmoid((degrees - 17) / 2.5) * sigmoid((38 - degrees) / 3)
    weak = 0.06 + by_unit("weakness")[relief.unit] ** 1.5
    curvature = ndimage.laplace(ndimage.gaussian_filter(z, 8))
    hollow = 0.35 + sigmoid(curvature / curvature.std())
    river = 0.25 + 1.6 * np.exp(-np.maximum(relief.above_river, 0) / 220)
    cluster = np.exp(0.8 * field(z.shape[0], seed, "clusters", 2.6, longest=600, shortest=30))
    return (slope * weak * hollow * river * cluster * ~relief.water).astype(np.float32)


def relief_change(body: bodies.Body, depth: float) -> np.ndarray:
    """Metres of a scarp above and a deposit of the same volume below."""
    rim = np.clip(body.inside / (0.3 * body.inside.max() + 1), 0, 1)
    cut = np.where(body.mask, rim * np.clip(1 - body.along / 0.48, 0, 1) ** 0.5, 0)
    heap = np.where(body.mask, rim * np.clip((body.along - 0.45) / 0.3, 0, 1), 0)
    return (heap * cut.sum() / (heap.sum() + 1e-6) - cut) * depth


def bare_share(kind: str, body: bodies.Body, texture: np.ndarray, draw) -> np.ndarray:
    """Cover of fresh regolith: most of a fresh slide, cracks and at times a scarp of a slow one."""
    if kind == "fresh":
        cover = np.clip(0.97 - 0.35 * draw.random() ** 2 + 0.12 * texture, 0.2, 1)
        return cover * np.clip(body.inside / 1.5, 0.5, 1)
    scarp = 0.35 * (body.along < 0.06) * (draw.random() < 0.4)
    return np.maximum(0.10 * (texture > 1.2), scarp)


def speeds(kind: str, body: bodies.Body, seen, texture, draw) -> np.ndarray:
    """Speed in mm/yr over the body, fastest in the middle, bounded to what the radar may see."""
    median, spread = SPEED[kind]
    peak = np.exp(draw.normal(np.log(median), spread))
    core = np.clip(body.inside / (0.30 * body.inside.max() + 0.6), 0, 1) ** 0.5
    middle = 0.75 + 0.5 * np.clip(1 - np.abs(body.along - 0.45), 0, 1)
    speed = peak * core * middle * np.clip(1 + 0.15 * texture, 0.5, 1.5)
    rate = (speed * seen)[body.mask]
    excess = max(rate.min() / SEEN_RANGE[0], rate.max() / SEEN_RANGE[1], 1)
    return speed / excess


def make(relief: Relief, ragged: np.ndarray, seed: int) -> Landslides:
    """Place slow landslides, then fresh ones, and shape the ground under them."""
    draw, size = generator(seed, "landslides"), relief.elevation.shape[0]
    suitable = suitability(relief, seed)
    share = line_of_sight.downslope_share(ndimage.gaussian_filter(relief.elevation, 4))
    lit = ~line_of_sight.unseen(ndimage.gaussian_filter(relief.elevation, 3))
    weights = {"slow": suitable * (np.abs(share) + 0.08) * lit, "fresh": suitable}
    all_areas = areas(size, draw)
    first = draw.integers(2, size=(len(all_areas) + 1) // 2)  # of each neighbouring pair, one slow
    slow = np.c_[first, 1 - first].ravel()[: len(all_areas)].astype(bool)
    chosen = {"slow": all_areas[slow], "fresh": all_areas[~slow]}
    out = _blank(relief, suitable)
    blocked, stop = relief.water.copy(), relief.water | (relief.area > bodies.STEEPEST_CHANNEL)
    hummocks = field(size, seed, "hummocks", 1.2, longest=14, shortest=4)
    for kind, weight in weights.items():
        found = bodies.place(
            relief.elevation, weight, chosen[kind], SHAPES[kind], stop, blocked, ragged, draw
        )
        for body in found:
            _imprint(out, kind, body, ragged, hummocks, share, draw)
    return out


def _blank(relief: Relief, suitable: np.ndarray) -> Landslides:
    shape = relief.elevation.shape
    bare, speed = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    elevation = relief.elevation.copy()
    return Landslides(np.zeros(shape, np.uint16), bare, speed, elevation, suitable, [])


def _imprint(out: Landslides, kind, body, ragged, hummocks, share, draw) -> None:
    window, mask = body.window, body.mask
    depth = 0.034 * np.sqrt(mask.sum()) * CELL * np.exp(draw.normal(0, 0.25))
    change = relief_change(body, depth)
    if kind == "fresh":
        change = np.clip(change, -depth, 1.2 * depth) + 0.55 * hummocks[window]
    else:
        change = np.clip(0.22 * change, -4, 3) + 0.9 * hummocks[window]
    moved = out.elevation[window] + change.astype(np.float32)
    out.elevation[window][mask] = np.maximum(moved, POOL)[mask]  # no scarp below the reservoir
    out.bare[window][mask] = bare_share(kind, body, ragged[window], draw)[mask]
    speed = speeds(kind, body, share[window], ragged[window], draw)
    out.speed[window][mask] = speed[mask]
    ident = len(out.table) + 1
    out.label[window][mask] = ident
    mean = round(float(speed[mask].mean()), 1)
    out.table.append({"id": ident, "kind": kind, "speed_mm_yr": mean})
