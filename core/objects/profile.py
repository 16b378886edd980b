"""Why here? Every factor's mean over an object, as a position in the scene's distribution."""

from dataclasses import dataclass

import numpy as np
from rasterio.windows import Window

from core.numerals import significant
from core.scene.store import Scene, SceneFactor

COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True)
class Profile:
    """One factor over an object.

    `position` 0..1: the share of the scene's pixels that have less; None for bearings, classes
    and where the object has no data. `low` and `high`: positions of the object's 10 % and 90 %
    quantiles. `value` is the mean, the mean bearing or the commonest class; `words` says it with
    its unit; `commonness` the scene's share of that class or compass direction.
    """

    name: str
    title: str
    words: str
    value: float | None
    position: float | None = None
    low: float | None = None
    high: float | None = None
    commonness: float | None = None


def profile(scene: Scene, window: Window, inside: np.ndarray) -> tuple[Profile, ...]:
    """Return a profile a factor, those farthest from the scene's middle first, then bearings and
    classes. `inside` bool (height, width) marks the object in `window`."""
    values = scene.read(window=window)[inside]
    found = [_of(item, values[:, i]) for i, item in enumerate(scene.factors)]
    return tuple(sorted(found, key=_oddness))


def _oddness(item: Profile) -> float:
    return 1.0 if item.position is None else -abs(item.position - 0.5)


def _of(item: SceneFactor, values: np.ndarray) -> Profile:
    known = values[np.isfinite(values)].astype(np.float64)
    title = item.known.title
    if not known.size or item.histogram is None:
        return Profile(item.name, title, "no data here", None)
    if item.kind == "categorical":
        return _class(item, item.histogram, known)
    if item.kind == "circular":
        return _bearing(item, item.histogram, known)
    mean = float(known.mean())
    low, high = (position(item.histogram, q) for q in np.quantile(known, (0.1, 0.9)))
    where = position(item.histogram, mean)
    return Profile(item.name, title, _said(mean, item.unit), mean, where, low, high)


def position(histogram: dict, value: float) -> float:
    """Share of the scene below `value`, by straight lines within the histogram's bins.

    >>> position({"edges": [0, 10, 20], "counts": [30, 10]}, 5.0)
    0.375
    """
    below = np.concatenate([[0], np.cumsum(histogram["counts"])]) / sum(histogram["counts"])
    return float(np.interp(value, histogram["edges"], below))


def _class(item: SceneFactor, histogram: dict, known: np.ndarray) -> Profile:
    codes, counts = np.unique(known, return_counts=True)
    code = float(codes[counts.argmax()])
    edges, total = np.asarray(histogram["edges"]), sum(histogram["counts"])
    at = min(int(np.searchsorted(edges, code, side="right")) - 1, len(edges) - 2)
    share = histogram["counts"][at] / total
    name = item.called.get(f"{code:g}", f"class {code:g}")
    words = f"{name} ({100 * share:.0f} % of the scene)"
    return Profile(item.name, item.known.title, words, code, commonness=share)


def _bearing(item: SceneFactor, histogram: dict, known: np.ndarray) -> Profile:
    angles = np.radians(known)
    mean = float(np.degrees(np.arctan2(np.sin(angles).mean(), np.cos(angles).mean())) % 360)
    octant = round(mean / 45) % 8
    edges = np.asarray(histogram["edges"])
    middles = (edges[:-1] + edges[1:]) / 2
    same = np.round(middles / 45) % 8 == octant
    share = float(np.asarray(histogram["counts"])[same].sum() / sum(histogram["counts"]))
    words = f"{COMPASS[octant]}, {mean:.0f}° ({100 * share:.0f} % of the scene faces so)"
    return Profile(item.name, item.known.title, words, mean, commonness=share)


def _said(value: float, unit: str) -> str:
    """
    >>> _said(-24.31, "mm/yr"), _said(1234.5, "m")
    ('−24.3 mm/yr', '1\u2009234 m')
    """
    return f"{significant(value, 3)} {unit}".strip()
