"""Hillshade: the ground lit from the north-west, the base under every layer."""

import numpy as np
from rasterio.crs import CRS

from core.scene.grid import Grid

METRES_PER_DEGREE = 111_320.0
# The main light, and two weaker ones so that slopes facing away keep their form.
LIGHTS = ((315.0, 45.0, 0.7), (255.0, 40.0, 0.15), (15.0, 40.0, 0.15))


def pixel_metres(grid: Grid) -> tuple[float, float]:
    """(x, y) size of a pixel in metres; a grid without CRS counts as 1 m pixels times its own."""
    x, y = grid.resolution
    if grid.crs is None:
        return x, y
    crs = CRS.from_user_input(grid.crs)
    if crs.is_geographic:
        _, bottom, _, top = grid.bounds
        return x * METRES_PER_DEGREE * np.cos(np.radians((bottom + top) / 2)), y * METRES_PER_DEGREE
    metres = crs.linear_units_factor[1]
    return x * metres, y * metres


def shade(elevation: np.ndarray, pixel: tuple[float, float]) -> np.ndarray:
    """Return brightness 0..1, float32 (height, width), NaN where elevation is.

    `elevation` in metres, `pixel` (x, y) in metres. Central differences; level ground under one
    light at 45 degrees would be .71.

    >>> flat = shade(np.zeros((3, 3), np.float32), (10, 10))
    >>> bool(np.allclose(flat, 0.688, atol=1e-3))
    True
    """
    padded = np.pad(elevation, 1, mode="edge")
    east = (padded[1:-1, 2:] - padded[1:-1, :-2]) / np.float32(2 * pixel[0])
    north = (padded[:-2, 1:-1] - padded[2:, 1:-1]) / np.float32(2 * pixel[1])
    length = np.sqrt(east**2 + north**2 + 1)
    total = np.zeros_like(elevation)
    for azimuth, altitude, weight in LIGHTS:
        a, h = np.radians(azimuth), np.radians(altitude)
        x, y, z = np.sin(a) * np.cos(h), np.cos(a) * np.cos(h), np.sin(h)
        lit = (z - east * np.float32(x) - north * np.float32(y)) / length
        total += np.float32(weight) * np.maximum(lit, 0)
    return total
