"""The scores of both sides on the same held-out tiles, and their difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from core.learning.scores import intervals, metrics
from core.learning.scores.intervals import Interval, Paired
from core.maps.measured import METRICS, Measured, measure
from core.maps.sides import Side
from core.numerals import fixed, whole
from core.runs.measured import version_of
from core.scene.store import IMPORTED, Scene

HEADLINE = "f1"
# Of the pixels of the side that covers more: below it the sides are held against different ground.
UNEVEN = 0.99
Value = TypeVar("Value")


@dataclass(frozen=True)
class MetricCard:
    """One metric, 0..1, of the left and the right side; None where there is nothing to score.

    The 90 % intervals (`scores.intervals`) are of each side and of right minus left, drawn
    as pairs; None where there are too few blocks.
    """

    name: str
    title: str
    left: float | None
    right: float | None
    left_interval: Interval | None = None
    right_interval: Interval | None = None
    difference: Interval | None = None

    @property
    def points(self) -> float | None:
        """Right minus left in percentage points.

        >>> MetricCard("f1", "F1", 0.6658, 0.7611).points
        9.53
        """
        if self.left is None or self.right is None:
            return None
        return round(100 * (self.right - self.left), 6)

    @property
    def percent(self) -> float | None:
        """The same relative to the left side, in percent; None where left is 0.

        >>> round(MetricCard("f1", "F1", 0.6658, 0.7611).percent, 1)
        14.3
        """
        if self.points is None or not self.left:
            return None
        return self.points / self.left

    @property
    def sure(self) -> bool | None:
        """Whether the paired interval excludes zero; None where there is none.

        >>> MetricCard("f1", "F1", 0.67, 0.76, difference=(0.01, 0.17)).sure
        True
        """
        return None if self.difference is None else intervals.excludes_zero(self.difference)


# What stands in the cards' place before there is a prediction.
NO_SCORES = tuple(MetricCard(name, title, None, None) for name, title in METRICS.items())


@dataclass(frozen=True)
class Scorecard:
    """Six cards, the words for their area, and which sides predict no landslide there.

    `area` is empty where neither side is a prediction; `same`: both sides show one thing;
    `versions` of the inventory that the sides are held against; `gone`: sides whose map was deleted
    this moment; `blocks` that the intervals were drawn from; `pixels` that each side says something
    of there.
    """

    cards: tuple[MetricCard, ...]
    area: str
    tiles: int
    empty: tuple[str, ...]
    synthetic: bool
    same: bool
    versions: tuple[int, ...] = ()
    gone: tuple[str, ...] = ()
    blocks: int = 0
    pixels: tuple[int, ...] = ()


def compare(
    left: Side, right: Side, scene: Scene, threshold: float, measured: Measured | None = None
) -> Scorecard:
    """Score both sides at `threshold`: on the tiles that neither saw in training, or on what was
    `measured`."""
    measured = measured or measure(left, right, scene)
    one, other = (None if c is None else metrics.scores(c, threshold) for c in measured.counts)
    cards = _cards(one, other, intervals.paired(*measured.blocks, threshold))
    empty = dict.fromkeys(
        s.title
        for s, found in zip((left, right), (one, other))
        if found and found["tp"] + found["fp"] == 0
    )
    same = left.id == right.id
    scored = [s for s in (left, right) if s.folder and s.title not in measured.gone]
    versions = {version_of(s.run, scene.name) for s in scored if s.run}
    return Scorecard(
        cards,
        measured.where,
        measured.tiles,
        tuple(empty),
        scene.synthetic,
        same,
        tuple(sorted(versions)),
        measured.gone,
        max((len(b) for b in measured.blocks if b is not None), default=0),
        tuple(int(counts.sum()) for counts in measured.counts if counts is not None),
    )


def _cards(left: dict | None, right: dict | None, sure: Paired | None) -> tuple[MetricCard, ...]:
    parts = (sure.before, sure.after, sure.difference) if sure else (None, None, None)
    return tuple(
        MetricCard(
            name,
            title,
            _of(left, name),
            _of(right, name),
            *(_of(part, name) for part in parts),
        )
        for name, title in METRICS.items()
    )


def _of(values: Mapping[str, Value] | None, name: str) -> Value | None:
    return values[name] if values else None


def words(found: Scorecard, threshold: float, chosen: str = "") -> str:
    """Return where the scores come from, and what a number alone would hide; `chosen`: how the
    threshold was.

    >>> words(Scorecard((), "held-out tiles, block split", 67, ("FCN · RS",), True, False), 0.5)
    'Scores at threshold 0.500 · 67 held-out tiles, block split · synthetic scene. \
No landslide is predicted there by FCN · RS.'
    """
    if found.area and not found.tiles:
        parts = [f"Nothing to score: there are no {found.area} here"]
    elif found.area:
        how = f" ({chosen})" if chosen else ""
        parts = [f"Scores at threshold {threshold:.3f}{how}", f"{found.tiles} {found.area}"]
    elif found.gone:
        parts = ["Nothing to score"]
    else:
        parts = ["Neither side is a prediction, so there is nothing to score"]
    if found.synthetic:
        parts.append("synthetic scene")
    sentences = [" · ".join(parts) + "."]
    sentences += [f"The map of {title} was deleted this moment." for title in found.gone]
    if not found.same and (said := difference_words(found)):
        sentences.append(said)
    if len(found.pixels) == 2 and min(found.pixels) < UNEVEN * max(found.pixels):
        left, right = map(whole, found.pixels)
        sentences.append(
            f"The sides say something of different pixels there (left {left}, right {right}): "
            "their difference is in part one of place."
        )
    if found.empty:
        sentences.append(f"No landslide is predicted there by {' and '.join(found.empty)}.")
    if found.same:
        sentences.append("Both sides show the same.")
    if len(found.versions) > 1:
        sentences.append(
            "The sides are held against different versions of the inventory "
            f"({' and '.join(map(str, found.versions))}), each against the one it was trained on."
        )
    elif found.versions and found.versions != (IMPORTED,):
        sentences.append(f"Held against version {found.versions[0]} of the inventory.")
    return " ".join(sentences)


def difference_words(found: Scorecard) -> str | None:
    """Whether the difference in F1 is more than chance, in one sentence; None without two maps.

    >>> card = MetricCard("f1", "F1", 0.67, 0.76, difference=(0.01, 0.17))
    >>> print(difference_words(Scorecard((card,), "", 9, (), True, False, blocks=20)))
    F1: right is ahead by 9.0 points; the 90 % interval, +1.0 to +17.0, excludes zero.
    """
    card = next((card for card in found.cards if card.name == HEADLINE), None)
    if card is None or card.points is None or not found.tiles:
        return None
    if card.difference is None:
        return f"{intervals.too_few(found.blocks)}" if found.blocks else None
    low, high = (fixed(100 * end, 1, signed=True) for end in card.difference)
    ahead = "right is ahead" if card.points > 0 else "left is ahead"
    lead = f"{ahead} by {abs(card.points):.1f} points" if card.points else "both are level"
    verdict = "excludes zero" if card.sure else "includes zero: it may be chance"
    return f"{card.title}: {lead}; the 90 % interval, {low} to {high}, {verdict}."
