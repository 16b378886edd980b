"""Where everything of a figure goes, in millimetres from its lower left corner."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from core.language.joining import breadth, is_wide
from core.manuscript.picture import Picture

# Around all maps: room for latitudes on the left and longitudes below each column.
LEFT, RIGHT, TOP, BOTTOM, GAP = 7.5, 2.0, 1.0, 1.0, 3.0
LABELS, KEY = 4.0, 4.5
TITLE_LINE, TITLE_PAD = 3.4, 1.2
BAR = 7.0
PATCH_LINE, PATCH_PAD = 3.5, 1.2
# Of a letter in a title and in a legend, as wide as most are.
LETTER, SMALL = 1.5, 1.25
SYMBOL = 7.0  # the patch before its words, and the gap behind them
TALLEST = 240.0  # a page
# What a line of Chinese does not break: a word of other letters, a sign with the stop behind it.
_PIECES = re.compile(r"[^\s\u2e80-\uffff]+|[\u2e80-\uffff][，。；：、）]*|\s+")


@dataclass(frozen=True)
class Place:
    """A panel: its map (left, bottom, width, height), title lines, and whether it has labels of
    the graticule on its left and below; `patches` in so many columns."""

    left: float
    bottom: float
    width: float
    height: float
    title: str
    labels_left: bool
    labels_below: bool
    patch_columns: int


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    places: tuple[Place, ...]


def across(panels: int, width: float) -> int:
    """How many maps stand side by side.

    >>> [across(n, 180) for n in range(1, 7)], across(6, 85)
    ([1, 2, 3, 2, 3, 3], 2)
    """
    if width < 120:
        return min(panels, 2)
    return {1: 1, 2: 2, 3: 3, 4: 2}.get(panels, 3)


def map_width(width: float, columns: int) -> float:
    return (width - LEFT - RIGHT - GAP * (columns - 1)) / columns


def layout(
    width: float, columns: int, shape: float, titles: Sequence[str], pictures: Sequence[Picture]
) -> Layout:
    """`shape` is height over width of a map; a figure taller than a page has smaller maps."""
    wide = map_width(width, columns)
    room = max(int(wide / LETTER), 8)
    lines = [wrapped(title, room) for title in titles]
    rows = [range(n, min(n + columns, len(titles))) for n in range(0, len(titles), columns)]
    heads = [TITLE_PAD + TITLE_LINE * max(len(lines[n]) for n in row) for row in rows]
    splits = [patch_columns(picture, wide) for picture in pictures]
    feet = [max(_foot(pictures[n], splits[n]) for n in row) for row in rows]
    # Longitudes stand under the last map of a column, which may be in the last row but one.
    below = [LABELS if any(n + columns >= len(titles) for n in row) else 0.0 for row in rows]
    key = KEY if any(each.outlines is not None for each in pictures) else 0.0
    fixed = TOP + BOTTOM + key + sum(heads) + sum(feet) + sum(below) + GAP * (len(rows) - 1)
    high = min(wide * shape, (TALLEST - fixed) / len(rows))
    narrow = high / shape
    height = fixed + high * len(rows)
    places, top = [], height - TOP
    for number, row in enumerate(rows):
        top -= heads[number] + high
        for n in row:
            left = LEFT + (n - row[0]) * (narrow + GAP) + (wide - narrow) * columns / 2
            title = "\n".join(lines[n])
            last = n + columns >= len(titles)
            places.append(Place(left, top, narrow, high, title, n == row[0], last, splits[n]))
        top -= feet[number] + below[number] + GAP
    return Layout(width, height, tuple(places))


def wrapped(title: str, room: int) -> list[str]:
    """Lines of at most `room` letters; Chinese, which has no spaces, may break after any sign.

    >>> wrapped("Distance to faults", 12), wrapped("距断层的距离", 6)
    (['Distance to', 'faults'], ['距断层', '的距离'])
    """
    if not any(map(is_wide, title)):
        return textwrap.wrap(title, room, break_on_hyphens=False)
    lines = [""]
    for word in _PIECES.findall(title):
        if lines[-1].strip() and breadth(lines[-1] + word.rstrip()) > room:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return [line.rstrip() for line in lines if line.strip()]


def patch_columns(picture: Picture, width: float) -> int:
    """In how many columns the patches of a legend fit under a map."""
    if not picture.patches:
        return 1
    longest = max(breadth(words) for _, words in picture.patches)
    return max(1, min(len(picture.patches), int(width / (SYMBOL + SMALL * longest))))


def _foot(picture: Picture, columns: int) -> float:
    if picture.ramp:
        return BAR
    lines = -(-len(picture.patches) // columns)
    return PATCH_PAD + PATCH_LINE * lines if lines else 0.0
