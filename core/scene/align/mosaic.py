"""Several files of one factor on the scene's grid."""

import numpy as np
from rasterio.windows import Window

from core.scene.align.align import AlignedBand
from core.scene.files.sources import Raster
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
