"""Layers that the browser makes of others, pixel by pixel at the live threshold: nothing is
prepared for them, whatever the raster's size.

Every part says yes or no: a probability by the threshold, a mask by being landslide. Rule `code`
reads the answers as a binary number, the first part lowest, and looks its display value up in
`values`; rule `count` shows 1 + the number of parts that say yes. No data in any part is no data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from core.language.translation import message
from core.maps import changes, colours
from core.maps.layers import Layer


@dataclass(frozen=True)
class Rule:
    """How display values come of the parts' answers; class 1 is never drawn."""

    title: str
    table: str
    values: tuple[int, ...]
    classes: tuple[tuple[int, str], ...]
    rule: Literal["code", "count"] = "code"

    def to_json(self) -> dict[str, Any]:
        return vars(self)


def _code(answers: int) -> list[np.ndarray]:
    """Every combination of answers as bool arrays, a part each, in the order of their number."""
    numbers = np.arange(2**answers)
    return [numbers >> i & 1 == 1 for i in range(answers)]


# Parts: prediction, reference.
ERRORS = Rule(
    "Errors",
    colours.ERRORS,
    (1, 3, 4, 2),
    (
        (1, "right: no landslide"),
        (2, "hit: landslide, found (TP)"),
        (3, "false alarm (FP)"),
        (4, "landslide, missed (FN)"),
    ),
)
# Parts: before, after, reference.
_BEFORE, _AFTER, _REFERENCE = _code(3)
GAINED = Rule(
    "Gained and lost",
    colours.CHANGES,
    tuple(changes.classes(_REFERENCE, _BEFORE, _AFTER).tolist()),
    changes.CLASSES,
)
# The same where no reference is known.
DIFFERENCE = Rule(
    "Difference of the masks",
    colours.DIFFERENCE,
    (1, 3, 4, 2),
    ((1, message("neither")), (2, "both sides"), (3, "left only"), (4, "right only")),
)
RULES = {"errors": ERRORS, "gained": GAINED, "difference": DIFFERENCE}
MOST_MODELS = 12


def agreement_classes(models: int) -> tuple[tuple[int, str], ...]:
    """Class names of the number of models that predict a landslide.

    >>> agreement_classes(2)
    ((1, 'none'), (2, '1 of 2'), (3, 'all 2'))
    """
    words = [f"{n} of {models}" for n in range(1, models)]
    return tuple(enumerate([message("none"), *words, f"all {models}"], 1))


def agreement(probabilities: Sequence[Layer]) -> Layer | None:
    """How many of the networks call a pixel landslide at the live threshold; None below two.

    Only the newest `MOST_MODELS`: every tile is made of a tile of each.
    """
    networks = [layer for layer in probabilities if layer.id.startswith("run:")]
    newest = networks[:MOST_MODELS]
    if len(newest) < 2:
        return None
    title = f"Agreement of the {len(newest)} models"
    if len(newest) < len(networks):
        title = f"Agreement of the newest {len(newest)} models"
    url = " ".join(["agreement", *(layer.url for layer in newest)])
    named = agreement_classes(len(newest))
    made = Layer("agreement", title, "count", "", url, colours.AGREEMENT, classes=named)
    return replace(made, parts=tuple((layer.url, layer.kind) for layer in newest), rule="count")
