"""HDF5 arrays as GeoTIFFs in a temporary folder.

GDAL's own HDF5 driver crashes on some damaged files; h5py reports them. So GDAL sees an array only
after h5py has read it. Copies are of this process: the oldest go when there are many, all of them
when it ends.
"""

import atexit
import math
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.scene.files import formats, hdf5

ROWS, KEPT = 512, 64


def geotiff(path: Path, array: str) -> Path:
    """Return the copy of an array (rows, columns) or (bands, rows, columns), made once.

    A grid in MintPy's attributes becomes that of the copy, with 0 as no data.
    """
    about = path.stat()
    key = (str(path), array, about.st_mtime_ns, about.st_size)
    copy = _copy(*key)
    if not copy.exists():
        _copy.cache_clear()
        copy = _copy(*key)
    return copy


@lru_cache(maxsize=1)
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="slidescope-hdf5-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@lru_cache(maxsize=256)
def _copy(path: str, array: str, changed: int, size: int) -> Path:
    folder = _folder()
    old = sorted(folder.glob("*.tif"), key=lambda p: p.stat().st_mtime)
    target = folder / f"{changed}-{size}-{abs(hash((path, array)))}.tif"
    if len(old) >= KEPT:
        old[0].unlink()
    _write(Path(path), array, target)
    return target


def _write(path: Path, array: str, target: Path) -> None:
    place = hdf5.mintpy_place(path)
    with hdf5.opened(path) as file:
        item = file[array]
        _check(path, array, item)
        *_, height, width = item.shape
        about = {
            "driver": "GTiff",
            "width": width,
            "height": height,
            "count": item.shape[0] if item.ndim == 3 else 1,
            "dtype": item.dtype.newbyteorder("=").name,
            "BIGTIFF": "IF_SAFER",
        }
        if place:
            about |= {"crs": place.crs, "transform": place.transform, "nodata": 0}
        with rasterio.open(target, "w", **about) as copy:
            for row in range(0, height, ROWS):
                window = Window(0, row, width, min(ROWS, height - row))
                values = np.asarray(item[..., row : row + ROWS, :])
                copy.write(values.reshape(copy.count, -1, width), window=window)
            if place and place.unit:
                copy.units = [place.unit] * copy.count


def _check(path: Path, array: str, item) -> None:
    names = "iu" if item.dtype.kind in "iu" else "f"
    if item.ndim not in (2, 3) or item.dtype.kind not in names or item.dtype.itemsize < 1:
        raise SlideScopeError(
            f"'{path.name}:{array}' is an array of shape {item.shape} and type {item.dtype}: a "
            "factor has rows and columns of real numbers; choose another array."
        )
    if item.dtype.name == "float16" or 0 in item.shape:
        raise SlideScopeError(
            f"'{path.name}:{array}' is empty or of half precision (shape {item.shape}): export it "
            "as float32."
        )
    chunk = math.prod(item.chunks) * item.dtype.itemsize if item.chunks else 0
    if chunk > formats.MAX_BLOCK_BYTES:
        raise SlideScopeError(
            f"'{path.name}:{array}' is stored in chunks of {chunk / 1e9:.1f} GB: over "
            f"{formats.MAX_BLOCK_BYTES / 1e9:.1f} GB is refused; rewrite it in smaller ones."
        )
    if item.nbytes > formats.MAX_DECLARED_BYTES:
        raise SlideScopeError(
            f"'{path.name}:{array}' declares {item.nbytes / 1e9:.0f} GB: over "
            f"{formats.MAX_DECLARED_BYTES / 1e9:.0f} GB is refused; cut it to the area."
        )
