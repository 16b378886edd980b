"""What a GeoTIFF of a stack says of itself, before any pixel of it is decoded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine

from core.errors import SlideScopeError
from core.scene.files import guard


@dataclass(frozen=True)
class Header:
    """`nodata` as declared; `unscale` (scale, offset) of stored numbers; `block_rows`: how many
    rows are stored in one piece, of `block_bytes`; `tags` of the file."""

    path: Path
    crs: CRS | None
    transform: Affine
    width: int
    height: int
    dtype: str
    nodata: float | None = None
    unscale: tuple[float, float] = (1.0, 0.0)
    block_rows: int = 1
    block_bytes: int = 0
    tags: Mapping[str, str] | None = None

    def tag(self, name: str) -> str:
        return (self.tags or {}).get(name, "")

    @property
    def north_up(self) -> bool:
        t = self.transform
        return t.a > 0 and t.e < 0 and abs(t.b) + abs(t.d) < 1e-9 * t.a


def read(path: Path, folders: Sequence[Path] | None = None) -> Header:
    """Return the header of a file with one band; raises SlideScopeError for a damaged one."""
    with guard.gdal_options(), guard.open_raster(path, folders) as dataset:
        if dataset.count != 1 or dataset.dtypes[0].startswith("complex"):
            raise SlideScopeError(
                f"'{path.name}' has {dataset.count} bands of {dataset.dtypes[0]}: a file of a pair "
                "has one band of real numbers; export it so."
            )
        _check_whole(dataset, path)
        return Header(
            path=path,
            crs=dataset.crs if dataset.crs else None,
            transform=dataset.transform,
            width=dataset.width,
            height=dataset.height,
            dtype=dataset.dtypes[0],
            nodata=dataset.nodatavals[0],
            unscale=_usable(dataset.scales[0], dataset.offsets[0]),
            block_rows=dataset.block_shapes[0][0],
            block_bytes=math.prod(dataset.block_shapes[0]) * np.dtype(dataset.dtypes[0]).itemsize,
            tags=dataset.tags(),
        )


def _usable(scale: float, offset: float) -> tuple[float, float]:
    """Scale and offset as declared; a scale that would wipe out every number is none."""
    good = math.isfinite(scale) and math.isfinite(offset) and scale != 0
    return (scale, offset) if good else (1.0, 0.0)


def _check_whole(dataset, path: Path) -> None:
    """Refuse a GeoTIFF that was cut off: its blocks would lie behind the file's end."""
    if dataset.driver != "GTiff":
        return
    rows, columns = dataset.block_shapes[0]
    last = (dataset.height - 1) // rows, (dataset.width - 1) // columns
    size = path.stat().st_size
    for row in {0, last[0] // 2, last[0]}:
        for column in {0, last[1]}:
            words = [
                dataset.get_tag_item(f"BLOCK_{what}_{column}_{row}", "TIFF", bidx=1)
                for what in ("OFFSET", "SIZE")
            ]
            # A block of no data alone need not be stored.
            if all(words) and sum(map(int, words)) > size:
                raise SlideScopeError(
                    f"'{path.name}' is cut off ({size} bytes are there): copy or download it again."
                )
