"""The common grid of a stack's files: whole-pixel shifts, never resampling.

HyP3 cuts the products of one frame at extents that differ by whole pixels; LiCSAR's origins differ
in the tenth digit. Both are one grid here; what is off by more than a hundredth of a pixel is not.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine

from core.errors import SlideScopeError
from core.scene.files import guard
from core.scene.files.raster import short_crs
from core.scene.grid import Grid


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


TOLERANCE_PX = 0.01
# Files that do not fit are left out one by one; where these are more, the stack is two.
MANY = 0.2
LEAST_OVERLAP = 0.5

# (first column, first row, behind the last column, behind the last row)
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Placed:
    """The common `grid`; of every file the row and column of the grid's corner in it, or why it
    does not fit."""

    grid: Grid
    offsets: tuple[tuple[int, int] | str, ...]


def shift(header: Header, other: Header) -> tuple[int, int] | None:
    """Whole columns and rows by which `other` begins after `header`, None where its pixels do not
    lie on those of `header` to a hundredth of a pixel, over its whole extent."""
    if header.crs != other.crs:
        return None
    one, two = header.transform, other.transform
    found = []
    for start, size, start2, size2, count in (
        (one.c, one.a, two.c, two.a, other.width),
        (one.f, one.e, two.f, two.e, other.height),
    ):
        begin, end = (start2 - start) / size, (start2 + count * size2 - start) / size
        whole = round(begin)
        if abs(begin - whole) > TOLERANCE_PX or abs(end - whole - count) > TOLERANCE_PX:
            return None
        found.append(whole)
    return found[0], found[1]


def place(headers: Sequence[Header], within: tuple[float, ...] | None = None) -> Placed:
    """Bring files onto their common grid.

    `within`: (left, bottom, right, top) in units of their reference system, to which the grid is
    cut. Raises SlideScopeError where the files are of two grids or two frames.
    """
    usable = [h for h in headers if h.north_up and h.crs is not None]
    if not usable:
        raise SlideScopeError(
            f"'{headers[0].path.name}' has no place on a north-up map grid, nor has any other file "
            "of the stack: give geocoded GeoTIFFs."
        )
    base = _most_alike(usable)
    boxes = [_box(base, h) if h in usable else None for h in headers]
    _refuse_two(headers, boxes, base)
    extent = _most_overlapping([b for b in boxes if b is not None])
    near = [b if b and _share(extent, b) >= LEAST_OVERLAP else None for b in boxes]
    _refuse_two_frames(boxes, near)
    common = _cut(_intersection([b for b in near if b is not None]), base, within)
    offsets = tuple(
        (common[1] - b[1], common[0] - b[0]) if b else _why(h, base, any_box)
        for h, b, any_box in zip(headers, near, boxes)
    )
    return Placed(_grid(base, common), offsets)


def offset(grid: Grid, base: Header, header: Header) -> tuple[int, int] | None:
    """(row, column) of the grid's corner in a further file, such as a coherence."""
    moved = shift(base, header) if header.north_up else None
    if moved is None:
        return None
    column = round((grid.transform[2] - base.transform.c) / base.transform.a)
    row = round((grid.transform[5] - base.transform.f) / base.transform.e)
    return row - moved[1], column - moved[0]


def _most_alike(headers: Sequence[Header]) -> Header:
    """The first file of the grid that most files lie on."""
    groups: list[list[Header]] = []
    for header in headers:
        for group in groups:
            if shift(group[0], header) is not None:
                group.append(header)
                break
        else:
            groups.append([header])
    return max(groups, key=len)[0]


def _box(base: Header, header: Header) -> Box | None:
    moved = shift(base, header)
    if moved is None:
        return None
    column, row = moved
    return column, row, column + header.width, row + header.height


def _share(one: Box, other: Box) -> float:
    """Shared pixels of two boxes, as a share of the larger."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    area = max((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
    return max(width, 0) * max(height, 0) / area


def _most_overlapping(boxes: list[Box]) -> Box:
    return max(boxes, key=lambda b: sum(_share(b, other) >= LEAST_OVERLAP for other in boxes))


def _intersection(boxes: list[Box]) -> Box:
    left, top, right, bottom = zip(*boxes)
    return max(left), max(top), min(right), min(bottom)


def _cut(box: Box, base: Header, within: tuple[float, ...] | None) -> Box:
    """The box cut to whole pixels that touch `within`."""
    if within is not None:
        t = base.transform
        left, bottom, right, top = within
        asked = (
            int((left - t.c) // t.a),
            int((top - t.f) // t.e),
            -int(-(right - t.c) // t.a),
            -int(-(bottom - t.f) // t.e),
        )
        box = _intersection([box, asked])
    if box[0] >= box[2] or box[1] >= box[3]:
        raise SlideScopeError(
            "The pairs have no pixel in common"
            f"{'' if within is None else ' with the area asked for'}: give pairs that overlap."
        )
    return box


def _grid(base: Header, box: Box) -> Grid:
    t = base.transform * Affine.translation(box[0], box[1])
    place = (t.a, t.b, t.c, t.d, t.e, t.f)
    return Grid(short_crs(base.crs), place, box[2] - box[0], box[3] - box[1])


def _refuse_two(headers: Sequence[Header], boxes: Sequence[Box | None], base: Header) -> None:
    misfits = [h for h, b in zip(headers, boxes) if b is None]
    if len(misfits) > max(1, MANY * len(boxes)):
        raise SlideScopeError(
            f"Pairs of two grids ({_words(base)} and {_words(misfits[0])}): one stack needs one "
            "grid; give the pairs of one of them."
        )


def _refuse_two_frames(boxes: Sequence[Box | None], near: Sequence[Box | None]) -> None:
    far = [b for b, n in zip(boxes, near) if b is not None and n is None]
    if len(far) > max(1, MANY * len(boxes)):
        raise SlideScopeError(
            f"Pairs of two frames ({len(far)} of {len(boxes)} overlap the others by less than "
            "half): one stack needs one frame; give the pairs of one of them."
        )


def _why(header: Header, base: Header, box: Box | None) -> str:
    if header.crs is None or not header.north_up:
        return "is not on a north-up map grid"
    if box is not None:
        return "overlaps the others by less than half"
    return f"does not lie on the others' grid ({_words(header)}; the others: {_words(base)})"


def _words(header: Header) -> str:
    t = header.transform
    crs = short_crs(header.crs) if header.crs is not None else "no reference system"
    name = crs if len(crs) < 40 else "another reference system"
    return f"{name}, pixels of {t.a:.10g}, corner {t.c:.10g} {t.f:.10g}"


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
