"""The common grid of a stack's files: whole-pixel shifts, never resampling.

HyP3 cuts the products of one frame at extents that differ by whole pixels; LiCSAR's origins differ
in the tenth digit. Both are one grid here; what is off by more than a hundredth of a pixel is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rasterio.transform import Affine

from core.errors import SlideScopeError
from core.scene.files.sources import short_crs
from core.scene.grid import Grid
from core.scene.sbas.header import Header

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
