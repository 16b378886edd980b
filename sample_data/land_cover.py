"""Land cover: the share of each surface in every cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from sample_data import bodies
from sample_data.grid import CELL, gradient
from sample_data.landslides import Landslides, power_law
from sample_data.noise import field, generator, sigmoid
from sample_data.people import People
from sample_data.relief import Relief

FOREST, GRASS, DRY_GRASS, SOIL, ROCK, WATER, BUILT, BAR, FRESH = range(9)
CELLS_A_FIELD = 45


@dataclass(frozen=True)
class LandCover:
    """`shares` (9, size, size) sum to 1; the masks say where bare ground is not a landslide."""

    shares: np.ndarray
    bare_field: np.ndarray
    river_bar: np.ndarray
    gully: np.ndarray


@dataclass(frozen=True)
class Patchiness:
    """Fields of cover variation, from hillside to single bush."""

    wide: np.ndarray
    middle: np.ndarray
    fine: np.ndarray


def patchiness(size: int, seed: int) -> Patchiness:
    """Three random fields of decreasing wavelength, standard deviation 1."""
    return Patchiness(
        field(size, seed, "cover wide", 2.4, longest=300),
        field(size, seed, "cover middle", 1.9, longest=50),
        field(size, seed, "cover fine", 1.2, longest=9),
    )


def vegetation(relief: Relief, slides: Landslides, patchy: Patchiness) -> np.ndarray:
    """Forest, grass, dry grass, soil and rock by elevation, aspect, moisture and steepness."""
    z = slides.elevation
    slope, _, north = gradient(ndimage.gaussian_filter(z, 4))
    wet = ndimage.gaussian_filter(np.log(relief.area + 1), 3)
    wet = (wet - wet.mean()) / wet.std()
    height = z + 130 * patchy.wide
    shady = -1.5 * north / np.sqrt(1 + slope**2)
    moist = shady + 0.35 * wet + 0.6 * patchy.wide + 0.35 * patchy.middle
    belt = 0.9 * sigmoid((height - 1750) / 160) - 2.6 * sigmoid((height - 3300) / 90)
    forest = sigmoid(3 * (moist - 0.25 + belt - 0.8 * sigmoid((1350 - height) / 150)))
    forest *= 1 - 0.8 * sigmoid((slope - 0.95) * 12)
    forest = forest * (1 - slides.opened.clip(0, 0.8))
    dry = sigmoid((1650 - height) / 170 - 1.2 * moist)
    soil = np.clip(0.05 + 0.17 * dry + 0.05 * (patchy.fine + patchy.middle), 0.02, 0.6)
    shares = np.zeros((9, *z.shape), np.float32)
    shares[FOREST] = forest
    shares[DRY_GRASS] = (1 - forest) * dry * (1 - soil)
    shares[GRASS] = (1 - forest) * (1 - dry) * (1 - 0.5 * soil)
    shares[SOIL] = np.maximum(1 - shares.sum(0), 0)
    steep = 0.8 * sigmoid((slope - 0.92 + 0.12 * patchy.middle + 0.04 * patchy.fine) * 12)
    summit = 0.8 * sigmoid((height - 3450) / 90 + patchy.middle)
    overlay(shares, ROCK, np.maximum(steep, summit))
    eroding = patchy.middle + 0.15 * patchy.fine + 0.5 * patchy.wide + 0.6 * dry - 2.7
    washed = sigmoid(4 * eroding) * sigmoid((slope - 0.25) * 14) * (1 - 0.8 * forest)
    overlay(shares, SOIL, np.clip(washed, 0, 0.9))
    return shares


def overlay(shares: np.ndarray, cover: int, share: np.ndarray) -> None:
    """Let a cover take `share` of every cell, in place, from all covers alike."""
    shares *= 1 - share
    shares[cover] += share


def farm(shares, relief, slides, people, patchy, seed) -> np.ndarray:
    """Terraced fields on gentle footslopes, in place; returns the mask of bare fields."""
    z = slides.elevation
    slope = gradient(ndimage.gaussian_filter(z, 3))[0]
    reach = np.exp(-ndimage.distance_transform_edt(~(people.settlement | people.road)) / 90)
    lure = (0.34 - slope) * 22 + 0.8 * patchy.wide + 3 * reach - np.maximum(z - 2300, 0) / 100
    lure = lure - np.maximum(relief.above_river - 180, 0) / 40
    tilled = (lure > 1.6) & ~relief.water & (slides.label == 0) & ~people.quarry
    cells = np.argwhere(tilled)
    bare = np.zeros(z.shape, bool)
    if len(cells) == 0:
        return bare
    draw = generator(seed, "fields")
    middles = cells[draw.integers(len(cells), size=len(cells) // CELLS_A_FIELD + 1)]
    green = draw.beta(0.9, 0.8, len(middles))[_nearest(middles, cells, z)]
    crop = np.zeros(z.shape, np.float32)
    crop[tilled] = green
    edge = 0.9 * ndimage.gaussian_filter(tilled.astype(np.float32), 0.7)
    shares *= 1 - edge
    shares[SOIL] += edge * (1 - crop)
    shares[GRASS] += edge * crop
    bare[tilled] = green < 0.35
    return bare


def _nearest(middles, cells, z):
    """Index of each cell's field; fields are short across the contours, as terraces are."""
    lifted = [np.c_[a, 2.2 * z[a[:, 0], a[:, 1]] / CELL] for a in (middles, cells)]
    return cKDTree(lifted[0]).query(lifted[1])[1]


