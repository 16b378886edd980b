"""Predict a whole scene, window by window, in memory that does not grow with the scene.

Strips of finished rows are kept on disk, so a killed prediction goes on where it was; the
prediction's folder appears whole, at the end.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import rasterio

from core import atomic
from core.jobs.report import Report, part, silent
from core.learning import (
    device,
    inference,
    looks,
    metrics,
    network,
    products,
    reading,
    split,
    strips,
    uncertainty,
    windows,
)
from core.learning import flips as turning
from core.learning.looks import Answers
from core.learning.tiling import tiling_of
from core.learning.windows import Layout, Plan
from core.maps import display, splits
from core.runs.store import Run
from core.scene.files.guard import CACHE_BYTES
from core.scene.store import Scene

PROBABILITY = looks.PROBABILITY


def predict(
    run: Run,
    scene: Scene,
    report: Report = silent,
    with_uncertainty: bool = False,
    flips: int | None = None,
) -> dict:
    """Write probability, mask, outlines and counts of `scene` into the run's prediction folder.

    `flips`: how many looks (flips and turns) the probability is the mean of, 1, 4 or 8; by default
    as many as the run was configured with. Returns {run, scene, landslides, landslide_pixels,
    empty_mask, folder, uncertainty, flips, seconds}.
    """
    flips = run.config.flips if flips is None else flips
    report("Loading the network", None, run=run.id)
    built, card = network.load(run.path / "model")
    network.check_scene(card, scene)
    turning.check(scene, card.factors, flips)
    plan = windows.plan(scene, card.tile, Layout())
    layers = (PROBABILITY, *([uncertainty.NAME] if with_uncertainty else []))
    weights = run.path / "model" / network.WEIGHTS
    named = strips.key(weights, scene.fingerprint, plan, layers, flips)
    done = strips.Strips.beside(run.prediction(scene.name), named)
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
        infer = inference.fast(built, plan.height, plan.width, card.tile)
        spread = uncertainty.choices(run.config.augmentation) if with_uncertainty else ()
        answers = looks.answers(infer, built, card, scene, plan, flips, spread)
        seconds = predict_strips(answers, card, scene, plan, done, layers, part(report, 0.0, 0.9))
        made_with = {"weights": strips.sha256(weights).hex(), "flips": flips}
        if seconds is not None and not with_uncertainty:
            made_with["cost"] = {"seconds": round(seconds, 3), "device": device.detect().name}
        with atomic.whole_folder(run.prediction(scene.name)) as folder:
            for layer in layers:
                report("Joining the strips", 0.9)
                done.write(layer, scene.grid, folder / f"{layer}.tif")
            found = _finish(run, scene, folder, layers, made_with, report)
    done.remove()
    return {**found, "flips": flips, "seconds": seconds}


def predict_strips(
    answers: Answers,
    card: network.Card,
    scene: Scene,
    plan: Plan,
    done: strips.Strips,
    layers: tuple[str, ...] = (PROBABILITY,),
    report: Report = silent,
) -> float | None:
    """Compute and keep every strip that is not there yet; return the seconds that the whole scene
    took, None where a part of it was there already.

    Windows are read, coded and computed in threads: while one waits for the disk another computes.
    """
    batch = inference.batch_size(plan.height, plan.width)
    bands = plan.bands(batch)
    missing = [band for band in bands if not done.done(band[0].first, layers)]
    started = time.monotonic()
    with ThreadPoolExecutor(inference.streams() + 1) as pool:
        for number, band in enumerate(missing):
            share = (len(bands) - len(missing) + number) / len(bands)
            seconds = (time.monotonic() - started) / number if number else None
            left = {"eta_s": round(seconds * (len(missing) - number))} if number else {}
            report(
                f"Predicting: strip {round(share * len(bands)) + 1} of {len(bands)}", share, **left
            )
            done.save(band[0].first, _strip(answers, card, scene, plan, band, batch, layers, pool))
    return time.monotonic() - started if len(missing) == len(bands) else None


def _strip(answers, card, scene, plan: Plan, band, batch: int, layers, pool) -> dict:
    """{layer: float32 (rows, width)} of the row spans in `band`, NaN without data."""
    top, bottom = band[0].first, band[-1].last
    whole = {n: np.full((bottom - top, scene.grid.width), np.nan, np.float32) for n in layers}
    places = [(row, column) for row in band for column in plan.columns]

    def work(some) -> None:
        raw = np.stack([reading.window(scene, card.factors, *place, plan) for place in some])
        # A full batch each time: another shape would build the graph again.
        full = np.pad(raw, ((0, batch - len(some)), *[(0, 0)] * 3), constant_values=np.nan)
        for name, answer in answers(full).items():
            for (row, column), values, factors in zip(some, answer, raw):
                inside = np.s_[
                    row.first - row.start : row.last - row.start,
                    column.first - column.start : column.last - column.start,
                ]
                kept = np.where(scene.valid(factors[inside], card.factors), values[inside], np.nan)
                whole[name][row.first - top : row.last - top, column.first : column.last] = kept

    for _ in pool.map(work, _chunks(places, batch)):
        pass
    return whole


def _chunks(items: list, size: int) -> Iterator[list]:
    return (items[i : i + size] for i in range(0, len(items), size))


def _finish(
    run: Run, scene: Scene, folder, layers: tuple[str, ...], made_with: dict, report: Report
) -> dict:
    report("Outlining landslides", 0.92)
    products.save_origin(folder, scene, **made_with)
    pixels = products.write_mask(folder, scene.grid)
    polygons = products.write_outlines(folder, scene)
    if scene.inventory:
        tiling = tiling_of(scene)
        parts = _parts(run, scene, len(tiling))
        products.save_counts(folder, products.count_tiles(folder, scene, tiling), parts)
    report("Preparing the map", 0.96)
    for layer in layers:
        display.prepare_prediction(folder, scene, layer)
    if scene.name == run.config.scene:
        splits.write(folder, scene, split.load(run.path / "split.json"))
    return {
        "run": run.id,
        "scene": scene.name,
        "landslides": polygons,
        "landslide_pixels": pixels,
        "empty_mask": pixels == 0,
        "uncertainty": uncertainty.NAME in layers,
        "folder": str(run.prediction(scene.name)),
    }


def _parts(run: Run, scene: Scene, tiles: int) -> np.ndarray:
    if scene.name == run.config.scene:
        return split.load(run.path / "split.json").part
    return np.full(tiles, metrics.TEST, np.uint8)
