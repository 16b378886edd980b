"""How large a raster says it is, looked at before anything of it is decoded."""

from pathlib import Path

import numpy as np
import rasterio

from core.errors import SlideScopeError
from core.scene.files.formats import MAX_BLOCK_BYTES, MAX_DECLARED_BYTES


def check_declared_size(source: rasterio.io.DatasetReader, path: Path) -> None:
    """Refuse a raster that is too large to decode, before anything of it is decoded."""
    if not source.count:
        raise SlideScopeError(
            f"'{path.name}' holds no band: a factor is a raster with values; give another file."
        )
    item = max(_item_size(dtype) for dtype in source.dtypes)
    declared = source.width * source.height * source.count * item
    rows, columns = source.block_shapes[0]
    block = rows * columns * item * source.count
    if declared > MAX_DECLARED_BYTES:
        raise SlideScopeError(
            f"'{path.name}' declares {source.width} x {source.height} pixels in {source.count} "
            f"bands, {declared / 1e9:.0f} GB: over {MAX_DECLARED_BYTES / 1e9:.0f} GB is refused; "
            "cut it to the area or give a coarser one."
        )
    if block > MAX_BLOCK_BYTES:
        raise SlideScopeError(
            f"'{path.name}' is stored in one piece of {block / 1e9:.1f} GB: blocks over "
            f"{MAX_BLOCK_BYTES / 1e9:.1f} GB are refused; rewrite it with "
            "`gdal_translate -co TILED=YES`."
        )


def _item_size(dtype: str) -> int:
    """Bytes a value; GDAL's complex integers have no numpy name."""
    return 8 if dtype.startswith("complex_") else np.dtype(dtype).itemsize
