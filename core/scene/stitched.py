"""A tiled GeoTIFF put together of parts that others wrote: each has some rows of its tiles, and
these are moved into the whole as they lie, compressed, without being read.

GDAL writes the whole first, with every tag and without a tile; what is added are the parts' bytes
and a directory that says where the tiles are.
"""

import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import rasterio

# Tags of TIFF 6.0.
LENGTH, TILE_LENGTH, OFFSETS, COUNTS = 257, 323, 324, 325
LONG, LONG8 = 4, 16
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 16: 8, 17: 8}
COPIED = 1 << 24
# Tiles begin on even bytes.
EVEN = 2


@dataclass(frozen=True)
class _Form:
    """How numbers lie in a file: TIFF, or BigTIFF with its wider ones."""

    order: str
    big: bool

    @property
    def entry(self) -> str:
        return f"{self.order}HHQ8s" if self.big else f"{self.order}HHI4s"

    @property
    def count(self) -> str:
        return f"{self.order}Q" if self.big else f"{self.order}H"

    @property
    def offset(self) -> str:
        return f"{self.order}Q" if self.big else f"{self.order}I"


@dataclass(frozen=True)
class _Entry:
    """A line of a directory; `value` is the number itself or where the numbers are."""

    kind: int
    count: int
    value: bytes


class Stitched:
    """Makes `path`, with the keywords of `rasterio.open`; parts are added from the top."""

    def __init__(self, path: Path, how: dict[str, Any], names: Sequence[str] = ()):
        with rasterio.open(path, "w", **{**how, "SPARSE_OK": True}) as whole:
            if names:
                whole.descriptions = tuple(names)
        self._path = path
        self._offsets: list[int] = []
        self._counts: list[int] = []
        self._file = path.open("r+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, *error: Any) -> None:
        try:
            if kind is None:
                self._end()
        finally:
            self._file.close()

    def add(self, part: Path) -> None:
        """Take the tiles of a part, which has the whole's width, tiles and compression."""
        with part.open("rb") as file:
            form, entries = _read(file)
            offsets = _numbers(file, form, entries[OFFSETS])
            counts = _numbers(file, form, entries[COUNTS])
            at = _even_end(self._file)
            _copy(file, self._file, os.fstat(file.fileno()).st_size)
        self._offsets += [at + each if each else 0 for each in offsets]
        self._counts += counts

    def _end(self) -> None:
        """Write where the tiles are, and a directory that says so."""
        form, entries = _read(self._file)
        if len(self._offsets) != entries[OFFSETS].count:
            raise ValueError(
                f"{self._path.name}: {len(self._offsets)} tiles of {entries[OFFSETS].count}"
            )
        kind, code = (LONG8, "Q") if form.big else (LONG, "I")
        for tag, numbers in ((OFFSETS, self._offsets), (COUNTS, self._counts)):
            packed = struct.pack(f"{form.order}{len(numbers)}{code}", *numbers)
            room = 8 if form.big else 4
            if len(packed) <= room:
                value = packed.ljust(room, b"\0")
            else:
                value = struct.pack(form.offset, _even_end(self._file))
                self._file.write(packed)
            entries[tag] = _Entry(kind, len(numbers), value)
        at = _even_end(self._file)
        self._file.write(struct.pack(form.count, len(entries)))
        for tag, each in sorted(entries.items()):
            self._file.write(struct.pack(form.entry, tag, each.kind, each.count, each.value))
        self._file.write(struct.pack(form.offset, 0))  # no further directory
        self._file.seek(8 if form.big else 4)
        self._file.write(struct.pack(form.offset, at))


def _read(file: BinaryIO) -> tuple[_Form, dict[int, _Entry]]:
    """The form of a TIFF and the lines of its first directory."""
    file.seek(0)
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}[head[:2]]
    form = _Form(order, struct.unpack(f"{order}H", head[2:4])[0] == 43)
    width = struct.calcsize(form.offset)
    begin = 8 if form.big else 4
    (at,) = struct.unpack(form.offset, head[begin : begin + width])
    file.seek(at)
    (count,) = struct.unpack(form.count, file.read(struct.calcsize(form.count)))
    size = struct.calcsize(form.entry)
    found = (struct.unpack(form.entry, file.read(size)) for _ in range(count))
    return form, {tag: _Entry(*rest) for tag, *rest in found}


def _numbers(file: BinaryIO, form: _Form, entry: _Entry) -> list[int]:
    """The numbers of a line, which lie in it where there is room."""
    size = SIZES[entry.kind] * entry.count
    packed = entry.value[:size]
    if size > len(entry.value):
        file.seek(struct.unpack(form.offset, entry.value)[0])
        packed = file.read(size)
    code = {2: "H", 4: "I", 8: "Q"}[SIZES[entry.kind]]
    return list(struct.unpack(f"{form.order}{entry.count}{code}", packed))


def _even_end(file: BinaryIO) -> int:
    """Go to the end of a file, made even."""
    at = file.seek(0, os.SEEK_END)
    if at % EVEN:
        file.write(b"\0")
        at += 1
    return at


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    """Copy a whole file to where the other is, within the kernel where it can."""
    target.flush()
    done, at = 0, target.tell()
    with suppress(OSError, AttributeError):  # other systems, and some file systems
        while done < size:
            files = source.fileno(), target.fileno()
            copied = os.copy_file_range(*files, size - done, done, at + done)
            if not copied:
                break
            done += copied
    source.seek(done)
    target.seek(at + done)
    while block := source.read(COPIED):
        target.write(block)
