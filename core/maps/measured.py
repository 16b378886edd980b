"""What both sides of a comparison are scored on: counts over the same tiles of an area."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from rasterio.warp import transform_bounds

from core.display.bins import BINS
from core.display.raster import georeferenced
from core.language.translation import tr
from core.learning import split
from core.learning.prediction import products
from core.learning.scores import metrics
from core.learning.tiles.tiling import tiling_of
from core.maps.place import Bounds
from core.maps.sides import Side
from core.runs import run_files
from core.runs.store import Run
from core.scene.store import Scene

METRICS = {
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "kappa": "Kappa",
    "miou": "MIoU",
    "iou_landslide": "Landslide IoU",
}
Area = Literal["test", "validation", "all", "extent"]
AREA_WORDS = {
    "test": metrics.AREA_WORDS["test"],
    "validation": metrics.AREA_WORDS["validation"],
    "all": "tiles, the whole scene, training tiles included",
    "extent": "tiles touching the map's view, training tiles included",
}


@dataclass(frozen=True)
class Measured:
    """Counts int64 (200, 2) of an area for the left and the right side, None where there is
    nothing to score; `where` names the area, empty where neither side is a prediction; `gone` are
    the titles of sides whose map was deleted this moment; `blocks` are the counts (blocks, 200, 2)
    of both sides by the area's blocks; `top` is the probability that the colours end at."""

    counts: tuple[np.ndarray | None, np.ndarray | None]
    where: str
    tiles: int
    gone: tuple[str, ...] = ()
    blocks: tuple[np.ndarray | None, np.ndarray | None] = (None, None)
    top: float = 1.0

    def in_browser(self) -> dict:
        """The metrics at all 201 thresholds, so that the map's figures follow the slider alone."""
        sides = [
            None if c is None else _rounded(metrics.at_every_threshold(c)) for c in self.counts
        ]
        area = tr(f"{self.tiles} {self.where}") if self.where else ""
        titles = [(name, tr(title)) for name, title in METRICS.items()]
        return {"sides": sides, "area": area, "titles": titles, "top": self.top}


def measure(
    left: Side,
    right: Side,
    scene: Scene,
    area: Area = "test",
    bounds: Bounds | None = None,
) -> Measured:
    """Sum both sides' counts over the same tiles of `area`; `extent` are those touching
    `bounds`."""
    sides = (left, right)
    tables = [_counts(side) for side in sides]
    known = _known(sides, scene, area, bounds)
    common = _common(known)
    blocks = _by_block([counts for counts, _ in tables], common, scene)
    one, other = (None if each is None else each.sum(axis=0) for each in blocks)
    scored = [side for side, (_, part) in zip(sides, tables) if part is not None]
    gone = dict.fromkeys(side.title for side in sides if side.folder and side not in scored)
    where = _area([side.run for side in scored if side.run], scene, known, area)
    ends = top([counts for counts, _ in tables if counts is not None])
    return Measured((one, other), where, int(common.sum()), tuple(gone), blocks, ends)


