"""Gained and lost pixels between two predictions, as a layer of the map.

<folder>/<id>.tif        display raster: 8 bit, 0 = no data or not held out, else one of CLASSES
<folder>/<id>.json       title, datasets, scene and its fingerprint
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic, disk, paths, stored
from core.display import bins, raster
from core.scene.store import Scene

CLASSES = (
    (1, "right in both: no landslide"),
    (2, "landslide, found by both"),
    (3, "landslide, gained"),
    (4, "landslide, lost"),
    (5, "landslide, missed by both"),
    (6, "false alarm, no more"),
    (7, "false alarm, new"),
    (8, "false alarm of both"),
)
# By (landslide, predicted before, predicted after).
_VALUE = np.array([[[1, 7], [6, 8]], [[5, 3], [4, 2]]], np.uint8)


class About(TypedDict):
    """<id>.json"""

    id: str
    title: str
    datasets: list[str]
    scene: str
    fingerprint: str


@dataclass(frozen=True)
class Change:
    """A stored layer: of which experiment, comparing what."""

    experiment: str
    id: str
    title: str
    datasets: tuple[str, ...]
    raster: Path


def classes(reference: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return uint8 display values of three bool arrays of one shape.

    >>> classes(np.array([True, True, False]), np.array([False, True, True]),
    ...         np.array([True, False, False])).tolist()
    [3, 4, 6]
    """
    return _VALUE[reference.astype(int), before.astype(int), after.astype(int)]


@dataclass(frozen=True)
class Shown:
    """A layer to be written: probability rasters before and after, one a seed."""

    id: str
    title: str
    datasets: tuple[str, ...]
    before: tuple[Path, ...]
    after: tuple[Path, ...]


def write(
    folder: Path,
    scene: Scene,
    shown: Shown,
    strips: Iterable[tuple[Window, np.ndarray]],
    threshold: float,
) -> None:
    """Write the layer into `folder`.

    `strips`: windows over all columns from top to bottom, each with bool (height, width) of the
    pixels to show. A pixel is predicted where more than half of a side's rasters predict it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with disk.scratch(".display.", folder) as scratch:
        plain = scratch / "plain.tif"
        with rasterio.open(plain, "w", **raster.plain_profile(scene.grid)) as sink:
            for window, here in strips:
                found = _strip(scene, window, shown, threshold)
                sink.write(np.where(here, found, raster.NO_DATA).astype(np.uint8), 1, window=window)
        target = folder / f"{shown.id}.tif"
        raster.write(plain, target, "nearest", raster.georeferenced(scene))
    value = {"id": shown.id, "title": shown.title, "datasets": list(shown.datasets)}
    value |= {"scene": scene.name, "fingerprint": scene.fingerprint}
    atomic.write_json(folder / f"{shown.id}.json", value)


def of_scene(scene: Scene) -> list[Change]:
    """The layers of all experiments that show this state of the scene, newest first."""
    files = paths.experiments_folder().glob("[!.]*/changes/*.json")
    found = []
    for file in sorted(files, key=lambda f: f.parent.parent.name, reverse=True):
        value = stored.usable(file, About)
        tif = file.with_suffix(".tif")
        if value is None:
            continue  # the experiment can draw it again
        fits = (value["scene"], value["fingerprint"]) == (scene.name, scene.fingerprint)
        if fits and tif.exists():
            experiment = file.parent.parent.name
            datasets = tuple(value["datasets"])
            found.append(Change(experiment, value["id"], value["title"], datasets, tif))
    return found


def file_of(experiment: str, change: str) -> Path:
    """Path of a layer's display raster."""
    folder = paths.experiments_folder() / paths.known_name(experiment) / "changes"
    return folder / f"{paths.known_name(change)}.tif"


def _strip(scene: Scene, window: Window, shown: Shown, threshold: float) -> np.ndarray:
    sides = (shown.before, shown.after)
    masks = [[_mask(path, window, threshold) for path in side] for side in sides]
    before, after = (2 * np.sum([m == 1 for m in side], axis=0) > len(side) for side in masks)
    found = classes(scene.read_mask(window) == 1, before, after)
    # What a run has no data for was not compared.
    known = np.all([m != 255 for side in masks for m in side], axis=0)
    return np.where(known, found, raster.NO_DATA)


def _mask(path: Path, window: Window, threshold: float) -> np.ndarray:
    with rasterio.open(path) as source:
        return bins.to_mask(bins.to_display(source.read(1, window=window)), threshold)
