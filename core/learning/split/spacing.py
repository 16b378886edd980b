"""How far held-out ground lies from the ground that was learned from, beside the range over which
ground is alike.

A score on pixels that lie within that range of a training pixel is optimistic for a map of ground
that lies farther away. After Mila et al. (2022), Methods in Ecology and Evolution 13, 1304-1316
(nearest-neighbour distance matching), who ask whether the distances of a test resemble those of the
prediction.
"""

from math import ceil
from typing import Any

import numpy as np
from rasterio.windows import Window
from scipy import ndimage

from core.analysis import autocorrelation
from core.errors import SlideScopeError
from core.factors import WITH_GAPS
from core.learning.scores.metrics import TEST, TRAIN
from core.learning.split.draw import held_out_side, wider_buffer
from core.learning.split.parts import Split
from core.numerals import number, whole
from core.scene.store import Scene

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# Pixels along the longer side that distances are measured on.
SIDE = 1024
STRIP = 512  # rows read at a time
# Values of a scene's stack, which are read in a few seconds.
QUICK = 150_000_000


def check(scene: Scene, split: Split, method: str) -> dict[str, Any]:
    """Return {unit, ranges, range, distances, near_share, split, block, block_tiles,
    proposed_block_px, proposed_buffer_px, words} of a split, drawn by `method`, of the scene it is
    of.

    `range`: the middle of the factors' ranges; `distances` of held-out pixels to the nearest
    training pixel at `QUANTILES`; `near_share` of them within the range; `block` the side of what
    the split holds out at once, `block_tiles` the same in tiles, `proposed_block_px` the least
    whole number of tiles that reaches the range, and `proposed_buffer_px` what `--buffer` can do
    for it, both in pixels, the last None where no wider buffer can be had. Lengths are in `unit`.
    """
    ranges = autocorrelation.of_scene(scene)
    middle = autocorrelation.median(ranges)
    away = distances(scene, split)
    pixel = max(autocorrelation.pixel_size(scene))
    tile = split.tiling.tile
    near = float((away <= middle).mean())
    side = held_out_side(scene, split, method)
    proposed = max(1, ceil(middle / pixel / tile)) * tile
    found: dict[str, Any] = {
        "unit": "m" if scene.grid.crs else "px",
        "ranges": [vars(each) for each in ranges],
        "range": middle,
        "distances": {f"{q:g}": float(v) for q, v in zip(QUANTILES, np.quantile(away, QUANTILES))},
        "near_share": near,
        "split": method,
        "block": side * tile * pixel,
        "block_tiles": side,
        "proposed_block_px": proposed,
        "proposed_buffer_px": wider_buffer(split, ceil(middle / pixel), method),
    }
    return {**found, "words": words(found, pixel)}


def is_quick(scene: Scene) -> bool:
    """Whether a page may ask for it while somebody waits."""
    return scene.grid.width * scene.grid.height * len(scene.factors) <= QUICK


def words(found: dict[str, Any], pixel: float) -> str:
    """What it means, in two or three sentences."""
    unit, middle = found["unit"], found["range"]

    def far(length: float) -> str:
        return f"{number(length, length)} {unit}"

    held = "blocks" if found["block_tiles"] > 1 else "single tiles"
    said = (
        f"The factors are alike over {far(middle)} (the middle of their ranges); "
        f"{100 * found['near_share']:.0f} % of the held-out pixels lie nearer than that to a "
        f"training pixel, half of them nearer than {far(found['distances']['0.5'])}. "
        f"The split's {held} of {far(found['block'])} are "
    )
    if found["block"] >= middle:
        said += "wider than the range."
    else:
        side = found["proposed_block_px"]
        said += f"narrower: {whole(side)} px ({far(side * pixel)}) would reach it."
    if found["near_share"] > 0.5:
        said += f" Scores are optimistic for ground farther away: {_cure(found)}."
    return said


def _cure(found: dict[str, Any]) -> str:
    """What can be had against held-out ground that lies too near."""
    other = "test on another scene (--test-scene)"
    if found["split"] == "paper":
        return f"train with --split block, or {other}"
    buffer = found["proposed_buffer_px"]
    return f"train with --buffer {buffer}, or {other}" if buffer else other


def distances(scene: Scene, split: Split) -> np.ndarray:
    """Metres (pixels without a reference system) of held-out pixels to the nearest training pixel,
    (n,), on the scene thinned out. Pixels without data are neither."""
    step = max(1, -(-max(scene.grid.shape) // SIDE))
    train, test = (np.zeros(scene.grid.shape, bool)[::step, ::step] for _ in range(2))
    for tile in np.flatnonzero((split.part == TRAIN) | (split.part == TEST)):
        window = split.tiling.window(int(tile))
        rows, columns = (
            np.arange(-(-offset // step), -(-(offset + length) // step))
            for offset, length in (
                (window.row_off, window.height),
                (window.col_off, window.width),
            )
        )
        here = np.ix_(rows, columns)
        if split.part[tile] == TEST:
            test[here] = True
            continue
        usable = split.usable(int(tile))
        own = np.ix_(rows * step - window.row_off, columns * step - window.col_off)
        train[here] = usable[own]
    known = _valid(scene, step)
    train, test = train & known, test & known
    if not train.any() or not test.any():
        raise SlideScopeError(
            f"The split of scene '{scene.name}' has no training or no held-out pixel here: "
            "there is no distance between them to tell."
        )
    down, across = (step * size for size in autocorrelation.pixel_size(scene))
    return ndimage.distance_transform_edt(~train, sampling=(down, across))[test]


def _valid(scene: Scene, step: int) -> np.ndarray:
    """bool: which of every `step`-th pixel has all factors that may not have gaps."""
    height, width = scene.grid.shape
    found = []
    with scene.reading([name for name in scene.factor_names if name not in WITH_GAPS]) as read:
        for top in range(0, height, STRIP):
            values = read(Window(0, top, width, min(STRIP, height - top)))
            found.append(np.isfinite(values[:, -top % step :: step, ::step]).all(axis=0))
    return np.concatenate(found)
