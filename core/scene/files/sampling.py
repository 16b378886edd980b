"""A look at some pixels of a raster: enough to tell a unit, a range and what is odd."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from rasterio.windows import Window

from core.scene.files import guard
from core.scene.files.forms import to_degrees
from core.scene.files.raster import Raster

SIDE, WINDOWS = 256, 3
CORNER = 8
# Rasters whose pixels are kept, of 2 MB each as float32.
KEPT = 32


@dataclass(frozen=True)
class Sample:
    """`raw`: stored numbers of the pixels with data, 1-D float64; `values`: the same after scale
    and offset; `nodata_share` 0..1 of the pixels looked at; `zero_corners` how many of the four
    corners hold nothing but 0; `palette` whether the band has a colour table; `frame` 0 or the
    largest number of its type, if two corners at least hold nothing else and it is data."""

    raw: np.ndarray
    values: np.ndarray
    nodata_share: float
    zero_corners: int
    palette: bool
    frame: float | None = None


@dataclass(frozen=True)
class _Look:
    """`stored`: the numbers of the pixels with data, 1-D in the file's own type; the rest as in
    `Sample`."""

    stored: np.ndarray
    nodata_share: float
    zero_corners: int
    palette: bool
    frame: float | None


def take(raster: Raster) -> Sample:
    """Read nine windows of 256 x 256 pixels spread over the raster, its corners among them.

    What was read last is kept: unit, classes and report look at the same pixels.
    """
    about = raster.path.stat()
    # The rest of a raster says nothing about what is stored.
    bare = replace(
        raster, crs=None, nodata=None, unscale=(1.0, 0.0), unit="", described="", tags=(), form=""
    )
    found = _look(replace(bare, told=()), about.st_mtime_ns, about.st_size)
    raw = found.stored.astype(np.float64)
    scale, offset = raster.unscale
    values = to_degrees(raw * scale + offset, raster.form)
    values = values[np.isfinite(values)]
    return Sample(raw, values, found.nodata_share, found.zero_corners, found.palette, found.frame)


@lru_cache(maxsize=KEPT)
def _look(raster: Raster, changed: int, size: int) -> _Look:
    found, pixels, corners = [], 0, 0
    framing: list[float] = []
    with guard.gdal_options(), raster.open() as dataset, guard.reading(raster.path):
        palette = _has_palette(dataset, raster.band)
        for window in spread(raster.height, raster.width, SIDE, WINDOWS):
            values = dataset.read(raster.band, window=window)
            valid = dataset.read_masks(raster.band, window=window) != 0
            # Infinities and other tools' 1e38 are not measurements.
            valid &= np.abs(values.astype(np.float64)) < 1e37
            found.append(values[valid])
            pixels += values.size
        for window in _corners(raster):
            corner = dataset.read(raster.band, window=window)
            corners += bool(corner.size and (corner == 0).all())
            masked = dataset.read_masks(raster.band, window=window) == 0
            if corner.size and (corner == corner.flat[0]).all() and not masked.any():
                framing.append(float(corner.flat[0]))
    stored = np.concatenate(found)
    share = 1 - stored.size / pixels if pixels else 1.0
    return _Look(stored, share, corners, palette, _frame(framing, raster.dtype))


def _frame(corners: list[float], dtype: str) -> float | None:
    ends = (0.0, float(np.iinfo(dtype).max)) if np.dtype(dtype).kind in "iu" else (0.0,)
    return next((end for end in ends if corners.count(end) >= 2), None)


def _has_palette(dataset, band: int) -> bool:
    try:
        dataset.colormap(band)
    except ValueError:
        return False
    return True


def spread(height: int, width: int, side: int, count: int) -> list[Window]:
    """count x count windows of `side` pixels over a raster, from border to border; fewer where it
    is small. They never overlap.

    >>> [(w.col_off, w.width) for w in spread(4, 10, 4, 2)]
    [(0, 4), (6, 4)]
    """
    return [
        Window(column, row, min(side, width - column), min(side, height - row))
        for row in _starts(height, side, count)
        for column in _starts(width, side, count)
    ]


def _starts(length: int, side: int, count: int) -> list[int]:
    if length <= side * count:
        return list(range(0, length, side))
    return [round(i * (length - side) / (count - 1)) for i in range(count)]


def _corners(raster: Raster) -> list[Window]:
    side = min(CORNER, raster.width, raster.height)
    right, bottom = raster.width - side, raster.height - side
    return [Window(c, r, side, side) for r in (0, bottom) for c in (0, right)]
