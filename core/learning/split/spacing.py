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
from scipy import ndimage

from core.analysis import autocorrelation
from core.errors import SlideScopeError
from core.learning.scores.metrics import TEST, TRAIN
from core.learning.split.draw import BLOCK_TILES
from core.learning.split.parts import Split
from core.scene.store import Scene

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# Pixels along the longer side that distances are measured on.
SIDE = 1024


def check(scene: Scene, split: Split) -> dict[str, Any]:
    """Return {unit, ranges, range, distances, near_share, block, proposed_block_px,
    proposed_buffer_px, words} of a split of the scene it is of.

    `range`: the middle of the factors' ranges; `distances` of held-out pixels to the nearest
    training pixel at `QUANTILES`; `near_share` of them within the range; `block` the side of the
    split's blocks, `proposed_block_px` the least whole number of tiles that reaches the range, and
    `proposed_buffer_px` what `--buffer` can do for it, both in pixels. Lengths are in `unit`.
    """
    ranges = autocorrelation.of_scene(scene)
    middle = autocorrelation.median(ranges)
    away = distances(scene, split)
    pixel = max(autocorrelation.pixel_size(scene))
    tile = split.tiling.tile
    near = float((away <= middle).mean())
    block = BLOCK_TILES * tile
    proposed = max(1, ceil(middle / pixel / tile)) * tile
    found: dict[str, Any] = {
        "unit": "m" if scene.grid.crs else "px",
        "ranges": [vars(each) for each in ranges],
        "range": middle,
        "distances": {f"{q:g}": float(v) for q, v in zip(QUANTILES, np.quantile(away, QUANTILES))},
        "near_share": near,
        "block": block * pixel,
        "proposed_block_px": proposed,
        "proposed_buffer_px": min(ceil(middle / pixel), tile - 1),
    }
    return {**found, "words": words(found, pixel)}


def words(found: dict[str, Any], pixel: float) -> str:
    """What it means, in two or three sentences."""
    unit, middle = found["unit"], found["range"]
    said = (
        f"The factors are alike over {middle:,.0f} {unit} (the middle of their ranges); "
        f"{100 * found['near_share']:.0f} % of the held-out pixels lie nearer than that to a "
        f"training pixel, half of them nearer than {found['distances']['0.5']:,.0f} {unit}."
    )
    if found["block"] >= middle:
        said += f" The split's blocks of {found['block']:,.0f} {unit} are wider than the range."
    else:
        side = found["proposed_block_px"]
        said += (
            f" The split's blocks of {found['block']:,.0f} {unit} are narrower: {side} px "
            f"({side * pixel:,.0f} {unit}) would reach it."
        )
    if found["near_share"] > 0.5:
        said += (
            f" Scores are optimistic for ground farther away: train with --buffer "
            f"{found['proposed_buffer_px']}, or test on another scene (--test-scene)."
        )
    return said


def distances(scene: Scene, split: Split) -> np.ndarray:
    """Metres (pixels without a reference system) of held-out pixels to the nearest training pixel,
    (n,), on the scene thinned out."""
    step = max(1, -(-max(scene.grid.shape) // SIDE))
    train, test = (np.zeros(scene.grid.shape, bool)[::step, ::step] for _ in range(2))
    for number in np.flatnonzero((split.part == TRAIN) | (split.part == TEST)):
        window = split.tiling.window(int(number))
        rows, columns = (
            np.arange(-(-offset // step), -(-(offset + length) // step))
            for offset, length in (
                (window.row_off, window.height),
                (window.col_off, window.width),
            )
        )
        here = np.ix_(rows, columns)
        if split.part[number] == TEST:
            test[here] = True
            continue
        usable = split.usable(int(number))
        own = np.ix_(rows * step - window.row_off, columns * step - window.col_off)
        train[here] = usable[own]
    if not train.any() or not test.any():
        raise SlideScopeError(
            f"The split of scene '{scene.name}' has no training or no held-out pixel here: "
            "there is no distance between them to tell."
        )
    down, across = (step * size for size in autocorrelation.pixel_size(scene))
    return ndimage.distance_transform_edt(~train, sampling=(down, across))[test]
