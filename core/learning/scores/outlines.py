"""What the scores owe to the outlines: the reference shifted, eroded and grown by a few pixels.

Outlines are drawn by hand on images that lie a little off, and a map that is right by a pixel
loses as much as one that is wrong. Scored anew against the reference moved in eight directions,
eroded and grown, it says how much of a difference the outlines alone could make.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import rasterio
from scipy import ndimage

from core.display import bins
from core.learning.scores import metrics
from core.learning.tiles.tiling import tiling_of
from core.runs import run_files
from core.runs.store import Run
from core.scene.store import Scene

METRICS = ("precision", "recall", "f1", "iou_landslide")
DIRECTIONS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right)
# Corners count: an outline that is off by one may be off across.
NEIGHBOURS = np.ones((1, 3, 3), bool)
# Pixels of a scene times those that outlines are moved by, which take a few seconds.
QUICK = 32_000_000


def of_run(
    run: Run, scene: Scene, area: metrics.Area, part: np.ndarray, threshold: float, pixels: int
) -> dict[str, Any]:
    """Return {pixels, metres, mapped, rows} of the map of `run` on an area at a threshold.

    `part` (tiles,). `mapped` are the scores against the outlines as they are; a row {by, shifted:
    {metric: [lowest, highest]}, eroded, grown} for 1 .. `pixels` pixels, the last two None where
    nothing of the reference is left. In a tile scene nothing crosses a tile's border.
    """
    predicted, reference, inside = _planes(run, scene, area, part, threshold)

    def scores(mask: np.ndarray) -> dict[str, float]:
        return score(predicted, mask[inside])

    rows = []
    for by in range(1, pixels + 1):
        moved = [scores(mask) for mask in shifts(reference, by)]
        eroded = ndimage.binary_erosion(reference, NEIGHBOURS, by, border_value=1)
        grown = ndimage.binary_dilation(reference, NEIGHBOURS, by)
        rows.append(
            {
                "by": by,
                "shifted": {n: [f(s[n] for s in moved) for f in (min, max)] for n in METRICS},
                "eroded": scores(eroded) if eroded[inside].any() else None,
                "grown": scores(grown),
            }
        )
    metres = scene.grid.resolution[0] if scene.grid.crs else None
    return {"pixels": pixels, "metres": metres, "mapped": scores(reference), "rows": rows}


def is_quick(scene: Scene, pixels: int) -> bool:
    """Whether a page may ask for it while somebody waits."""
    return scene.grid.width * scene.grid.height * pixels <= QUICK


def score(predicted: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """The four metrics of two masks, bool (n,).

    >>> score(np.array([True, True, False]), np.array([True, False, True]))["f1"]
    0.5
    """
    tp = int((predicted & reference).sum())
    fp, fn = int(predicted.sum()) - tp, int(reference.sum()) - tp
    found = metrics.ratios(tp, fp, fn, len(predicted) - tp - fp - fn)
    return {name: float(found[name]) for name in METRICS}


def shifts(masks: np.ndarray, by: int) -> Iterator[np.ndarray]:
    """Yield masks bool (n, rows, columns) moved `by` pixels in eight directions; what moves over
    an edge is gone, and nothing comes in.

    >>> masks = np.zeros((1, 3, 3), bool); masks[0, 1, 1] = True
    >>> sorted(int(moved.argmax()) for moved in shifts(masks, 1))
    [0, 1, 2, 3, 5, 6, 7, 8]
    """
    rows, columns = masks.shape[1:]
    for down, right in DIRECTIONS:
        found = np.zeros_like(masks)
        to_rows, from_rows = _moved(rows, down * by)
        to_columns, from_columns = _moved(columns, right * by)
        found[:, to_rows, to_columns] = masks[:, from_rows, from_columns]
        yield found


def _moved(length: int, by: int) -> tuple[slice, slice]:
    """(where it goes, where it comes from) along one axis."""
    if by >= 0:
        return slice(by, None), slice(0, max(length - by, 0))
    return slice(0, max(length + by, 0)), slice(-by, None)


def _planes(
    run: Run, scene: Scene, area: metrics.Area, part: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(predicted mask of the pixels that count (n,), reference bool (planes, rows, columns), bool
    of that shape: the pixels that count). A tile scene is a plane a tile, else there is one."""
    tiling = tiling_of(scene)
    with rasterio.open(run.prediction(scene.name) / run_files.PROBABILITY) as source:
        shown = np.empty(scene.grid.shape, np.uint8)
        for _, window in source.block_windows(1):
            shown[window.toslices()] = bins.to_display(source.read(1, window=window))
    chosen = metrics.in_area(part, area).reshape(tiling.shape)
    wide = chosen.repeat(tiling.tile, axis=0).repeat(tiling.tile, axis=1)
    inside = wide[: shown.shape[0], : shown.shape[1]] & (shown != bins.NO_DATA)
    reference = scene.read_mask() == 1
    predicted = bins.to_mask(shown, threshold) == 1
    shape = (len(tiling), tiling.tile, -1) if scene.kind == "tiles" else (1, *shown.shape)
    inside = inside.reshape(shape)
    return predicted.reshape(shape)[inside], reference.reshape(shape), inside
