"""One map tile = one decimated window read of a display raster, which stays open between tiles.

Values go to the browser as they are: it needs the numbers, and packing a tile as a picture takes
server and browser several times as long as reading it. Colours of three rasters are a PNG.
"""

import io
import math
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio.io import DatasetReader
from rasterio.windows import Window

from core.display.raster import TILE

KEPT_OPEN = 12  # a thread
# Windows does not let an open file be deleted or replaced.
KEEPS = os.name != "nt"


class _Kept(threading.local):
    def __init__(self):
        self.sources: OrderedDict[tuple[Path, int], DatasetReader] = OrderedDict()


_kept = _Kept()


HALF_EARTH_M = math.pi * 6378137.0
MAX_ZOOM = 26
KEPT = 512  # tiles of 64 KiB at most


@dataclass(frozen=True)
class Span:
    """Where a tile's pixels lie along one axis: raster pixels `start`..`stop` fill the tile's
    `first`..`last`."""

    start: float
    stop: float
    first: int
    last: int


def tile(paths: tuple[Path, ...], z: int, x: int, y: int) -> bytes | None:
    """Return a tile, None where it lies outside the raster.

    Of one path the 256 x 256 display values, row by row; of three a PNG of their colours,
    transparent where there is no data. What viewers of one place ask for is kept in memory.
    """
    return _tile(tuple((path, path.stat().st_mtime_ns) for path in paths), z, x, y)


@lru_cache(KEPT)
def _tile(versions: tuple[tuple[Path, int], ...], z: int, x: int, y: int) -> bytes | None:
    bands = []
    for path, modified in versions:
        with opened_raster(path, modified) as source:
            band = _read(source, z, x, y)
        if band is None:
            return None
        bands.append(band)
    if len(bands) == 1:
        return bands[0].tobytes()
    seen = np.all([band != 0 for band in bands], axis=0)
    return _png(np.dstack([*bands, seen.astype(np.uint8) * 255]))


def read(path: Path, z: int, x: int, y: int) -> np.ndarray | None:
    """Return the display values of a tile, uint8 (256, 256), None outside the raster.

    Rasters in EPSG:3857 use the web map's numbering. Those without CRS have one tile at zoom 0
    that holds their longer side, the upper left pixel in its corner.
    """
    with rasterio.open(path, driver="GTiff") as source:
        return _read(source, z, x, y)


def _read(source: DatasetReader, z: int, x: int, y: int) -> np.ndarray | None:
    left, top, width = _corner(source, z, x, y)
    columns = span(left, width, source.width)
    rows = span(top, width, source.height)
    if columns is None or rows is None:
        return None
    window = Window.from_slices((rows.start, rows.stop), (columns.start, columns.stop))
    shape = rows.last - rows.first, columns.last - columns.first
    values = source.read(1, window=window, out_shape=shape)
    if shape == (TILE, TILE):
        return values
    tile = np.zeros((TILE, TILE), np.uint8)
    tile[rows.first : rows.last, columns.first : columns.last] = values
    return tile


def span(start: float, width: float, size: int) -> Span | None:
    """Clip a tile that begins at raster pixel `start` and is `width` raster pixels wide to the
    raster's `size`; None where nothing is left.

    >>> span(-100, 200, 1000)
    Span(start=0, stop=100, first=128, last=256)
    >>> span(1000, 200, 1000) is None
    True
    """
    low, high = max(0, start), min(size, start + width)
    if high <= low:
        return None
    scale = TILE / width
    first, last = round((low - start) * scale), round((high - start) * scale)
    # A raster thinner than a pixel of the tile still shows.
    first = min(first, TILE - 1)
    return Span(low, high, first, max(last, first + 1))


def _corner(source: DatasetReader, z: int, x: int, y: int) -> tuple[float, float, float]:
    """Return (left, top, width) of the tile in raster pixels."""
    if source.crs is None:
        deepest = max(0, math.ceil(math.log2(max(source.shape) / TILE)))
        width = TILE * 2.0 ** (deepest - z)
        return x * width, y * width, width
    transform = source.transform
    metres = 2 * HALF_EARTH_M / 2**z
    # The raster is aligned to the tiles; rounding takes the dust off the division.
    left = round((x * metres - HALF_EARTH_M - transform.c) / transform.a, 6)
    top = round((transform.f - (HALF_EARTH_M - y * metres)) / transform.a, 6)
    return left, top, round(metres / transform.a, 6)


def _png(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


@contextmanager
def opened_raster(path: Path, modified: int) -> Iterator[DatasetReader]:
    """The GeoTIFF at `path` as it was `modified` (st_mtime_ns), open for reading."""
    if not KEEPS:
        with rasterio.open(path, driver="GTiff") as found:
            yield found
        return
    sources, key = _kept.sources, (path, modified)
    found = sources.pop(key, None) or rasterio.open(path, driver="GTiff")
    try:
        yield found
    except BaseException:
        found.close()
        raise
    sources[key] = found  # the last used stands last
    if len(sources) > KEPT_OPEN:
        sources.popitem(last=False)[1].close()
