"""Rates of line-of-sight deformation as an InSAR time series would give them, in mm/yr."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from sample_data import line_of_sight
from sample_data.grid import gradient
from sample_data.land_cover import FOREST, LandCover
from sample_data.landslides import Landslides
from sample_data.noise import field, generator, sigmoid, white
from sample_data.people import People
from sample_data.relief import Relief

LIMITS = (-142.0, 46.0)
CREEP = 12.0  # mm/yr that soil moves down steep slopes at most; what is faster is a landslide
MISLED = 2.8  # standard deviations: where phase is unwrapped by a cycle too many, 0.3 % of the area
DECORRELATED = 0.4  # share of fresh regolith from which coherence is poor


def motion(slides: Landslides, people: People, seed: int) -> np.ndarray:
    """Noise-free rate: landslides and soil creep down the slope, mines and a town subsiding."""
    z = people.elevation
    smooth = ndimage.gaussian_filter(z, 5)
    creep = field(z.shape[0], seed, "creep", 2.6, longest=160, shortest=12)
    creep = CREEP * np.clip(creep - 1.8, 0, 1) * sigmoid((gradient(smooth)[0] - 0.3) * 14)
    speed = slides.speed + creep * (slides.label == 0)
    rate = speed * line_of_sight.downslope_share(smooth)
    rate += sum(a * b for a, b in zip(line_of_sight.VECTOR, people.sinking.motion()))
    return ndimage.gaussian_filter(rate, 1.2)  # multilooking


def atmosphere(elevation: np.ndarray, seed: int) -> np.ndarray:
    """Residual delay: turbulent at two scales, and stratified, growing with height."""
    size = elevation.shape[0]
    turbulent = 2.6 * field(size, seed, "atmosphere", 3.0)
    turbulent += 1.2 * field(size, seed, "atmosphere near", 2.2, longest=120)
    return turbulent + 2.0 * (elevation - elevation.mean()) / 1000


def noise(cover: LandCover, slides: Landslides, seed: int) -> np.ndarray:
    """Correlated phase noise, worse in forest and on fresh ground, and unwrapping errors."""
    size = slides.label.shape[0]
    speckle = ndimage.gaussian_filter(white(size, seed, "speckle"), 0.8)
    speckle /= speckle.std()
    poor = slides.bare > DECORRELATED
    speckle *= 1.4 + 1.8 * cover.shares[FOREST] + 2.0 * poor
    jump = field(size, seed, "unwrapping", 2.8, longest=140, shortest=10) > MISLED
    return speckle + 14.0 * generator(seed, "jump").choice([-1, 1]) * jump


def gaps(relief: Relief, cover: LandCover, slides: Landslides, people: People, seed) -> np.ndarray:
    """Cells without a measurement: water, layover, shadow, closed forest, fresh ground, bool."""
    size = slides.label.shape[0]
    patch = field(size, seed, "coherence", 2.2, longest=40, shortest=6)
    closed = 2.4 * sigmoid(14 * (cover.shares[FOREST] - 0.82))
    poor = 1.2 * (slides.bare > DECORRELATED)
    lost = patch + closed + poor > 2.75
    hidden = line_of_sight.unseen(ndimage.gaussian_filter(people.elevation, 1))
    return relief.water | hidden | lost


def measure(relief, slides, people, cover, seed) -> tuple[np.ndarray, np.ndarray]:
    """Rate in mm/yr everywhere, float32, and the mask of its gaps; both on the ground grid."""
    rate = motion(slides, people, seed) + atmosphere(people.elevation, seed)
    rate += noise(cover, slides, seed)
    holes = gaps(relief, cover, slides, people, seed)
    return np.clip(rate, *LIMITS).astype(np.float32), holes
