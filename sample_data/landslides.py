"""Landslides: how many and how large, where they lie, and what they do to the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from sample_data import bodies, line_of_sight, roughness
from sample_data.grid import CELL, CELL_HA, gradient
from sample_data.lithology import by_unit
from sample_data.noise import field, generator, sigmoid
from sample_data.relief import POOL, Relief

PREVALENCE = 1 / 224  # share of landslide cells, the imbalance of the paper's study area
EXPONENT = 2.4  # of the power law of areas
SMALLEST_HA, LARGEST_HA = 0.5, 60.0
LARGEST_SHARE = 0.005  # of a small scene that one landslide may take
SHAPES = {
    "fresh": bodies.Shape(2.6, True),
    "slow": bodies.Shape(1.5, False),
    "relict": bodies.Shape(1.5, False),
}
SPEED = {"fresh": (20.0, 0.9), "slow": (48.0, 0.6)}  # median mm/yr and log deviation
RELICT = 2  # bodies that stopped long ago for each slow one
# Signs of slow and relict bodies overlap, so that only the rate tells which of the two moves.
FORM = {"slow": (0.10, 0.28), "relict": (0.08, 0.28)}  # share of a fresh slide's scarp and heap
ROUGHER = {"fresh": (0.3, 0.6), "slow": (0.06, 0.40), "relict": (0.02, 0.40)}  # metres
OPENED = {"fresh": (0.0, 0.2), "slow": (0.02, 0.36), "relict": (0.0, 0.36)}  # share of forest lost
SCARP = {"slow": (0.30, 0.30), "relict": (0.20, 0.25)}  # chance that it is bare, and how much of it
SEEN_RANGE = (-150.0, 50.0)  # mm/yr along the line of sight that no landslide exceeds


@dataclass(frozen=True)
class Landslides:
    """All landslides on the scene's grid; `table` has id, kind and speed_mm_yr of each.

    `label` is the id or 0, `bare` the share of fresh regolith, `speed` the motion down the slope
    in mm/yr, `elevation` the relief with scarps, deposits and hummocks, `rough` the hummocks'
    height in metres, `opened` the share of the forest that is missing. `relict` is where bodies
    lie that look like slow ones and stopped long ago: no landslide, in neither label nor table.
    """

    label: np.ndarray
    bare: np.ndarray
    speed: np.ndarray
    elevation: np.ndarray
    rough: np.ndarray
    opened: np.ndarray
    relict: np.ndarray
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


def feather(body: bodies.Body) -> np.ndarray:
    """From 0 at the outline to 1 inside: signs of a slide fade towards its edge."""
    return np.clip(body.inside / (0.35 * body.inside.max() + 1), 0, 1)


def bare_share(kind: str, body: bodies.Body, texture: np.ndarray, draw) -> np.ndarray:
    """Cover of fresh regolith: most of a fresh slide, cracks and at times a scarp of a slow one."""
    if kind == "fresh":
        cover = np.clip(0.97 - 0.35 * draw.random() ** 2 + 0.12 * texture, 0.2, 1)
        return cover * np.clip(body.inside / 1.5, 0.5, 1)
    cracks = draw.uniform(0, 0.10) * (texture > 1.2) * feather(body)
    often, share = SCARP[kind]
    return np.maximum(cracks, share * (body.along < 0.06) * (draw.random() < often))


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


def natural_clearings(size: int, seed: int) -> np.ndarray:
    """Share of the forest that wind, fire and people took: open stands are no sign of a slide."""
    return 0.4 * np.clip(field(size, seed, "clearings", 2.2, longest=70, shortest=8) - 0.9, 0, 1)


def make(relief: Relief, ragged: np.ndarray, seed: int) -> Landslides:
    """Place slow landslides, then fresh and relict ones, and shape the ground under them."""
    draw, size = generator(seed, "landslides"), relief.elevation.shape[0]
    suitable = suitability(relief, seed)
    share = line_of_sight.downslope_share(ndimage.gaussian_filter(relief.elevation, 4))
    lit = ~line_of_sight.unseen(ndimage.gaussian_filter(relief.elevation, 3))
    seen = suitable * (np.abs(share) + 0.08) * lit
    all_areas = areas(size, draw)
    first = draw.integers(2, size=(len(all_areas) + 1) // 2)  # of each neighbouring pair, one slow
    slow = np.c_[first, 1 - first].ravel()[: len(all_areas)].astype(bool)
    chosen = {"slow": (all_areas[slow], seen, draw), "fresh": (all_areas[~slow], suitable, draw)}
    apart = generator(seed, "relict")
    chosen["relict"] = (np.repeat(all_areas[slow], RELICT), suitable, apart)
    out = _blank(relief, suitable, seed)
    blocked, stop = relief.water.copy(), relief.water | (relief.area > bodies.STEEPEST_CHANNEL)
    for kind, (sizes, weight, its) in chosen.items():
        found = bodies.place(
            relief.elevation, weight, sizes, SHAPES[kind], stop, blocked, ragged, its
        )
        for body in found:
            _shape_ground(out, kind, body, ragged, its)
            if kind != "relict":
                _move(out, kind, body, ragged, share, its)
    out.elevation[:] = roughness.roughen(out.elevation, out.rough, relief, seed)
    return out


def _blank(relief: Relief, suitable: np.ndarray, seed: int) -> Landslides:
    shape = relief.elevation.shape
    bare, speed = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    label, relict = np.zeros(shape, np.uint16), np.zeros(shape, bool)
    rough, opened = roughness.natural(relief, seed), natural_clearings(shape[0], seed)
    elevation = relief.elevation.copy()
    return Landslides(label, bare, speed, elevation, rough, opened, relict, suitable, [])


def _shape_ground(out: Landslides, kind, body, ragged, draw) -> None:
    """Scarp, heap, hummocks, bare ground and thinned forest of one body, in place."""
    window, mask = body.window, body.mask
    depth = 0.034 * np.sqrt(mask.sum()) * CELL * np.exp(draw.normal(0, 0.25))
    change = relief_change(body, depth)
    if kind == "fresh":
        change = np.clip(change, -depth, 1.2 * depth)
    else:
        change = np.clip(draw.uniform(*FORM[kind]) * change, -4, 3)
    moved = out.elevation[window] + change.astype(np.float32)
    out.elevation[window][mask] = np.maximum(moved, POOL)[mask]  # no scarp below the reservoir
    inner = feather(body)
    for layer, limits in ((out.rough, ROUGHER[kind]), (out.opened, OPENED[kind])):
        layer[window][mask] += (draw.uniform(*limits) * inner)[mask]
    out.bare[window][mask] = bare_share(kind, body, ragged[window], draw)[mask]
    if kind == "relict":
        out.relict[window][mask] = True


def _move(out: Landslides, kind, body, ragged, share, draw) -> None:
    """Speed, label and row of one landslide, in place."""
    window, mask = body.window, body.mask
    speed = speeds(kind, body, share[window], ragged[window], draw)
    out.speed[window][mask] = speed[mask]
    ident = len(out.table) + 1
    out.label[window][mask] = ident
    mean = round(float(speed[mask].mean()), 1)
    out.table.append({"id": ident, "kind": kind, "speed_mm_yr": mean})
