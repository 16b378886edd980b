"""bfloat16 in prediction: where the processor computes it and the network's masks stay the same.

runs/<id>/precision.json    {weights, shift, iou, f1_difference, pixels, accepted}

Half the memory traffic is nearly half the time (docs/prediction.md), but what rounding does to a
mask depends on the network. So each network is asked once, on the parts of a scene with the most
landslides: what rounding takes off its scores on the mean is given back (bias correction, Nagel et
al. 2019), and if its masks in both formats then do not agree by the rule below, it stays with
float32.
"""

import os
from typing import Any

import numpy as np
from rasterio.windows import Window

from core import atomic
from core.jobs.report import Report, silent
from core.learning.networks.card import ModelCard
from core.learning.prediction import inference, reading, strips, windows
from core.learning.prediction.inference import BFLOAT16, FLOAT32, Format
from core.runs.store import Run
from core.scene.store import Scene

FILE = "precision.json"
# The rule: IoU of the two masks, difference of their F1, on a mask that is not nearly empty.
LEAST_IOU, LARGEST_F1, LEAST_PIXELS = 0.99, 0.002, 100
LOOKED_AT = windows.WindowLayout(512, 0)
PLACES = 4
UNSURE = 0.05, 0.95  # probabilities whose scores are compared
# A user's word: f32 asks for no network and makes maps alike on all processors.
VARIABLE = "SLIDESCOPE_PRECISION"


def choose(run: Run, built: Any, card: ModelCard, scene: Scene, report: Report = silent) -> Format:
    """Return the numbers that the run's network predicts in here.

    A scene without an inventory cannot tell; there a network that was never asked stays with
    float32.
    """
    if os.environ.get(VARIABLE) == FLOAT32.name or not inference.computes_bfloat16():
        return FLOAT32
    weights = strips.sha256(run.path / "model" / "model.weights.h5").hex()
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
    x, valid = reading.encoded(raw, card), scene.valid(raw, card.factors)
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
        raws.append(reading.window(scene, card.factors, row, column, plan))
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
