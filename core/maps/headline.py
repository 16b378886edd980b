"""The figures of the sentence over the map: landslides found, area marked and false alarms of both
sides, on the same tiles as their scores. The words are made in the browser (`headline.js`)."""

from pathlib import Path
from typing import Any

import numpy as np

from core.display import bins
from core.display.bins import BINS
from core.errors import NotFound
from core.language.translation import tr
from core.learning.scores import operating_point
from core.maps import measured
from core.maps.measured import Area
from core.maps.sides import Side, sides_of
from core.objects import tally
from core.runs import run_files
from core.runs.measured import scene_of
from core.scene.store import Scene

# A part of the view would cut objects: there the sentence speaks of the held-out part.
AREAS: dict[str, tuple[Area, str]] = {
    "test": ("test", "test part"),
    "extent": ("test", "test part"),
    "validation": ("validation", "validation part"),
    "all": ("all", "whole scene, training included"),
}
FEW = 1000
UNSEEN = "whole scene"


def figures(scene: Scene, left: str, right: str, area: str) -> dict[str, Any]:
    """{sides: [left, right], unit, area}; a side has its `landslides`, how many of them are `found`
    and what is `marked`, in km2 or pixels, at each of the 201 thresholds, the pixels of the whole
    map in each of the 200 `bins`, and a `proposed` threshold; None without scores."""
    pair, inside = _pair(scene, left, right, area)
    pixel_km2 = scene.grid.pixel_km2
    return {
        "sides": [_side(side, scene, inside, pixel_km2 or 1) for side in pair],
        "unit": "px" if pixel_km2 is None else "km\u00b2",
        "area": tr(_words(pair, scene, area)),
    }


def false_alarms(
    scene: Scene, left: str, right: str, area: str, threshold: float
) -> list[int | None]:
    """Predicted objects of both sides at `threshold` that are no landslide."""
    pair, inside = _pair(scene, left, right, area)
    files = [(side, map_of(side)) for side in pair]
    return [
        None if file is None else tally.false_objects(ground(side, scene), file, inside, threshold)
        for side, file in files
    ]


def _pair(scene: Scene, left: str, right: str, area: str) -> tuple[tuple[Side, ...], np.ndarray]:
    known = sides_of(scene)
    if left not in known or right not in known or area not in AREAS:
        raise NotFound(f"Scene '{scene.name}' has no sides '{left}' and '{right}', area '{area}'.")
    pair = (known[left], known[right])
    return pair, measured.tiles(pair, scene, AREAS[area][0])


def map_of(side: Side) -> Path | None:
    """The probability of a side that is held against an inventory."""
    if side.folder is None or not (side.folder / run_files.COUNTS).exists():
        return None
    file = side.folder / run_files.PROBABILITY
    return file if file.exists() else None


def ground(side: Side, scene: Scene) -> Scene:
    """The scene with the inventory that the side was trained on."""
    return scene_of(side.run, scene.name) if side.run else scene


def _side(side: Side, scene: Scene, inside: np.ndarray, pixel: float) -> dict[str, Any] | None:
    file, counts = map_of(side), measured.counts_in(side, inside) if len(inside) else None
    if file is None or counts is None:
        return None
    landslides, found = tally.detected(ground(side, scene), file, inside)
    above = np.append(counts.sum(axis=1)[::-1].cumsum()[::-1], 0)
    marked = np.round(above * pixel, 6).tolist()
    everywhere = measured.counts_in(side, np.ones(len(inside), bool))
    levels = everywhere.sum(axis=1) if everywhere is not None else np.zeros(BINS, int)
    return {
        "landslides": landslides,
        "found": found,
        "marked": marked,
        "bins": levels.tolist(),
        "proposed": proposed(side, levels),
    }


def proposed(side: Side, levels: np.ndarray) -> float:
    """A threshold that something of the map reaches: the one kept with the run or of the best F1 on
    its validation part, else the one that a thousandth of the pixels reach."""
    reached = np.flatnonzero(levels)
    if side.run and not side.baseline:
        point = operating_point.start(side.run)
        if point.kind != "half" and len(reached) and bins.first_bin(point.threshold) <= reached[-1]:
            return point.threshold
    return usual(levels)


def usual(levels: np.ndarray) -> float:
    """The highest threshold that at least a thousandth of the pixels reach, above 0.

    >>> levels = np.zeros(200, int); levels[[0, 12, 60]] = 9980, 15, 5
    >>> usual(levels)
    0.06
    """
    above = levels[::-1].cumsum()[::-1]
    found = np.flatnonzero(above >= above[0] / FEW)
    return max(int(found[-1]), 1) / BINS if above[0] else 0.5


def _words(pair: tuple[Side, ...], scene: Scene, area: str) -> str:
    runs = [side.run for side in pair if side.run and side.folder]
    if area == "validation" or any(scene.name in run.config.learned_from for run in runs):
        return AREAS[area][1]
    return UNSEEN
