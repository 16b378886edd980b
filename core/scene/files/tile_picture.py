"""One file of a folder of tiles, image or mask: what it holds, and its numbers window by window.

A file says more than its numbers: a fourth band may be transparency, a single one a palette, and a
TIFF of many pages may hold its rows, or its bands, a page each.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rasterio.enums import ColorInterp
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.scene.files import containers, formats, guard

MAX_BYTES = 256 * 1024**2
# More bands than this, and an axis is a side of the picture.
MAX_BANDS = 64
EVERYWHERE = np.ones((1, 1, 1), bool)


@dataclass(frozen=True)
class Picture:
    """`shape` is (bands, rows, columns); `read` takes a window and gives float32 numbers as stored,
    `valid` bool (bands or 1, rows, columns) of its pixels with data; `alpha` counts the band of
    transparency among the bands (None: there is none); `palette` maps an index to its colour;
    `lossy` where compression has blurred the numbers, `highest` what its type ends at."""

    path: Path
    shape: tuple[int, int, int]
    read: Callable[[Window], np.ndarray]
    valid: Callable[[Window], np.ndarray]
    alpha: int | None = None
    palette: dict[int, tuple[int, ...]] | None = None
    lossy: bool = False
    highest: float | None = None
    nodata: float | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns)"""
        return self.shape[1:]

    @property
    def bands(self) -> int:
        """Of what is shown: without transparency, a palette in its three colours."""
        return 3 if self.palette else self.shape[0] - (self.alpha is not None)

    def whole(self) -> Window:
        return Window(0, 0, self.shape[2], self.shape[1])

    def image(self, window: Window) -> np.ndarray:
        """float32 (bands, rows, columns) as shown, NaN where the file declares no data."""
        values = self.read(window)
        shown = self.valid(window)
        if self.palette:
            values = _coloured(values[0], self.palette)
        if self.alpha is not None:
            opaque = values[self.alpha] > 0
            values = np.delete(values, self.alpha, axis=0)
            values[:, ~opaque] = np.nan
        elif not shown.all():
            values[np.broadcast_to(~shown, values.shape)] = np.nan
        return values


@contextmanager
def opened(path: Path) -> Iterator[Picture]:
    """Open a tile's file; its numbers can be read while it is."""
    if formats.suffix(path) in formats.CONTAINERS:
        yield _of_hdf5(path)
        return
    with guard.gdal_options(), guard.open_raster(path) as dataset:
        pages = _pages(dataset)
        if len(pages) > 1:
            yield _of_array(path, _stacked(path, dataset, pages))
            return
        yield _turned(_of_dataset(path, dataset))


def _of_dataset(path: Path, dataset) -> Picture:
    def read(window: Window) -> np.ndarray:
        with guard.reading(path):
            return dataset.read(window=window).astype(np.float32)

    colours = list(dataset.colorinterp)
    alpha = colours.index(ColorInterp.alpha) if ColorInterp.alpha in colours else None

    def valid(window: Window) -> np.ndarray:
        with guard.reading(path):
            # Transparency is looked at by itself: it may turn out to be a measurement.
            return EVERYWHERE if alpha is not None else dataset.read_masks(window=window) != 0

    kind = np.dtype(dataset.dtypes[0])
    return Picture(
        path=path,
        shape=(dataset.count, dataset.height, dataset.width),
        read=read,
        valid=valid,
        alpha=alpha if dataset.count > 1 else None,
        palette=_palette(dataset),
        lossy=dataset.driver == "JPEG" or str(dataset.compression).lower().endswith("jpeg"),
        highest=float(np.iinfo(kind).max) if kind.kind in "iu" else None,
        nodata=dataset.nodata,
    )


def _palette(dataset) -> dict[int, tuple[int, ...]] | None:
    if dataset.count != 1:
        return None
    try:
        return dict(dataset.colormap(1))
    except ValueError:
        return None


def _turned(found: Picture) -> Picture:
    """A raster written with its axes in another order has its rows as bands."""
    bands, rows, columns = found.shape
    if bands <= MAX_BANDS or bands != rows or columns > MAX_BANDS:
        return found
    array = np.moveaxis(found.read(found.whole()), -1, 0)
    return replace(_of_array(found.path, array), highest=found.highest)


def _of_array(path: Path, values: np.ndarray) -> Picture:
    """values: float32 (bands, rows, columns), NaN = no data."""
    return _lazy(path, values.shape, lambda: values)


