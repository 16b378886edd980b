"""Reading the pixels of a stack: open files, layers on the common grid, a scratch copy.

The files of 300 pairs are 600: as many stay open as the system allows. A layer that is stored in
taller pieces than one read takes would be decoded again and again, so it is unpacked once.
"""

import math
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.jobs.report import Report, silent
from core.scene.files import containers, guard

# No phase is 800 cycles off: such numbers are an undeclared "no data" (-9999, 1e20).
LARGEST_RADIANS = 5000.0
# What a wrapped phase reaches: it fills -pi..pi, an unwrapped one passes it or stays well inside.
_PI = math.pi + 1e-3
_NEAR_PI = 3.0
# One pair of many may end near pi by chance; a wrapped one comes closer.
_AT_PI = 3.1


@dataclass(frozen=True)
class Stored:
    """How a file stores its numbers: declared no data, (scale, offset); `turned`: the later date
    comes first, so that the phase changes its sign."""

    nodata: float | None = None
    unscale: tuple[float, float] = (1.0, 0.0)
    turned: bool = False

    @property
    def declared(self) -> float | None:
        """Declared no data that is not found out without: 0, NaN and what no float32 holds are."""
        return self.nodata if self.nodata and abs(self.nodata) < 1e38 else None


@dataclass(frozen=True)
class Look:
    """What a sample of a pair's pixels shows: `coverage`, the share with a phase; `low` and `high`
    of the phase in radians, NaN without any; mean `coherence` and the `highest`, NaN without one;
    `damage`: the file of its phase that cannot be read, `no_coherence`: that of its coherence."""

    coverage: float
    low: float
    high: float
    coherence: float = math.nan
    highest: float = math.nan
    damage: str = ""
    no_coherence: str = ""

    @property
    def wrapped(self) -> bool:
        """Whether the pair alone fills -pi..pi and nothing beyond."""
        return -_PI <= self.low < -_AT_PI and _AT_PI < self.high <= _PI


# Decoding releases Python's lock; more threads than this wait for the disk and for each other.
THREADS = 2
# What an HDF5 file keeps of its unpacked chunks, so that the pairs of a chunk share one unpacking.
_CHUNK_CACHE_BYTES = 64 * 1024**2
# GDAL keeps a stored block of each open file in memory.
_ROOM_BYTES = 192 * 1024**2
_SPARE = 1.05


class Handles:
    """Open files, the latest used; each is with one thread at a time. `budget`: how many may stay
    open; `room`: bytes that their buffers, each of a stored block, may take together."""

    def __init__(self, budget: int | None = None, room: int = _ROOM_BYTES):
        self._budget, self._room = budget or _budget(), room
        self._open: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()
        self.opened = 0

    @contextmanager
    def use(self, key: str, opener: Callable[[], Any], block_bytes: int = 0) -> Iterator[Any]:
        with self._lock:
            handle, _ = self._open.pop(key, (None, 0))
        if handle is None:
            handle = opener()
            self.opened += 1
        try:
            yield handle
        finally:
            for old in self._put_back(key, handle, block_bytes):
                old.close()

    def _put_back(self, key: str, handle: Any, block_bytes: int) -> list[Any]:
        """Keep a file open; return those that must be closed for it."""
        with self._lock:
            old = [self._open.pop(key)] if key in self._open else []
            self._open[key] = handle, block_bytes
            room = self._room - sum(size for _, size in self._open.values())
            while len(self._open) > self._budget or (room < 0 and self._open):
                old.append(self._open.popitem(last=False)[1])
                room += old[-1][1]
        return [one for one, _ in old]

    def close(self) -> None:
        with self._lock:
            for handle, _ in self._open.values():
                handle.close()
            self._open.clear()


