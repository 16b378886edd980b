"""Reading the pixels of a stack: open files, layers on the common grid, a scratch copy.

The files of 300 pairs are 600: as many stay open as the system allows. A layer that is stored in
taller pieces than one read takes would be decoded again and again, so it is unpacked once.
"""

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
from core.scene.files import guard, hdf5

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
            hdf5.reading(self.path),
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
