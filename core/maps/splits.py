"""The split of a run's tiles as a layer of the map, and as a small picture."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from core.learning.split import Split, record
from core.learning.tiles import plots
from core.maps import colours, still
from core.runs import store as runs
from core.runs.store import Run
from core.scene.store import Scene

TINT = 0.5


@dataclass(frozen=True)
class SplitLayer:
    """A split that the map can show: of a run, and of all older ones that share it. `id` is that
    of the split, not of the run: a newer run does not change it."""

    id: str
    run: Run
    title: str
    raster: Path


def of_scene(scene: Scene) -> list[SplitLayer]:
    """The different splits of the runs on this state of the scene, newest first."""
    found: dict[str, SplitLayer] = {}
    for run in runs.runs(scene.name):
        file = record.file_in(run.prediction(scene.name))
        drawn_from = plots.split_file(run.path, run.config, scene.name)
        if drawn_from is None or run.outdated(scene.name, scene.fingerprint):
            continue
        if file.exists() and drawn_from.exists():
            title = f"Tiles of the {run.config.split_words}, seed {run.config.drawn_by}"
            split_id = sha256(drawn_from.read_bytes()).hexdigest()[:12]
            found.setdefault(split_id, SplitLayer(split_id, run, title, file))
    return list(found.values())


def picture(image: np.ndarray, split: Split) -> np.ndarray:
    """Tint a still uint8 (height, width, 3) of the whole scene by the parts of the split."""
    tiling = split.tiling
    height, width = image.shape[:2]
    value = np.zeros((height, width), np.uint8)
    # The scene's pixel in the middle of each pixel of the still.
    down, right = (
        ((np.arange(n) + 0.5) * full / n).astype(int)
        for n, full in ((height, tiling.height), (width, tiling.width))
    )
    for number in range(len(tiling)):
        row, column = tiling.position(number)
        mine = [np.flatnonzero(a // tiling.tile == b) for a, b in ((down, row), (right, column))]
        inside = np.ix_(down[mine[0]] % tiling.tile, right[mine[1]] % tiling.tile)
        value[np.ix_(*mine)] = record.classes(split, number)[inside]
    table = np.array([[0, 0, 0], *map(_rgb, colours.SPLIT_COLOURS)], np.float32)
    share = np.where(value > 0, TINT, 0)[..., None]
    return (image * (1 - share) + table[value] * share).round().astype(np.uint8)


def can_be_drawn(scene: Scene) -> bool:
    """Independent tiles lie nowhere, so there is no picture of them."""
    return scene.kind == "area"


def base(scene: Scene) -> np.ndarray:
    """The still that `picture` tints."""
    return still.still(scene, max_side=360)


def _rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
