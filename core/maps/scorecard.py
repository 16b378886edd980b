"""The scores of both sides on the same held-out tiles, and their difference."""

from dataclasses import dataclass

from core.learning import metrics
from core.maps.measured import METRICS, Measured, measure
from core.maps.sides import Side
from core.runs.truth import version_of
from core.scene.inventory import VERSION as IMPORTED
from core.scene.store import Scene


@dataclass(frozen=True)
class Card:
    """One metric, 0..1, of the left and the right side; None where there is nothing to score."""

    name: str
    title: str
    left: float | None
    right: float | None

    @property
    def points(self) -> float | None:
        """Right minus left in percentage points.

        >>> Card("f1", "F1", 0.6658, 0.7611).points
        9.53
        """
        if self.left is None or self.right is None:
            return None
        return round(100 * (self.right - self.left), 6)

    @property
    def percent(self) -> float | None:
        """The same relative to the left side, in percent; None where left is 0.

        >>> round(Card("f1", "F1", 0.6658, 0.7611).percent, 1)
        14.3
        """
        if self.points is None or not self.left:
            return None
        return self.points / self.left


# What stands in the cards' place before there is a prediction.
NO_SCORES = tuple(Card(name, title, None, None) for name, title in METRICS.items())


@dataclass(frozen=True)
class Scorecard:
    """Six cards, the words for their area, and which sides predict no landslide there.

    `area` is empty where neither side is a prediction; `same`: both sides show one thing;
    `versions` of the inventory that the sides are held against; `gone`: sides whose map was deleted
    this moment.
    """

    cards: tuple[Card, ...]
    area: str
    tiles: int
    empty: tuple[str, ...]
    synthetic: bool
    same: bool
    versions: tuple[int, ...] = ()
    gone: tuple[str, ...] = ()


def compare(
    left: Side, right: Side, scene: Scene, threshold: float, measured: Measured | None = None
) -> Scorecard:
    """Score both sides at `threshold`: on the tiles that neither saw in training, or on what was
    `measured`."""
    measured = measured or measure(left, right, scene)
    scores = [c if c is None else metrics.scores(c, threshold) for c in measured.counts]
    of_left, of_right = scores
    cards = tuple(
        Card(name, title, of_left and of_left[name], of_right and of_right[name])
        for name, title in METRICS.items()
    )
    empty = dict.fromkeys(
        s.title
        for s, found in zip((left, right), scores)
        if found and found["tp"] + found["fp"] == 0
    )
    same = left.id == right.id
    scored = [s for s in (left, right) if s.folder and s.title not in measured.gone]
    versions = {version_of(s.run, scene.name) for s in scored}
    return Scorecard(
        cards,
        measured.where,
        measured.tiles,
        tuple(empty),
        scene.synthetic,
        same,
        tuple(sorted(versions)),
        measured.gone,
    )


def words(found: Scorecard, threshold: float) -> str:
    """Return where the scores come from, and what a number alone would hide.

    >>> words(Scorecard((), "held-out tiles, block split", 67, ("FCN · RS",), True, False), 0.5)
    'Scores at threshold 0.500 · 67 held-out tiles, block split · synthetic scene. \
No landslide is predicted there by FCN · RS.'
    """
    if found.area and not found.tiles:
        parts = [f"Nothing to score: there are no {found.area} here"]
    elif found.area:
        parts = [f"Scores at threshold {threshold:.3f}", f"{found.tiles} {found.area}"]
    elif found.gone:
        parts = ["Nothing to score"]
    else:
        parts = ["Neither side is a prediction, so there is nothing to score"]
    if found.synthetic:
        parts.append("synthetic scene")
    sentences = [" · ".join(parts) + "."]
    sentences += [f"The map of {title} was deleted this moment." for title in found.gone]
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
