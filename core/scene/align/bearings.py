"""Compass bearings on the grid: 359 and 1 degrees average to 0, not to 180."""

import numpy as np
from rasterio.windows import Window

from core.scene.align.mosaic import AlignedMosaic


class AlignedBearings:
    """A compass bearing in degrees, resampled through its sine and cosine.

    359 and 1 degrees average to 0, not to 180.
    """

    def __init__(self, sines: AlignedMosaic, cosines: AlignedMosaic):
        self._sines, self._cosines = sines, cosines

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        self._sines.__exit__(*error)
        self._cosines.__exit__(*error)

    def read(self, window: Window) -> np.ndarray:
        sine, cosine = self._sines.read(window), self._cosines.read(window)
        return to_bearing(sine, cosine)


def to_bearing(sine: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Degrees 0..360 of a direction; NaN where opposite directions cancel out.

    >>> to_bearing(np.float32([1, 0, -1]), np.float32([0, -1, 0])).tolist()
    [90.0, 180.0, 270.0]
    """
    bearing = np.degrees(np.arctan2(sine, cosine)) % 360
    bearing[np.hypot(sine, cosine) < 1e-3] = np.nan
    # A tiny negative angle modulo 360 rounds to 360 itself.
    bearing[bearing >= 360] = 0
    return bearing.astype(np.float32)
