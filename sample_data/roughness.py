"""Micro-relief: the hummocks, hollows and terracettes of a few cells that lie on every slope.

Slides roughen the ground, but no ground is smooth: old deposits, root throw, cattle steps and the
elevation model's own noise have the same wavelengths. The height of hummocks is one layer for the
whole scene, which slides raise within its range; otherwise its mere presence marks every slide.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from sample_data.grid import gradient
from sample_data.noise import field, sigmoid
from sample_data.relief import POOL, Relief

MEDIAN_METRES = 0.26  # standard deviation of height where nothing ever slid
SPREAD = 0.55  # of its logarithm, in patches as wide as landslides
FLAT_SHARE = 0.35  # of it on valley floors


def natural(relief: Relief, seed: int) -> np.ndarray:
    """Height of the hummocks in metres (standard deviation), float32, smooth and patchy."""
    size = relief.elevation.shape[0]
    patchy = field(size, seed, "roughness", 2.2, longest=120, shortest=10)
    slope = gradient(ndimage.gaussian_filter(relief.elevation, 3))[0]
    steep = FLAT_SHARE + (1 - FLAT_SHARE) * sigmoid((slope - 0.2) * 16)
    return (MEDIAN_METRES * np.exp(SPREAD * patchy) * steep).astype(np.float32)


def roughen(elevation: np.ndarray, metres: np.ndarray, relief: Relief, seed: int) -> np.ndarray:
    """The elevation with hummocks of `metres` standard deviation on land, metres, float32."""
    hummocks = field(elevation.shape[0], seed, "hummocks", 1.2, longest=14, shortest=4)
    shore = np.clip(ndimage.distance_transform_edt(~relief.water) / 4, 0, 1)
    rough = elevation + metres * hummocks * shore
    return np.where(relief.water, elevation, np.maximum(rough, POOL)).astype(np.float32)