def _budget() -> int:
    """Half of what the system lets this process open, at most 1500."""
    try:
        import resource
    except ImportError:  # Windows: its C library ends at 512
        return 200
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 1500 if soft == resource.RLIM_INFINITY else max(16, min(1500, soft // 2))


@dataclass(frozen=True)
class TiffLayer:
    """A file with one band; `row` and `column` of the common grid's corner in it."""

    path: Path
    row: int
    column: int
    shape: tuple[int, int]
    size: tuple[int, int]
    dtype: str
    block_rows: int
    block_bytes: int
    handles: Handles = field(repr=False)
    folders: tuple[Path, ...] | None = None

    @property
    def label(self) -> str:
        return self.path.name

    def raw(self, rows: slice) -> np.ndarray:
        """Stored numbers of rows of the common grid; 0, which is no data, outside of the file."""
        height, width = self.size
        top, left = rows.start + self.row, self.column
        first, last = max(top, 0), min(rows.stop + self.row, height)
        begin, end = max(left, 0), min(left + self.shape[1], width)
        inside = first < last and begin < end
        whole = (rows.stop - rows.start, self.shape[1])
        if not inside:
            return np.zeros(whole, self.dtype)
        window = Window(begin, first, end - begin, last - first)
        with (
            self.handles.use(str(self.path), self._open, self.block_bytes) as dataset,
            guard.reading(self.path),
        ):
            values = dataset.read(1, window=window)
        if values.shape == whole:
            return values
        padded = np.zeros(whole, self.dtype)
        padded[first - top : last - top, begin - left : end - left] = values
        return padded

    def _open(self):
        with guard.gdal_options():
            return guard.open_raster(self.path, self.folders)


@dataclass(frozen=True)
class ArrayLayer:
    """One pair of an HDF5 array (pairs, rows, columns); `row` and `column` of the grid's corner."""

    path: Path
    array: str
    index: int
    row: int
    column: int
    shape: tuple[int, int]
    dtype: str
    block_rows: int
    handles: Handles = field(repr=False)

    @property
    def label(self) -> str:
        return f"{self.path.name}:{self.array}"

    def raw(self, rows: slice) -> np.ndarray:
        """Stored numbers of rows of the common grid."""
        columns = slice(self.column, self.column + self.shape[1])
        lines = slice(rows.start + self.row, rows.stop + self.row)
        with (
            containers.reading(self.path),
            self.handles.use(str(self.path), self._open) as file,
        ):
            return np.asarray(file[self.array][self.index, lines, columns])

    def _open(self):
        return h5py.File(self.path, "r", rdcc_nbytes=_CHUNK_CACHE_BYTES)


Layer = TiffLayer | ArrayLayer


class Scratch:
    """Layers as plain numbers in one temporary file, which goes with `close`."""

    def __init__(self, layers: Sequence[Layer], folder: Path | None = None):
        self._folder = tempfile.TemporaryDirectory(prefix="slidescope-stack-", dir=folder)
        self.path = Path(self._folder.name) / "layers"
        self._at: dict[int, int] = {}
        end = 0
        for layer in layers:
            self._at[id(layer)] = end
            end += layer.shape[0] * layer.shape[1] * np.dtype(layer.dtype).itemsize
        self.bytes = end
        self._layers = layers

    def fill(self, report: Report = silent) -> None:
        """Decode every layer once; raises SlideScopeError where the disk is too small."""
        free = shutil.disk_usage(self._folder.name).free
        if self.bytes * _SPARE > free:
            raise SlideScopeError(
                f"Unpacking the stack takes {self.bytes / 1e9:.1f} GB, {free / 1e9:.1f} GB are free"
                f" in '{Path(self._folder.name).parent}': free space there, name another folder in "
                "TMPDIR, or take a smaller area."
            )
        height = self._layers[0].shape[0]
        tall = max(layer.block_rows for layer in self._layers)
        with open(self.path, "wb") as file:
            file.truncate(self.bytes)
        serial = isinstance(self._layers[0], ArrayLayer)
        starts = range(0, height, tall)
        for start in starts:
            report("unpacking interferograms", start / height)
            # All layers of a band before the next: an HDF5 chunk holds several pairs.
            rows = slice(start, min(start + tall, height))
            over_layers(partial(self._store, rows), self._layers, serial)

    def _store(self, rows: slice, layer: Layer) -> None:
        item = np.dtype(layer.dtype).itemsize
        with open(self.path, "r+b") as file:
            file.seek(self._at[id(layer)] + rows.start * layer.shape[1] * item)
            layer.raw(rows).tofile(file)

    def raw(self, layer: Layer, rows: slice) -> np.ndarray:
        item, width = np.dtype(layer.dtype), layer.shape[1]
        return np.fromfile(
            self.path,
            item,
            count=(rows.stop - rows.start) * width,
            offset=self._at[id(layer)] + rows.start * width * item.itemsize,
        ).reshape(-1, width)

    def close(self) -> None:
        with suppress(OSError):
            self._folder.cleanup()


def over_layers(function: Callable, items: Sequence, serial: bool = False) -> list:
    """Map in order, two at a time; `serial` for the arrays of one HDF5 file, whose library has one
    lock."""
    if len(items) < 2 or serial:
        return [function(item) for item in items]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, items))


