"""Predict a whole scene, window by window, in memory that does not grow with the scene.

Strips of finished rows are kept on disk, so a killed prediction goes on where it was; the
prediction's folder appears whole, at the end.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio

from core import atomic
from core.jobs.report import Report, part, silent
from core.learning.networks import device, network
from core.learning.prediction import flips as turning
from core.learning.prediction import (
    inference,
    looks,
    precision,
    reading,
    strips,
    uncertainty,
    windows,
)
from core.learning.prediction.finishing import finish
from core.learning.prediction.looks import Answers
from core.learning.prediction.windows import WindowLayout, WindowPlan
from core.learning.tiles import classes
from core.runs.store import Run
from core.scene.files.guard import CACHE_BYTES
from core.scene.store import Scene

PROBABILITY = looks.PROBABILITY


@dataclass(frozen=True)
class Computed:
    """A probability in strips: what it was made with (for the map's record) and the seconds it
    took, None where some strips were there already."""

    strips: strips.Strips
    made_with: dict
    seconds: float | None


def predict(
    run: Run,
    scene: Scene,
    report: Report = silent,
    with_uncertainty: bool = False,
    flips: int | None = None,
) -> dict:
    """Write probability, mask, outlines and counts of `scene` into the run's prediction folder.

    `flips`: how many looks (flips and turns) the probability is the mean of, 1, 4 or 8; by default
    as many as the run was configured with. Returns what `finishing.finish` does, uncertainty and
    seconds.
    """
    target = run.prediction(scene.name)
    layers = (PROBABILITY, *([uncertainty.NAME] if with_uncertainty else []))
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
        computed = compute(run, scene, target, part(report, 0.0, 0.9), layers, flips)
        with atomic.whole_folder(target) as folder:
            for layer in layers:
                report("Joining the strips", 0.9)
                computed.strips.write(layer, scene.grid, folder / f"{layer}.tif")
            found = finish(run, scene, folder, layers, computed.made_with, report)
    computed.strips.remove()
    return {**found, "uncertainty": with_uncertainty, "seconds": computed.seconds}


def compute(
    run: Run,
    scene: Scene,
    target: Path,
    report: Report = silent,
    layers: tuple[str, ...] = (PROBABILITY,),
    flips: int | None = None,
) -> Computed:
    """Compute the strips of a prediction beside `target`, going on with those that are there."""
    flips = run.config.flips if flips is None else flips
    report("Loading the network", None, run=run.id)
    built, card = network.load(run.path / "model")
    network.check_scene(card, scene)
    scene = classes.recoded(scene, card.legends)
    turning.check(scene, card.factors, flips)
    numbers = precision.choose(run, built, card, scene, report)
    layout = WindowLayout.of(card.model, card.tile, halved=numbers.name == inference.BFLOAT16.name)
    plan = windows.plan(scene, card.tile, layout)
    weights = run.path / "model" / network.WEIGHTS
    named = strips.key(weights, scene.fingerprint, plan, layers, flips, numbers)
    done = strips.Strips.beside(target, named)
    spread = uncertainty.choices(run.config.augmentation) if uncertainty.NAME in layers else ()
    answers = looks.answers(
        lambda height, width: inference.fast(built, height, width, card.tile, numbers),
        *(card, scene, plan, flips, spread),
    )
    seconds = predict_strips(answers, card, scene, plan, done, layers, report)
    hashed = strips.sha256(weights).hex()
    made_with = {"weights": hashed, "flips": flips, "precision": numbers.name}
    if seconds is not None and not spread:
        made_with["cost"] = {"seconds": round(seconds, 3), "device": device.detect().name}
    return Computed(done, made_with, seconds)


def predict_strips(
    answers: Answers,
    card: network.ModelCard,
    scene: Scene,
    plan: WindowPlan,
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
            seconds = (time.monotonic() - started) / max(number, 1)
            left = {"eta_s": round(seconds * (len(missing) - number))} if number else {}
            report(
                f"Predicting: strip {round(share * len(bands)) + 1} of {len(bands)}", share, **left
            )
            done.save(band[0].first, _strip(answers, card, scene, plan, band, batch, layers, pool))
    return time.monotonic() - started if len(missing) == len(bands) else None


def _strip(answers, card, scene, plan: WindowPlan, band, batch: int, layers, pool) -> dict:
    """{layer: float32 (rows, width)} of the row spans in `band`, NaN without data."""
    top, bottom = band[0].first, band[-1].last
    whole = {n: np.full((bottom - top, scene.grid.width), np.nan, np.float32) for n in layers}
    places = [(row, column) for row in band for column in plan.columns]

    def work(some) -> None:
        windows = (reading.window(scene, card.factors, down, across, plan) for down, across in some)
        raw = np.stack(list(windows))
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
