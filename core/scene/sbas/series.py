"""The displacement of every pixel at every date, pixel by pixel: a click reads one place."""

import os
from pathlib import Path

import numpy as np

from core import atomic
from core.scene.interferograms.network import Network

FILE, ABOUT = "series.i2", "series.json"
SCALE_MM = 0.1
NODATA = -32768


class SeriesFile:
    """Written from the top of the map to the bottom: int16 little-endian (H, W, N) in .1 mm towards
    the satellite, NODATA at dates without a pair; series.json says so."""

    def __init__(self, folder: Path, network: Network, shape: tuple[int, int]):
        self._folder, self._network, self._shape = folder, network, shape
        self._temporary = folder / f".{FILE}.part"
        self._out = self._temporary.open("wb")

    def add(self, series: np.ndarray) -> None:
        """The next rows: float32 (N, rows, W) mm, NaN = no data."""
        limit = -NODATA - 1
        tenths = np.clip(np.rint(np.asarray(series) / SCALE_MM), -limit, limit)
        whole = np.where(np.isnan(tenths), NODATA, tenths).astype("<i2")
        np.ascontiguousarray(np.moveaxis(whole, 0, -1)).tofile(self._out)

    def close(self, taken_off_mm_yr: float = 0.0) -> None:
        """Move the file into place; `taken_off_mm_yr` is what was taken off the rate since."""
        self._out.close()
        os.replace(self._temporary, self._folder / FILE)
        about = {
            "file": FILE,
            "dtype": "<i2",
            "shape": [*self._shape, len(self._network.dates)],
            "unit": "mm",
            "scale": SCALE_MM,
            "nodata": NODATA,
            "direction": "positive towards the satellite",
            "dates": [day.isoformat() for day in self._network.dates],
            "less_mm_yr": taken_off_mm_yr,
        }
        atomic.write_json(self._folder / ABOUT, about)


def read(folder: Path, row: int, column: int) -> np.ndarray:
    """(N,) float64 mm of a pixel, NaN at dates without a pair."""
    about = atomic.needed_json(folder / ABOUT)
    values = np.memmap(folder / FILE, about["dtype"], "r", shape=tuple(about["shape"]))
    tenths = np.array(values[row, column], np.float64)
    return np.where(tenths == about["nodata"], np.nan, tenths * about["scale"])
