"""The display raster: 8 bit, 0 = no data, laid out so that one map tile is one window read."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

import rasterio
import rasterio.shutil
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.windows import Window

from core import atomic, digests
from core.scene.files.guard import CACHE_BYTES
from core.scene.grid import Grid
from core.scene.store import BLOCK, Scene

TILE = 256
NO_DATA = 0
STRIP_BYTES = 64 << 20
Smoothing = Literal["nearest", "bilinear"]


def georeferenced(scene: Scene) -> bool:
    """Whether the scene lies on the Earth's map; else it is shown on its own pixel grid."""
    return scene.kind == "area" and scene.grid.crs is not None


def plain_profile(grid: Grid) -> dict:
    """Rasterio profile of the uncompressed 8-bit raster that `write` turns into a display one."""
    return {
        "driver": "GTiff",
        "dtype": "uint8",
        "nodata": NO_DATA,
        "count": 1,
        "crs": grid.crs,
        "transform": grid.affine,
        "width": grid.width,
        "height": grid.height,
        "tiled": True,
        "blockxsize": TILE,
        "blockysize": TILE,
        "BIGTIFF": "IF_SAFER",
    }


def strips(grid: Grid, bytes_a_pixel: int) -> Iterator[Window]:
    """Windows over all columns, a multiple of a stack block high, of bounded memory."""
    rows = max(1, STRIP_BYTES // (bytes_a_pixel * grid.width * BLOCK)) * BLOCK
    for top in range(0, grid.height, rows):
        yield Window(0, top, grid.width, min(rows, grid.height - top))


def version(path: Path) -> str | None:
    """What changes with the display raster and nothing else, for its address; None where it is
    missing or damaged (cut short, or changed, say)."""
    try:
        state = path.stat()
    except OSError:
        return None
    whole = _is_whole(path, state.st_mtime_ns, state.st_size) and digests.state(path) != "changed"
    return f"{state.st_mtime_ns:x}" if whole else None


@lru_cache(maxsize=4096)
def _is_whole(path: Path, _modified: int, _size: int) -> bool:
    """Its last rows are what a file cut short has lost first."""
    try:
        with rasterio.open(path, driver="GTiff") as source:
            rows = min(source.height, 2 * TILE)
            source.read(1, window=Window(0, source.height - rows, source.width, rows))
    except RasterioError:
        return False
    return True


def write(plain: Path, target: Path, smoothing: Smoothing, on_earth: bool) -> None:
    """Write the display raster `target` from the 8-bit GeoTIFF `plain` on the scene's grid.

    On Earth: EPSG:3857, aligned to the web map's tiles (GoogleMapsCompatible), at the zoom level
    just finer than the scene, so that no pixel is lost. Otherwise the same values on the pixel
    grid, halved until they fit one tile.
    """
    with atomic.whole_file(target) as temporary:
        if on_earth:
            _write_web_map(plain, temporary, smoothing)
        else:
            _write_pixel_grid(plain, temporary, smoothing)


def _write_web_map(plain: Path, target: Path, smoothing: Smoothing) -> None:
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
        rasterio.shutil.copy(
            plain,
            target,
            driver="COG",
            TILING_SCHEME="GoogleMapsCompatible",
            ZOOM_LEVEL_STRATEGY="UPPER",
            WARP_RESAMPLING=smoothing,
            OVERVIEW_RESAMPLING="average" if smoothing == "bilinear" else "nearest",
            BLOCKSIZE=TILE,
            COMPRESS="DEFLATE",
            LEVEL=1,
            SPARSE_OK="YES",
            ADD_ALPHA="NO",
            BIGTIFF="IF_SAFER",
        )


def _write_pixel_grid(plain: Path, target: Path, smoothing: Smoothing) -> None:
    how = {"compress": "deflate", "zlevel": 1, "crs": None}
    with rasterio.open(plain) as source:
        # Any but the identity, which GDAL's readers would warn about at every tile.
        profile = {**source.profile, **how, "transform": Affine(1, 0, 0, 0, -1, source.height)}
        with rasterio.open(target, "w", **profile) as sink:
            for _, window in source.block_windows(1):
                sink.write(source.read(1, window=window), 1, window=window)
        longest = max(source.width, source.height)
    factors: list[int] = []
    while longest > TILE * 2 ** len(factors):
        factors.append(2 ** (len(factors) + 1))
    if not factors:
        return
    averaged = Resampling.average if smoothing == "bilinear" else Resampling.nearest
    with rasterio.open(target, "r+") as sink:
        sink.build_overviews(factors, averaged)
