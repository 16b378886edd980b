"""Several files of one factor on the scene's grid."""

import numpy as np
from rasterio.windows import Window

from core.scene.align.align import AlignedBand
from core.scene.files.raster import Raster
from core.scene.grid import Grid


class AlignedMosaic:
    """Several files of one factor: later ones fill the gaps of earlier ones.

    `kernel` names one of GDAL's; without it `nearest` chooses between nearest and bilinear.
    """

    def __init__(
        self,
        rasters: tuple[Raster, ...],
        grid: Grid,
        nearest: bool = False,
        kernel: str | None = None,
    ):
        chosen = kernel or ("nearest" if nearest else "bilinear")
        self._bands = [AlignedBand(raster, grid, chosen) for raster in rasters]

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        for band in self._bands:
            band.close()

    @property
    def copied(self) -> bool:
        return all(band.copied for band in self._bands)

    def read(self, window: Window) -> np.ndarray:
        """float32 (height, width) of the window, NaN = no data."""
        values = self._bands[0].read(window)
        for band in self._bands[1:]:
            gaps = np.isnan(values)
            if gaps.any():
                values[gaps] = band.read(window)[gaps]
        return values


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
