"""From factor values to 8-bit display values and back: 0 = no data, 1..255 the values; and the
hillshade that lies below them."""

from dataclasses import dataclass

import numpy as np
from rasterio.crs import CRS

from core.scene.grid import Grid
from core.scene.store import SceneFactor

METRES_PER_DEGREE = 111_320.0
# The main light, and two weaker ones so that slopes facing away keep their form.
LIGHTS = ((315.0, 45.0, 0.7), (255.0, 40.0, 0.15), (15.0, 40.0, 0.15))


STEPS = 254


@dataclass(frozen=True)
class Stretch:
    """Linear between `lo` (shown as 1) and `hi` (255), in the factor's unit; beyond is clipped.

    >>> Stretch(0.0, 254.0).to_display(np.array([-5.0, 0.0, 100.0, 300.0, np.nan]))
    array([  1,   1, 101, 255,   0], dtype=uint8)
    """

    lo: float
    hi: float

    def to_display(self, values: np.ndarray) -> np.ndarray:
        share = (values - np.float32(self.lo)) * np.float32(STEPS / (self.hi - self.lo))
        shown = np.clip(np.rint(share), 0, STEPS) + 1
        return np.where(np.isfinite(values), shown, 0).astype(np.uint8)


@dataclass(frozen=True)
class Classes:
    """Class codes in rising order; the n-th is shown as n (254 different ones at most).

    >>> Classes((2.0, 7.0)).to_display(np.array([7.0, 2.0, 3.0, np.nan]))
    array([2, 1, 0, 0], dtype=uint8)
    """

    codes: tuple[float, ...]

    def to_display(self, values: np.ndarray) -> np.ndarray:
        if not self.codes:
            return np.zeros(values.shape, np.uint8)
        codes = np.asarray(self.codes)
        at = np.minimum(np.searchsorted(codes, values), len(codes) - 1)
        known = codes[at] == values
        return np.where(known, at % STEPS + 1, 0).astype(np.uint8)


def of(item: SceneFactor) -> Stretch:
    """Return the stretch of a continuous or circular factor.

    Its display quantiles (2 % and 98 %), a full turn for angles, symmetric about the centre
    where the colour map has one.
    """
    if item.kind == "circular":
        return Stretch(0.0, 360.0)
    if item.quantiles:
        lo, hi = item.quantiles[0], item.quantiles[-1]
    else:
        lo, hi = 0.0, 0.0
    if lo == hi and item.minimum is not None and item.maximum is not None:
        lo, hi = item.minimum, item.maximum
    centre = item.known.centre
    if centre is not None:
        reach = max(abs(lo - centre), abs(hi - centre))
        lo, hi = centre - reach, centre + reach
    return Stretch(lo, hi) if hi > lo else Stretch(lo, lo + 1.0)


def pixel_metres(grid: Grid) -> tuple[float, float]:
    """(x, y) size of a pixel in metres; a grid without CRS counts as 1 m pixels times its own."""
    x, y = grid.resolution
    if grid.crs is None:
        return x, y
    crs = CRS.from_user_input(grid.crs)
    if crs.is_geographic:
        _, bottom, _, top = grid.bounds
        return x * METRES_PER_DEGREE * np.cos(np.radians((bottom + top) / 2)), y * METRES_PER_DEGREE
    return grid.pixel_metres or (x, y)


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