def phase(raw: np.ndarray, stored: Stored) -> np.ndarray:
    """Radians, float32; NaN where 0 (MintPy does the same), NaN or the declared value is stored.

    >>> phase(np.array([0, 1.5, np.nan, -9999], "f4"), Stored(turned=True)).tolist()
    [nan, -1.5, nan, nan]
    """
    values = raw.astype(np.float32, copy=False)
    bad = values == 0
    if stored.declared:
        bad |= values == np.float32(stored.declared)
    if stored.unscale != (1.0, 0.0):
        values = values * np.float32(stored.unscale[0]) + np.float32(stored.unscale[1])
    # Not "beyond the largest": NaN compares as false and is no data too.
    bad |= ~(np.abs(values) < LARGEST_RADIANS)
    return np.where(bad, np.float32(np.nan), -values if stored.turned else values)


def coherence(raw: np.ndarray, stored: Stored) -> np.ndarray:
    """0..1, float32; NaN where 0, NaN, a negative number or the declared value is stored.

    >>> coherence(np.array([0, 51, 255], "u1"), Stored(unscale=(1 / 255, 0.0))).round(3).tolist()
    [nan, 0.20000000298023224, 1.0]
    """
    values = raw.astype(np.float32, copy=False)
    bad = ~(values > 0)
    if stored.declared:
        bad |= values == np.float32(stored.declared)
    if stored.unscale != (1.0, 0.0):
        values = values * np.float32(stored.unscale[0]) + np.float32(stored.unscale[1])
    return np.where(bad, np.float32(np.nan), np.minimum(values, np.float32(1)))


def mean_and_highest(raw: np.ndarray, stored: Stored) -> tuple[float, float]:
    """Of coherences as they are stored, before it is known what 1 is; NaN where there are none."""
    good = raw[raw > 0]
    if stored.declared:
        good = good[good != stored.declared]
    good = good[np.isfinite(good)]
    if not good.size:
        return math.nan, math.nan
    scale, offset = stored.unscale
    return float(good.mean(dtype=np.float64)) * scale + offset, float(good.max()) * scale + offset


def scale_of_coherence(dtype: str, highest: float, licsar: bool = False) -> float:
    """What stored coherences of a stack are multiplied by; `highest` of those that were looked at.

    >>> [round(1 / scale_of_coherence(d, h)) for d, h in (("float32", 0.9), ("uint8", 243))]
    [1, 255]
    >>> [round(1 / scale_of_coherence(d, h)) for d, h in (("uint8", 97), ("uint16", 64000))]
    [100, 65535]
    """
    if licsar and dtype == "uint8":
        return 1 / 255
    # Filters overshoot 1 by a little.
    if not highest > 1.1:
        return 1.0
    return 1 / next((top for top in (100, 255, 10_000, 65_535) if highest <= top), highest)


def all_wrapped(looks: Sequence[Look]) -> bool:
    """Whether the phases of a whole stack look wrapped: none passes pi, together they reach it.

    >>> all_wrapped([Look(1, -3.1, 2.8), Look(1, -2.9, 3.13)])
    True
    >>> all_wrapped([Look(1, -3.1, 3.1), Look(1, -2.9, 4.0)]), all_wrapped([Look(1, -1.2, 0.4)])
    (False, False)
    """
    known = [k for k in looks if k.low <= k.high]
    if not known:
        return False
    low, high = min(k.low for k in known), max(k.high for k in known)
    return -_PI <= low < -_NEAR_PI and _NEAR_PI < high <= _PI
