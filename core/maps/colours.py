"""Colours of the map: tables of 256 entries, what fixed colours mean everywhere, and the hatch
over ground that the radar does not see."""

from collections.abc import Sequence
from functools import lru_cache

import cmap
import numpy as np

from core.scene.insar import visibility

# Diagonal lines: PERIOD pixels apart, LINE wide; `core/maps/assets/hatch.js` draws the same.
PERIOD, LINE = 8, 3
INK = (40, 50, 58)


# Okabe and Ito's set, told apart by every colour vision.
OKABE_ITO = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#999999",
)
LEFT, RIGHT = "#0072B2", "#D55E00"
REFERENCE = "#CC79A7"
PAPER, SLATE, CLAY = "#FAF6EC", "#28323A", "#A34A28"

PROBABILITY = "probability"
# By class of `core.maps.changes`: better turns are green, worse ones pink and yellow. Blue and
# orange say left and right, and nothing else.
CHANGES = "changes"
CHANGE_COLOURS = (
    "#ffffff",
    "#e6e6e6",
    "#00553c",
    "#df86cb",
    "#101418",
    "#1ab679",
    "#f0e442",
    "#7c6a2a",
)
# By class of `core.maps.combined`: right, hit, false alarm, missed; and neither, both, left, right.
ERRORS = "errors"
ERROR_COLOURS = ("#ffffff", "#006b52", "#f0e442", "#dc8cbc")
DIFFERENCE = "difference"
DIFFERENCE_COLOURS = ("#ffffff", "#999999", LEFT.lower(), RIGHT.lower())
AGREEMENT = "agreement"
# Training, validation, test, buffer: the classes of `core.maps.splits`.
SPLIT = "split"
SPLIT_COLOURS = ("#56b4e9", "#f0e442", "#e69f00", "#999999")
_CLASSES = {
    CHANGES: CHANGE_COLOURS,
    ERRORS: ERROR_COLOURS,
    DIFFERENCE: DIFFERENCE_COLOURS,
    SPLIT: SPLIT_COLOURS,
}
LAJOLLA_SHARE = 0.78
GREY = "grey"
# The colours of the classes themselves, one after the other: 'own:#a34a28,#0072b2'.
OWN = "own:"
CATEGORIES = "categories"
SCATTERED = "crameri:batlowS"


@lru_cache(maxsize=64)
def table(name: str) -> tuple[str, ...]:
    """Return 256 colours '#rrggbb' of the map `name` as `core.factors` names it, low to high.

    `categories` repeats the Okabe-Ito set; 'crameri:batlowS' is batlow in scattered order, so
    that neighbouring classes differ; `grey` runs from black to white; `probability` is lajolla
    from light to dark without its nearly black end, which a hillshade would swallow; `changes` are
    the classes of gained and lost pixels, `errors` and `difference` those of `core.maps.combined`,
    `agreement` few to all models, `split` the parts of a split, `own:` the colours that follow.
    """
    if name.startswith(OWN):
        given = tuple(name.removeprefix(OWN).split(","))
        return given + given[-1:] * (256 - len(given))
    if name == PROBABILITY:
        ramp = table("crameri:lajolla_r")
        return tuple(ramp[round(i * LAJOLLA_SHARE)] for i in range(256))
    if name == GREY:
        return tuple(f"#{v:02x}{v:02x}{v:02x}" for v in range(256))
    if name in _CLASSES:
        return _CLASSES[name] + _CLASSES[name][-1:] * (256 - len(_CLASSES[name]))
    if name == AGREEMENT:
        # Without its ends: the lightest is paper, the darkest an outline.
        ramp = table("crameri:lapaz_r")
        return tuple(ramp[round(40 + i * 0.78)] for i in range(256))
    if name == CATEGORIES:
        return tuple(OKABE_ITO[i % len(OKABE_ITO)].lower() for i in range(256))
    if name == SCATTERED:
        ramp = table("crameri:batlow")
        return tuple(ramp[round(255 * position)] for position in _scattered(256))
    values = np.rint(cmap.Colormap(name).lut(256)[:, :3] * 255).astype(int)
    return tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in values)


def _scattered(n: int) -> list[float]:
    """0, 1, then ever finer halves: each as far as can be from those before.

    >>> _scattered(5)
    [0.0, 1.0, 0.5, 0.25, 0.75]
    """
    positions, parts = [0.0, 1.0], 2
    while len(positions) < n:
        positions += [i / parts for i in range(1, parts, 2)]
        parts *= 2
    return positions[:n]


def packed(name: str) -> str:
    """The table as one string of hexadecimal digits, six a colour, for the browser."""
    return "".join(colour[1:] for colour in table(name))


def values(layer: str, classes: Sequence[tuple[int, str]]) -> tuple[int, ...]:
    """Display values of a layer that are hatched; none but for visibility."""
    if layer != "visibility":
        return ()
    words = {visibility.LEGEND[str(code)] for code in visibility.HIDDEN}
    return tuple(value for value, word in classes if word in words)


def lines(shape: tuple[int, int]) -> np.ndarray:
    """bool (height, width): where the lines of a hatch run.

    >>> lines((1, 8)).astype(int).tolist()
    [[1, 1, 1, 0, 0, 0, 0, 0]]
    """
    rows, columns = np.indices(shape)
    return (rows + columns) % PERIOD < LINE
