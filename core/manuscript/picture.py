"""A panel as a picture: colours over the relief, and what they mean."""

from dataclasses import dataclass, field

import numpy as np

from core.display import stretch
from core.language.translation import tr
from core.manuscript import panels
from core.manuscript import view as ground
from core.manuscript.panels import Panel
from core.manuscript.view import View
from core.maps import colours
from core.maps.layers import class_colours

# Of a factor over the relief.
COVER = 0.72
# The relief is drawn between this grey and white, so that colours and letters stand out.
DARKEST = 0.42
# By value of `view.errors`: false alarm, missed, hit.
ERRORS = {
    3: (colours.ERROR_COLOURS[1], "hit (TP)"),
    1: (colours.ERROR_COLOURS[2], "false alarm (FP)"),
    2: (colours.ERROR_COLOURS[3], "missed (FN)"),
}
MOST_CLASSES = 12
OUTLINE = "mapped landslide"


@dataclass(frozen=True)
class Ramp:
    """A colour bar from `lo` to `hi` in `unit`; `table` of 256 colours."""

    table: tuple[str, ...]
    lo: float
    hi: float
    unit: str


@dataclass(frozen=True)
class Picture:
    """`image` float (height, width, 3) of 0..1; `ramp` or `patches` (colour, words) say what its
    colours mean; `outlines` bool (height, width): mapped landslides to be drawn as lines."""

    image: np.ndarray
    ramp: Ramp | None = None
    patches: tuple[tuple[str, str], ...] = field(default=())
    outlines: np.ndarray | None = None


def picture(panel: Panel, view: View, threshold: float | None) -> Picture:
    """Draw a panel; `threshold` of a panel that needs one."""
    base = _grey(ground.relief(view))
    mapped = ground.reference(view) if view.scene.marks_areas else None
    if panel.kind == panels.RELIEF:
        return Picture(base, outlines=mapped)
    if panel.kind == panels.REFERENCE:
        inside = ground.reference(view)
        image = _over(base, _rgb(colours.REFERENCE), inside * 1.0)
        return Picture(image, patches=((colours.REFERENCE, tr(OUTLINE)),))
    if panel.kind == panels.PROBABILITY:
        return _probability(panel, view, base, mapped)
    if panel.kind == panels.MASK:
        found = ground.predicted(view, panel.needed_run, threshold or 0.0)
        named = (colours.RIGHT, tr(f"predicted, p ≥ {threshold:g}"))
        return Picture(_over(base, _rgb(colours.RIGHT), found * 1.0), None, (named,), mapped)
    if panel.kind == panels.ERRORS:
        return _errors(panel, view, base, threshold or 0.0)
    return _factor(panel, view, base, mapped)


def overview(view: View) -> np.ndarray:
    """The relief alone."""
    return _grey(ground.relief(view))


def _probability(panel: Panel, view: View, base: np.ndarray, mapped: np.ndarray | None) -> Picture:
    values = ground.probability(view, panel.needed_run)
    table = colours.table(colours.PROBABILITY)
    at = np.rint(255 * np.clip(np.nan_to_num(values), 0, 1)).astype(int)
    image = _over(base, _lut(table)[at], np.clip(3 * np.nan_to_num(values), 0, 1))
    return Picture(image, Ramp(table, 0.0, 1.0, ""), outlines=mapped)


def _errors(panel: Panel, view: View, base: np.ndarray, threshold: float) -> Picture:
    codes = ground.errors(view, panel.needed_run, threshold)
    image = base
    for code, (colour, _) in ERRORS.items():
        image = _over(image, _rgb(colour), (codes == code) * 1.0)
    return Picture(image, patches=tuple((colour, tr(words)) for colour, words in ERRORS.values()))


def _factor(panel: Panel, view: View, base: np.ndarray, mapped: np.ndarray | None) -> Picture:
    item, values = view.scene.factor(panel.kind), ground.band(view, panel.kind)
    if item.kind == "categorical":
        return _classes(panel, view, base, mapped, values)
    scale = stretch.of(item)
    shown = scale.to_display(values)
    table = colours.table(item.known.colours)
    at = np.clip((shown.astype(int) - 1) * 255 // stretch.STEPS, 0, 255)
    image = _over(base, _lut(table)[at], (shown > 0) * COVER)
    return Picture(image, Ramp(table, scale.lo, scale.hi, item.unit), outlines=mapped)


def _classes(
    panel: Panel, view: View, base: np.ndarray, mapped: np.ndarray | None, values: np.ndarray
) -> Picture:
    named, called = class_colours(view.scene, panel.kind), view.scene.factor(panel.kind).called
    image, patches = base, []
    for code, colour in named.items():
        here = values == float(code)
        image = _over(image, _rgb(colour), here * COVER)
        if here.any():
            name = called.get(code, code)
            # Classes of a synthetic scene are ours, others have the names that somebody gave.
            patches.append((colour, tr(name) if view.scene.synthetic else name))
    more = len(patches) - MOST_CLASSES
    shown = tuple(patches[:MOST_CLASSES])
    if more > 0:
        shown += (("#ffffff", tr(f"and {more} classes more")),)
    return Picture(image, None, shown, mapped)


def _grey(brightness: np.ndarray) -> np.ndarray:
    grey = np.where(np.isfinite(brightness), DARKEST + (1 - DARKEST) * brightness, 1.0)
    return np.repeat(np.clip(grey, 0, 1)[..., None], 3, axis=-1)


def _over(image: np.ndarray, colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lay a colour (3,) or colours (height, width, 3) over an image, `alpha` (height, width)."""
    return image + (colour - image) * alpha[..., None]


def _rgb(colour: str) -> np.ndarray:
    """
    >>> _rgb("#ff0000").tolist()
    [1.0, 0.0, 0.0]
    """
    return np.array(tuple(bytes.fromhex(colour[1:])), float) / 255


def _lut(table: tuple[str, ...]) -> np.ndarray:
    return np.array([_rgb(colour) for colour in table])
