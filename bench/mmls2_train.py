"""Train one network by one recipe with the product's own trainer, and score a part of the tiles."""

from __future__ import annotations

import numpy as np
import rasterio
from mmls2_data import TEST, TRAIN
from mmls2_recipes import PRESETS, Recipe

from core.display import bins
from core.jobs.report import part, to_terminal
from core.learning import split
from core.learning.prediction import prediction
from core.learning.scores import metrics
from core.learning.split import Split
from core.learning.tiles import plots
from core.learning.tiles.plots import Plot
from core.learning.tiles.tiling import tiling_of
from core.learning.training import training
from core.runs import store as runs
from core.runs.request import TrainRequest
from core.scene import store as scenes
from core.workflows.train import configure

CURVE_TILES = 20  # of the training tiles, to draw the validation curve; not trained on
LOOKS = {False: 1, True: 8}


def score_fold(recipe: Recipe, model: str, preset: str, fold: int, folds: int, seed: int) -> dict:
    """Train without fold `fold` of the training tiles and score it."""
    scene = scenes.load(TRAIN)
    order = np.random.default_rng(465).permutation(len(tiling_of(scene)))
    held_out = order[fold::folds]
    run = train(recipe, model, preset, scene, held_out, seed, f"fold{fold}")
    return score([run], scene, held_out, recipe)


def score_once(recipe: Recipe, model: str, seeds: list[int]) -> dict:
    """Train on the 465 tiles, score the 66; with several seeds the mean of their probabilities."""
    scene, test = scenes.load(TRAIN), scenes.load(TEST)
    preset = recipe.preset or PRESETS[model]
    none = np.zeros(0, int)
    found = [train(recipe, model, preset, scene, none, seed, "all") for seed in seeds]
    return score(found, test, np.arange(len(tiling_of(test))), recipe)


def train(recipe: Recipe, model: str, preset: str, scene, held_out, seed: int, word: str):
    """Train, or go on with, the run of this recipe, network, seed and part."""
    name = "".join(
        c if c.isalnum() else "-" for c in f"{recipe.name}-{model}-{preset}-{word}-{seed}"
    )
    tiling = tiling_of(scene)
    parts = np.full(len(tiling), metrics.TRAIN, np.uint8)
    rest = np.setdiff1d(np.arange(len(tiling)), held_out)
    parts[held_out] = metrics.TEST
    parts[np.random.default_rng(seed).permutation(rest)[:CURVE_TILES]] = metrics.VALIDATION
    plot = Plot(scene, Split(tiling, parts, 0), split.tile_table(scene, tiling))
    about = {"preset": preset, "seed": seed, "buffer": 0, "test_scene": TEST}
    about |= {"epochs": recipe.epochs, "monitor": "last", **recipe.settings}
    config = configure(TrainRequest(TRAIN, model, "rs", **about)).config
    try:
        run = runs.load(name)
    except runs.SlideScopeError:
        run = runs.create(config, name, None, lambda f: plots.save_splits([plot], config, f))
    training.train(run, [plot], part(to_terminal, 0.0, 1.0))
    return run


def score(found: list, scene, tiles: np.ndarray, recipe: Recipe) -> dict:
    """mIoU at 0.5 and, for orientation, at the best threshold of these very tiles, of the mean over
    the runs, each predicted as the product predicts a tile scene."""
    mean = np.mean([probability(run, scene, LOOKS[recipe.turns]) for run in found], axis=0)
    shown, mask = bins.to_display(mean), scene.read_mask()
    tiling = tiling_of(scene)
    counts = np.zeros((bins.BINS, 2), np.int64)
    for number in tiles:
        here = tiling.window(int(number)).toslices()
        counts += metrics.count(shown[here], mask[here])
    scored = metrics.scores(counts)
    cuts = [metrics.scores(counts, t)["miou"] for t in np.arange(1, 20) / 20]
    return {
        "miou": round(scored["miou"], 4),
        "iou_landslide": round(scored["iou_landslide"], 4),
        "f1": round(scored["f1"], 4),
        "best_threshold_miou": round(max(cuts), 4),
        "best_threshold": float((np.argmax(cuts) + 1) / 20),
        "seeds": len(found),
        "epochs": len(found[0].history()),
        "train_minutes": round(sum(r["seconds"] for run in found for r in run.history()) / 60, 1),
        "parameters": found[0].model_card()["trainable_parameters"],
    }


def probability(run, scene, looks: int) -> np.ndarray:
    """float32 (height, width) of the whole strip of tiles."""
    folder = run.prediction(scene.name)
    if not folder.exists() or run.flips(scene.name) != looks:
        prediction.predict(run, scene, part(to_terminal, 0.0, 1.0), flips=looks)
    with rasterio.open(folder / "probability.tif") as source:
        return source.read(1)