def _lazy(path: Path, shape: tuple, load: Callable[[], np.ndarray]) -> Picture:
    """A picture whose array is loaded when the first of it is read."""
    held: list[np.ndarray] = []

    def read(window: Window) -> np.ndarray:
        if not held:
            held.append(load())
        rows, columns = window.toslices()
        return held[0][:, rows, columns].copy()

    # What is no data is NaN already.
    return Picture(path, shape, read, lambda window: EVERYWHERE)


def _pages(dataset) -> list[str]:
    """The pages of a TIFF, in order; they belong to the file itself."""
    names = [n for n in dataset.subdatasets if n.startswith("GTIFF_DIR:")]
    return sorted(names, key=lambda name: int(name.split(":")[1]))


def _stacked(path: Path, dataset, pages: list[str]) -> np.ndarray:
    """The pages as (bands, rows, columns): bands a page each, or rows a page each where the
    description gives the shape rows x columns x bands."""
    height, width, count = dataset.height, dataset.width, len(pages)
    if count * height * width * dataset.count * 4 > MAX_BYTES or dataset.count > 1:
        raise SlideScopeError(
            f"'{path.name}' has {count} pages of {width} x {height} pixels in {dataset.count} "
            "bands: which of them make the tile cannot be told; write one page with its bands."
        )
    found = []
    for name in pages:
        with guard.open_checked(path, name, "GTiff") as page, guard.reading(path):
            if page.shape != (height, width):
                raise SlideScopeError(
                    f"'{path.name}' has pages of different size: which of them make the tile "
                    "cannot be told; write one page with its bands."
                )
            found.append(page.read(1).astype(np.float32))
    stack = np.stack(found)
    said = _declared_shape(dataset)
    rows_first = said == stack.shape and said[2] < min(said[:2]) and said[2] <= MAX_BANDS
    return _bands_first(stack) if rows_first or count > MAX_BANDS else stack


def _declared_shape(dataset) -> tuple[int, ...] | None:
    """The shape that tifffile and ImageJ-like writers put into the description."""
    try:
        said = json.loads(dataset.tags().get("TIFFTAG_IMAGEDESCRIPTION", ""))["shape"]
        return tuple(int(n) for n in said)
    except (ValueError, KeyError, TypeError):
        return None


def _bands_first(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(values, -1, 0))


def _of_hdf5(path: Path) -> Picture:
    """The one array of a file, rows x columns x bands as in Landslide4Sense, or bands first."""
    containers.check_links(path)
    known = containers.arrays(path)
    if len(known) != 1:
        raise SlideScopeError(
            f"'{path.name}' holds {len(known)} arrays ({', '.join(known[:5])}): a tile's file has "
            "one, as in Landslide4Sense; give one array a file."
        )
    with containers.opened(path) as file, guard.reading(path):
        item = file[known[0]]
        if item.ndim > 3 or item.dtype.kind not in "iufb" or item.nbytes > MAX_BYTES:
            raise SlideScopeError(
                f"'{path.name}' holds an array of shape {item.shape} and type {item.dtype}: a tile "
                "is rows x columns x bands of numbers; convert it first."
            )
        stored = item.shape
    shape = stored if len(stored) == 3 else (1, *stored)
    if not _is_bands_first(shape):
        shape = (shape[2], shape[0], shape[1])

    def load() -> np.ndarray:
        with containers.opened(path) as file, guard.reading(path):
            values = np.asarray(file[known[0]][()], np.float32)
        values = values[None] if values.ndim == 2 else values
        return values if _is_bands_first(values.shape) else _bands_first(values)

    return _lazy(path, shape, load)


def _is_bands_first(shape: tuple[int, int, int]) -> bool:
    """Bands last, as in Landslide4Sense, unless the first axis is plainly the bands.

    >>> _is_bands_first((128, 128, 14)), _is_bands_first((14, 128, 128)), _is_bands_first((3, 9, 8))
    (False, True, True)
    """
    bands, rows, columns = shape
    return rows == columns or (bands < min(rows, columns) and bands <= MAX_BANDS)


def _coloured(index: np.ndarray, palette: dict[int, tuple[int, ...]]) -> np.ndarray:
    """Colours (3, rows, columns) of a palette's indices."""
    table = np.zeros((max(palette) + 1, 3), np.float32)
    for code, colour in palette.items():
        table[code] = colour[:3]
    return np.moveaxis(table[np.clip(index.astype(int), 0, len(table) - 1)], -1, 0)
