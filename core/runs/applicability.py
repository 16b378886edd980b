"""What the area of applicability leaves beside a map, and how it is read again.

predictions/<scene>/applicability.tif     dissimilarity index, float32 (`explain.applicability`)
predictions/<scene>/applicability.npz     counts (tiles, 200, 2) of the pixels inside the area
predictions/<scene>/applicability.json    the threshold, and what it was computed from

Light to import: a page and the map read it without the libraries that compute it.
"""

from pathlib import Path
from typing import TypedDict

import numpy as np

from core import atomic, stored
from core.runs.store import Run
from core.shapes import Count, Share

LAYER = "applicability"
RASTER, COUNTS, ABOUT = (f"{LAYER}{ending}" for ending in (".tif", ".npz", ".json"))


class Kept(TypedDict):
    """applicability.json: `threshold` of the index, `shown_to` where the map's colours end."""

    threshold: float
    inside_share: Share
    shown_to: float
    points: Count
    channels: Count
    mean_distance: float
    seed: int
    seconds: float


def save(folder: Path, found: Kept, counts: np.ndarray) -> None:
    """Write counts and figures beside the raster, the figures last: without them there is none."""
    with atomic.whole_file(folder / COUNTS) as temporary:
        np.savez_compressed(temporary, counts=counts)
    atomic.write_json(folder / ABOUT, found)


def load(run: Run, scene: str | None = None) -> Kept | None:
    """The figures of the run's map of `scene`; None where they were not computed."""
    return stored.usable(run.prediction(scene) / ABOUT, Kept)


def load_counts(run: Run, scene: str | None = None) -> np.ndarray:
    """Counts (tiles, 200, 2) of the pixels inside the area of applicability."""
    with np.load(run.prediction(scene) / COUNTS, allow_pickle=False) as file:
        return file["counts"]
