"""Predict a whole scene with overlapped, blended windows of the training tile's size.

CBAM's channel gate pools over its whole input, so a network trained on 128 px tiles sees other
statistics in a larger window: windows keep the training size. Neighbouring windows overlap by 32 px
and are blended there, so that no seam shows.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic
from core.jobs.report import Report, part, silent
from core.learning import metrics, network, products, split
from core.learning.channels import encode
from core.learning.tiling import tiling_of
from core.maps import display, splits
from core.runs.store import Run
from core.scene.store import Scene

OVERLAP = 32
BATCH = 8


def predict(run: Run, scene: Scene, report: Report = silent) -> dict:
    """Write probability, mask, outlines and counts of `scene` into the run's prediction folder.

    Returns {run, scene, landslides, landslide_pixels, empty_mask, folder}.
    """
    report("Loading the network", None, run=run.id)
    built, card = network.load(run.path / "model")
    network.check_scene(card, scene)
    with atomic.whole_folder(run.prediction(scene.name)) as folder:
        _write_probability(built, card, scene, folder, part(report, 0.0, 0.9))
        report("Outlining landslides", 0.92)
        pixels = products.write_mask(folder, scene.grid)
        polygons = products.write_outlines(folder, scene)
        if scene.inventory:
            tiling = tiling_of(scene)
            parts = _parts(run, scene, len(tiling))
            products.save_counts(folder, products.count_tiles(folder, scene, tiling), parts)
        display.prepare_prediction(folder, scene)
        if scene.name == run.config.scene:
            splits.write(folder, scene, split.load(run.path / "split.json"))
    return {
        "run": run.id,
        "scene": scene.name,
        "landslides": polygons,
        "landslide_pixels": pixels,
        "empty_mask": pixels == 0,
        "folder": str(run.prediction(scene.name)),
    }


def _parts(run: Run, scene: Scene, tiles: int) -> np.ndarray:
    if scene.name == run.config.scene:
        return split.load(run.path / "split.json").part
    return np.full(tiles, metrics.TEST, np.uint8)


def _write_probability(built: Any, card: network.Card, scene: Scene, folder, report) -> None:
    how = products.profile(scene.grid, "float32", np.nan)
    rows = _origins(scene.grid.height, card.tile, scene)
    with rasterio.open(folder / "probability.tif", "w", **how) as target:
        for top, strip in blended_rows(built, card, scene, rows, report):
            height = strip.shape[0]
            target.write(strip, 1, window=Window(0, top, scene.grid.width, height))


def blended_rows(
    built: Any, card: network.Card, scene: Scene, rows: list[int], report: Report
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (first row, probability float32 (rows, width)) strips from top to bottom.

    Memory holds one row of windows: rows that no later window touches are given out.
    """
    width = scene.grid.width
    columns = _origins(width, card.tile, scene)
    weight = window_weight(card.tile, 0 if scene.kind == "tiles" else OVERLAP)
    total, weights = np.zeros((2, card.tile, width), np.float32)
    for i, top in enumerate(rows):
        report(f"Predicting: row {i + 1} of {len(rows)} of windows", i / len(rows))
        strip = _read_strip(scene, card, top)
        encoded = encode(strip, scene.factor_names, card.channels)
        for left, probability in _predict_row(built, encoded, card.tile, columns):
            right = min(left + card.tile, width)
            total[:, left:right] += (probability * weight)[:, : right - left]
            weights[:, left:right] += weight[:, : right - left]
        following = rows[i + 1] if i + 1 < len(rows) else scene.grid.height
        done = following - top
        blended = (total[:done] / np.maximum(weights[:done], 1e-6))[: scene.grid.height - top]
        blended[~_valid(scene, card, strip)[: len(blended)]] = np.nan
        yield top, blended
        keep = card.tile - done
        for buffer in (total, weights):
            buffer[:keep] = buffer[done:].copy() if keep > 0 else 0
            buffer[max(keep, 0) :] = 0


def window_weight(side: int, overlap: int) -> np.ndarray:
    """Weight (side, side) of a window: 1 inside, falling linearly over the overlap.

    >>> window_weight(4, 2)[1].round(2)
    array([0.22, 0.44, 0.44, 0.22], dtype=float32)
    """
    ramp = np.minimum(np.arange(side), np.arange(side)[::-1]) + 1
    line = np.minimum(ramp / (overlap + 1), 1).astype(np.float32)
    return np.outer(line, line)


def _origins(length: int, side: int, scene: Scene) -> list[int]:
    """First pixel of every window along one axis; the last one ends with the scene."""
    if length <= side:
        return [0]
    stride = side if scene.kind == "tiles" else side - OVERLAP
    return [*range(0, length - side, stride), length - side]


def _read_strip(scene: Scene, card: network.Card, top: int) -> np.ndarray:
    """float32 (tile, width or tile, all factors) from row `top`, NaN beyond the scene."""
    height = min(card.tile, scene.grid.height - top)
    values = scene.read(window=Window(0, top, scene.grid.width, height))
    beyond = ((0, card.tile - height), (0, max(0, card.tile - scene.grid.width)), (0, 0))
    return np.pad(values, beyond, constant_values=np.nan)


def _valid(scene: Scene, card: network.Card, strip: np.ndarray) -> np.ndarray:
    """The factors of the model are there, deformation excepted."""
    picked = strip[:, : scene.grid.width, [scene.factor_names.index(n) for n in card.factors]]
    return scene.valid(picked, card.factors)


def _predict_row(built: Any, encoded: np.ndarray, side: int, columns) -> Iterator[tuple]:
    for start in range(0, len(columns), BATCH):
        lefts = columns[start : start + BATCH]
        batch = np.stack([encoded[:, left : left + side] for left in lefts])
        # A full batch each time: another shape would build the graph again.
        batch = np.concatenate([batch, np.zeros((BATCH - len(lefts), *batch.shape[1:]), "f4")])
        for left, probability in zip(lefts, np.asarray(built.predict_on_batch(batch))):
            yield left, probability[..., 0]
