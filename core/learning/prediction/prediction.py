"""Predict a whole scene, window by window, in memory that does not grow with the scene.

Strips of finished rows are kept on disk, so a killed prediction goes on where it was; the
prediction's folder appears whole, at the end.
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic, disk
from core.cluster.pool import Pool
from core.jobs.report import Report, part, silent
from core.learning.networks import device, network
from core.learning.networks.card import ModelCard
from core.learning.prediction import inference, looks, tasks, windows
from core.learning.prediction.inference import BFLOAT16, FLOAT32, Format
from core.learning.prediction.looks import Answers
from core.learning.prediction.products import finish
from core.learning.prediction.windows import WindowLayout, WindowPlan
from core.learning.tiles import channels
from core.runs.store import Run
from core.scene import intact
from core.scene.files.guard import CACHE_BYTES
from core.scene.store import Scene

FILE = "precision.json"
# The rule: IoU of the two masks, difference of their F1, on a mask that is not nearly empty.
LEAST_IOU, LARGEST_F1, LEAST_PIXELS = 0.99, 0.002, 100
LOOKED_AT = windows.WindowLayout(512, 0)
PLACES = 4
UNSURE = 0.05, 0.95  # probabilities whose scores are compared
# A user's word: f32 asks for no network and makes maps alike on all processors.
VARIABLE = "SLIDESCOPE_PRECISION"


PROBABILITY = looks.PROBABILITY


@dataclass(frozen=True)
class Computed:
    """A probability in strips: what it was made with (for the map's record) and the seconds it
    took, None where some strips were there already."""

    strips: windows.Strips
    made_with: dict
    seconds: float | None


def predict(
    run: Run,
    scene: Scene,
    report: Report = silent,
    with_uncertainty: bool = False,
    flips: int | None = None,
    pool: Pool | None = None,
) -> dict:
    """Write probability, mask, outlines and counts of `scene` into the run's prediction folder.

    `flips`: how many looks (flips and turns) the probability is the mean of, 1, 4 or 8; by default
    as many as the run was configured with. `pool`: who computes, in place of this process. Returns
    what `products.finish` does, uncertainty and seconds.
    """
    target = run.prediction(scene.name)
    layers = (PROBABILITY, *([looks.UNCERTAINTY] if with_uncertainty else []))
    # As strips, then as one raster, both of float32 at the most.
    disk.check_room(run.path, 8 * scene.grid.width * scene.grid.height * len(layers), "the map")
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
        computed = compute(run, scene, target, part(report, 0.0, 0.9), layers, flips, pool)
        with atomic.whole_folder(target, record=True) as folder:
            for layer in layers:
                report("Joining the strips", 0.9)
                computed.strips.write(layer, scene.grid, folder / f"{layer}.tif")
            found = finish(run, scene, folder, layers, computed.made_with, report, pool)
    computed.strips.remove()
    return {**found, "uncertainty": with_uncertainty, "seconds": computed.seconds}


def compute(
    run: Run,
    scene: Scene,
    target: Path,
    report: Report = silent,
    layers: tuple[str, ...] = (PROBABILITY,),
    flips: int | None = None,
    pool: Pool | None = None,
) -> Computed:
    """Compute the strips of a prediction beside `target`, going on with those that are there."""
    flips = run.config.flips if flips is None else flips
    report("Loading the network", None, run=run.id)
    intact.check_scene(scene)
    ready = made(run, scene, layers, flips, report=report)
    done = windows.Strips.beside(target, ready.named)
    if pool is None:
        answers, plan = ready.answers, ready.plan
        seconds = predict_strips(answers, ready.card, ready.scene, plan, done, layers, report)
    else:
        missing = [n for n, b in enumerate(ready.bands) if not done.done(b[0].first, layers)]
        state = (scene.name, scene.fingerprint)
        wanted = tasks.Wanted(run.id, *state, layers, flips, ready.numbers, ready.named)
        there = len(ready.bands) - len(missing)
        tasks.compute(wanted, done.folder, missing, there, pool, report)
        seconds = None  # of several processors at once
    hashed = windows.sha256(run.path / "model" / network.WEIGHTS).hex()
    made_with = {"weights": hashed, "flips": flips, "precision": ready.numbers.name}
    if seconds is not None and looks.UNCERTAINTY not in layers:
        made_with["cost"] = {"seconds": round(seconds, 3), "device": device.detect().name}
    return Computed(done, made_with, seconds)


@dataclass(frozen=True)
class Made:
    """What strips are computed with: the network as a function, its card, the scene as it knows it,
    windows and numbers; `named` changes with any of them."""

    answers: Answers
    card: ModelCard
    scene: Scene
    plan: WindowPlan
    numbers: Format
    named: str

    @property
    def batch(self) -> int:
        return inference.batch_size(self.plan.height, self.plan.width)

    @property
    def bands(self) -> list[tuple[windows.Span, ...]]:
        """Rows of windows that are computed and kept together."""
        return self.plan.bands(self.batch)


def made(
    run: Run,
    scene: Scene,
    layers: tuple[str, ...],
    flips: int,
    numbers: Format | None = None,
    report: Report = silent,
) -> Made:
    """Load a run's network and lay its windows over `scene`; `numbers` where they are chosen."""
    built, card = network.load(run.path / "model")
    network.check_scene(card, scene)
    scene = channels.recoded(scene, card.legends)
    looks.check(scene, card.factors, flips)
    numbers = numbers or choose(run, built, card, scene, report)
    layout = WindowLayout.of(card.model, card.tile, halved=numbers.name == inference.BFLOAT16.name)
    plan = windows.plan(scene, card.tile, layout)
    weights = run.path / "model" / network.WEIGHTS
    named = windows.key(weights, scene.fingerprint, plan, layers, flips, numbers)
    spread = looks.choices(run.config.augmentation) if looks.UNCERTAINTY in layers else ()
    answers = looks.answers(
        lambda height, width: inference.fast(built, height, width, card.tile, numbers),
        *(card, scene, plan, flips, spread),
    )
    return Made(answers, card, scene, plan, numbers, named)


def keep_strip(
    ready: Made, band: tuple[windows.Span, ...], strips: windows.Strips, layers: tuple[str, ...]
) -> None:
    """Compute a band of windows and keep it, unless it is there."""
    if strips.done(band[0].first, layers):
        return
    how = (ready.answers, ready.card, ready.scene, ready.plan)
    with ThreadPoolExecutor(inference.streams() + 1) as pool:
        strips.save(band[0].first, _strip(*how, band, ready.batch, layers, pool))


def predict_strips(
    answers: Answers,
    card: network.ModelCard,
    scene: Scene,
    plan: WindowPlan,
    done: windows.Strips,
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
        found = (windows.window(scene, card.factors, down, across, plan) for down, across in some)
        raw = np.stack(list(found))
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


def choose(run: Run, built: Any, card: ModelCard, scene: Scene, report: Report = silent) -> Format:
    """Return the numbers that the run's network predicts in here.

    A scene without an inventory cannot tell; there a network that was never asked stays with
    float32.
    """
    if os.environ.get(VARIABLE) == FLOAT32.name or not inference.computes_bfloat16():
        return FLOAT32
    weights = windows.sha256(run.path / "model" / "model.weights.h5").hex()
    known = atomic.read_json(run.path / FILE)
    if known is None or known["weights"] != weights:
        if not scene.inventory:
            return FLOAT32
        report("Comparing bfloat16 with float32 on the landslides: once for a network", None)
        known = {"weights": weights, **compare(built, card, scene)}
        atomic.write_json(run.path / FILE, known)
    return Format(BFLOAT16.name, known["shift"]) if known["accepted"] else FLOAT32


def compare(built: Any, card: ModelCard, scene: Scene) -> dict:
    """Masks at .5 of both formats in the windows of `scene` with the most landslide pixels.

    Returns {shift, iou, f1_difference, pixels (of the float32 mask), accepted}.
    """
    plan = windows.plan(scene, card.tile, LOOKED_AT)
    raw, reference = _places(scene, card, plan)
    x, valid = windows.encoded(raw, card), scene.valid(raw, card.factors)
    scores = []
    for numbers in (BFLOAT16, FLOAT32):
        infer = inference.fast(built, plan.height, plan.width, card.tile, numbers)
        scores.append(_logit(_batches(infer, x, plan)))
    half, full = scores
    unsure = valid & (full > _logit(UNSURE[0])) & (full < _logit(UNSURE[1]))
    shift = float(np.median((full - half)[unsure])) if unsure.any() else 0.0
    masks = (half + shift >= 0) & valid, (full >= 0) & valid
    iou, difference = inference.same_masks(*masks, reference & valid)
    pixels = int(masks[1].sum())
    good = iou >= LEAST_IOU and difference <= LARGEST_F1 and pixels >= LEAST_PIXELS
    found = {"shift": shift, "iou": iou, "f1_difference": difference, "pixels": pixels}
    return {**found, "accepted": good}


def _logit(probability) -> np.ndarray:
    p = np.clip(np.asarray(probability, np.float64), 1e-7, 1 - 1e-7)
    return np.log(p / (1 - p))


def _places(
    scene: Scene, card: ModelCard, plan: windows.WindowPlan
) -> tuple[np.ndarray, np.ndarray]:
    """Raw windows (n, height, width, factors) with the most landslide pixels, and their reference
    masks, bool."""
    found = []
    for row in plan.rows:
        for column in plan.columns:
            inside = (row.last - row.first, column.last - column.first)
            mask = scene.read_mask(Window(column.first, row.first, *inside[::-1])) == 1
            found.append((int(mask.sum()), row, column, mask))
    found.sort(key=lambda place: -place[0])
    count = max(1, PLACES * LOOKED_AT.side**2 // (plan.height * plan.width))
    raws, masks = [], []
    for _, row, column, mask in found[:count]:
        raws.append(windows.window(scene, card.factors, row, column, plan))
        whole = np.zeros((plan.height, plan.width), bool)
        top, left = row.first - row.start, column.first - column.start
        whole[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
        # What another window answers for counts there, not twice.
        outside = np.ones_like(whole)
        outside[top : top + mask.shape[0], left : left + mask.shape[1]] = False
        raws[-1][outside] = np.nan
        masks.append(whole)
    return np.stack(raws), np.stack(masks)


def _batches(infer: inference.Infer, x: np.ndarray, plan: windows.WindowPlan) -> np.ndarray:
    """Answers to any number of windows, by full batches."""
    size = inference.batch_size(plan.height, plan.width)
    full = np.pad(x, ((0, -len(x) % size), *[(0, 0)] * 3))
    parts = [infer(full[i : i + size]) for i in range(0, len(full), size)]
    return np.concatenate(parts)[: len(x)]
