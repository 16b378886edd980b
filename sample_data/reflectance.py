"""Surface reflectance in four Sentinel-2 bands at 10 m, from land cover and illumination.

The end-member spectra are of a plausible order of magnitude and belong to no real place.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from sample_data.grid import CELL, SENTINEL_CELL, gradient
from sample_data.land_cover import FRESH, ROCK, SOIL, LandCover
from sample_data.lithology import by_unit
from sample_data.noise import field, white

BANDS = ("B2", "B3", "B4", "B8")
SPECTRA = np.array(  # rows as the covers of land_cover, columns as BANDS
    [
        [0.026, 0.047, 0.031, 0.285],  # forest
        [0.045, 0.078, 0.066, 0.270],  # grass
        [0.070, 0.098, 0.116, 0.215],  # dry grass
        [0.086, 0.121, 0.154, 0.236],  # soil
        [0.105, 0.132, 0.156, 0.198],  # rock
        [0.042, 0.055, 0.034, 0.018],  # water
        [0.135, 0.152, 0.170, 0.215],  # built
        [0.150, 0.185, 0.222, 0.270],  # river bar
        [0.128, 0.165, 0.210, 0.250],  # fresh regolith
    ],
    np.float32,
)
HAZE = (1.0, 0.7, 0.5, 0.2)  # path reflectance of the bands relative to B2
SENSOR_NOISE = (0.0016, 0.0018, 0.0020, 0.0035)
SUN_ELEVATION, SUN_AZIMUTH = np.radians(54), np.radians(135)
DIFFUSE = 0.30
SCALE = 10_000


def illumination(elevation: np.ndarray) -> np.ndarray:
    """Brightness of slopes relative to flat ground, with a share of diffuse light."""
    slope, east, north = gradient(elevation)
    towards_sun = east * np.sin(SUN_AZIMUTH) + north * np.cos(SUN_AZIMUTH)
    cosine = np.sin(SUN_ELEVATION) - np.cos(SUN_ELEVATION) * towards_sun
    cosine = cosine / np.sqrt(1 + slope**2)
    return np.clip((cosine + DIFFUSE) / (np.sin(SUN_ELEVATION) + DIFFUSE), 0.25, 1.5)


def surface(cover: LandCover, unit: np.ndarray, band: int) -> np.ndarray:
    """Reflectance of flat ground: the covers' mixture, bare ones tinted by the rock below."""
    shares = cover.shares
    mixture = np.tensordot(SPECTRA[:, band], shares, 1)
    tint = ndimage.uniform_filter(by_unit("tint")[unit, band].astype(np.float32), 5) - 1
    weights = ((SOIL, 1.0), (ROCK, 1.0), (FRESH, 0.7))
    bare = sum(weight * SPECTRA[k, band] * shares[k] for k, weight in weights)
    return mixture + bare * tint


def sentinel_size(size: int) -> int:
    """Cells of 10 m that cover `size` cells of the ground grid.

    >>> sentinel_size(2048), sentinel_size(513)
    (2560, 642)
    """
    return int(np.ceil(size * CELL / SENTINEL_CELL))


def at_sentinel_cells(values: np.ndarray) -> np.ndarray:
    """Linear interpolation from the ground grid to the 10 m grid of the same origin."""
    step = SENTINEL_CELL / CELL
    size = sentinel_size(values.shape[0])
    offset = (step - 1) / 2
    return ndimage.affine_transform(
        values, [step, step], offset, (size, size), order=1, mode="nearest"
    )


def sense(cover: LandCover, unit: np.ndarray, elevation: np.ndarray, seed: int) -> np.ndarray:
    """The four bands as uint16 reflectance x 10000, (4, cells, cells) at 10 m; 0 is kept free."""
    size = elevation.shape[0]
    light = illumination(elevation)
    fine = field(size, seed, "tone fine", 1.2, longest=9)
    tone = (1 + 0.06 * fine) * (1 + 0.05 * field(size, seed, "tone", 1.9, longest=200))
    haze = 0.006 + 0.003 * field(size, seed, "haze", 3.2)
    cells = sentinel_size(size)
    out = np.empty((len(BANDS), cells, cells), np.uint16)
    for k, name in enumerate(BANDS):
        ground = surface(cover, unit, k) * tone * light + HAZE[k] * haze
        seen = ndimage.gaussian_filter(at_sentinel_cells(ground.astype(np.float32)), 0.55)
        seen += SENSOR_NOISE[k] * white(cells, seed, "sensor " + name)
        out[k] = np.clip(np.round(seen * SCALE), 1, SCALE)
    return out