def top(tables: Sequence[np.ndarray]) -> float:
    """The highest probability of the maps behind counts (tiles, 200, 2), rounded up to a twentieth:
    colours that end there tell a timid map's values apart.

    >>> counts = np.zeros((1, 200, 2), int); counts[0, 67] = 1
    >>> top([counts]), top([])
    (0.35, 1.0)
    """
    reached = [np.flatnonzero(counts.sum(axis=(0, 2))) for counts in tables]
    highest = max((int(found[-1]) for found in reached if len(found)), default=BINS - 1)
    step = BINS // 20
    return (highest // step + 1) / 20


def tiles(sides: Sequence[Side], scene: Scene, area: Area) -> np.ndarray:
    """bool (tiles,): the tiles of `area` that all sides with scores are measured on."""
    return _common(_known(sides, scene, area, None))


def counts_in(side: Side, inside: np.ndarray) -> np.ndarray | None:
    """Counts int64 (200, 2) of a side over tiles, bool (tiles,); None of one without scores."""
    counts, _ = _counts(side)
    return None if counts is None else counts[inside].sum(axis=0)


def _known(sides: Sequence[Side], scene: Scene, area: Area, bounds: Bounds | None) -> list:
    found = (_inside(side, scene, _counts(side)[1], area, bounds) for side in sides)
    return [mask for mask in found if mask is not None]


def _common(known: list[np.ndarray]) -> np.ndarray:
    return np.logical_and.reduce(known) if known else np.zeros(0, bool)


def _by_block(tables: list, common: np.ndarray, scene: Scene) -> tuple:
    """Counts (blocks, 200, 2) of each side, on the same blocks: that is what makes them pairs."""
    known = [counts for counts in tables if counts is not None]
    if not known or not common.any():
        return (None, None)
    tiles, tiling = split.with_pixels(common, *known), tiling_of(scene)
    return tuple(
        None if counts is None else split.block_sums(counts, tiles, tiling, scene.kind)
        for counts in tables
    )


def _counts(side: Side) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Counts and part of every tile; None of a side without scores, or deleted this moment."""
    if side.folder is None:
        return None, None
    try:
        file = (side.folder / run_files.COUNTS).stat()
        return _load(side.folder, file.st_mtime_ns, file.st_size)
    except FileNotFoundError:
        return None, None


@lru_cache(maxsize=8)
def _load(folder: Path, _mtime: int, _size: int) -> tuple[np.ndarray, np.ndarray]:
    return products.load_counts(folder)


def _inside(
    side: Side, scene: Scene, part: np.ndarray | None, area: Area, bounds: Bounds | None
) -> np.ndarray | None:
    """Which tiles of the area may be scored; on another scene than the run's own, the test part
    is all of it and there is no validation part."""
    if part is None:
        return None
    if area == "extent" and bounds is not None:
        return touching(scene, bounds)
    if area in ("all", "extent"):
        return np.ones(len(part), bool)
    if side.run is None or scene.name not in side.run.config.learned_from:
        return np.full(len(part), area == "test")
    return part == metrics.AREAS[area]


def _area(scored: list[Run], scene: Scene, found: list[np.ndarray], area: Area) -> str:
    own = [run for run in scored if scene.name in run.config.learned_from]
    if not scored:
        return ""
    if not own and area != "validation":
        where = "touching the map's view" if area == "extent" else "the whole scene"
        seen = "none of it was seen in training"
        if any(run.config.brought for run in scored):
            seen = "where a map that was brought was trained is not known"
        return f"tiles, {where}: {seen}"
    splits = " and ".join(sorted({run.config.split_words for run in own}))
    words = AREA_WORDS[area]
    unknown = any(run.config.brought and run not in own for run in scored)
    if area == "test" and len(found) == 2 and not np.array_equal(found[0], found[1]):
        words = words if unknown else "tiles held out by both"
    ends = [splits] if splits else []
    ends += ["where the map that was brought was trained is not known"] if unknown else []
    return ", ".join([words, *ends])


def _rounded(curves: dict[str, np.ndarray]) -> dict[str, list[float]]:
    return {name: np.round(values, 6).tolist() for name, values in curves.items()}


def touching(scene: Scene, bounds: Bounds) -> np.ndarray:
    """Return bool (tiles,), True where a tile touches ((south, west), (north, east))."""
    (south, west), (north, east) = bounds
    if georeferenced(scene):
        left, bottom, right, top = transform_bounds(
            "EPSG:4326", scene.grid.crs, west, south, east, north
        )
        inverse = ~scene.grid.affine
        first, last = inverse * (left, top), inverse * (right, bottom)
    else:
        first, last = (west, -north), (east, -south)
    tiling = tiling_of(scene)
    rows, columns = np.divmod(np.arange(len(tiling)), tiling.shape[1])
    inside = np.ones(len(tiling), bool)
    for axis, (low, high) in zip((columns, rows), zip(first, last)):
        inside &= ((axis + 1) * tiling.tile > low) & (axis * tiling.tile < high)
    return inside