def gullies(shares, relief, slides, ragged, seed) -> np.ndarray:
    """Gullied bare slopes in place: bare like a fresh slide, but no scarp, no motion, no label."""
    draw, z = generator(seed, "gullies"), slides.elevation
    count = int(20 * (z.shape[0] / 2048) ** 2) + 2
    areas = power_law(draw.random(count), 32, 700, 2.0)
    weight = slides.suitability**0.5 * (gradient(ndimage.gaussian_filter(z, 4))[0] < 1)
    blocked = relief.water | (slides.label > 0)
    stop = relief.water | (relief.area > bodies.STEEPEST_CHANNEL)
    cover = np.zeros(z.shape, np.float32)
    shape = bodies.Shape(3.2, True)
    for body in bodies.place(z, weight, areas, shape, stop, blocked, ragged, draw):
        share = np.clip(0.75 + 0.2 * ragged[body.window], 0.1, 0.95)
        share = share * np.clip(body.inside / 2, 0.4, 1)
        cover[body.window][body.mask] = share[body.mask]
    overlay(shares, FRESH, 0.75 * cover)
    return cover > 0


def river_bars(shares, relief, patchy) -> np.ndarray:
    """Gravel along rivers and thin streams, in place; returns the mask of bars."""
    low = 3.5 - relief.above_river + 1.5 * patchy.middle + 0.5 * patchy.fine
    beside = np.exp(-((relief.river_metres / 140) ** 2)) + (relief.area > 1.5e7)
    bar = 0.75 * sigmoid(1.6 * low) * np.clip(beside, 0, 1) * ~relief.water
    bar = ndimage.gaussian_filter(bar.astype(np.float32), 0.7)
    overlay(shares, BAR, bar)
    stream = np.clip(relief.area / 1e8, 0, 0.6) * (relief.area > 1.2e7) * ~relief.water
    overlay(shares, WATER, ndimage.gaussian_filter(stream.astype(np.float32), 0.5))
    return bar > 0.35


def cover_land(relief: Relief, slides: Landslides, people: People, ragged, seed) -> LandCover:
    """Vegetation first, then fields, bare slopes, landslides, people's works and water."""
    patchy = patchiness(relief.elevation.shape[0], seed)
    shares = vegetation(relief, slides, patchy)
    bare_field = farm(shares, relief, slides, people, patchy, seed)
    gully = gullies(shares, relief, slides, ragged, seed)
    overlay(shares, FRESH, ndimage.gaussian_filter(slides.bare, 0.6))
    overlay(shares, ROCK, 0.85 * people.quarry)
    overlay(shares, BUILT, 0.75 * people.settlement * (0.6 + 0.4 * (patchy.fine > -0.3)))
    lane = np.clip(1.4 * ndimage.gaussian_filter(people.road.astype(np.float32), 0.6), 0, 0.8)
    overlay(shares, SOIL, 0.8 * lane)
    overlay(shares, BUILT, 0.25 * people.road)
    bar = river_bars(shares, relief, patchy)
    shore = ndimage.gaussian_filter(relief.water.astype(np.float32), 0.5) * relief.water
    overlay(shares, WATER, shore)
    return LandCover(shares, bare_field, bar, gully)
