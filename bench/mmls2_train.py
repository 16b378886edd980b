"""Train one network by one recipe with the product's own trainer, and score a part of the tiles."""

from __future__ import annotations

import sys

import numpy as np
from mmls2_data import TEST, TRAIN
from mmls2_recipes import PRESETS, Recipe

from core.jobs.report import part, to_terminal
from core.learning import (
    augmentation,
    batch_statistics,
    bins,
    metrics,
    network,
    presets,
    split,
    training,
)
from core.learning.channels import channels_of
from core.learning.feed import TileFeed
from core.learning.split import Split
from core.learning.tiling import tiling_of
from core.runs import store as runs
from core.runs.config import RunConfig
from core.scene import store as scenes

BATCH = 8
CURVE_TILES = 20  # of the training tiles, to draw the validation curve; not trained on


def score_fold(recipe: Recipe, model: str, preset: str, fold: int, folds: int, seed: int) -> dict:
    """Train without fold `fold` of the training tiles and score it."""
    scene = scenes.load(TRAIN)
    order = np.random.default_rng(465).permutation(len(tiling_of(scene)))
    held_out = order[fold::folds]
    run = train(recipe, model, preset, scene, held_out, seed, f"fold{fold}")
    return score(run, scene, held_out, recipe)


def score_once(recipe: Recipe, model: str, seed: int) -> dict:
    """Train on the 465 tiles, score the 66."""
    scene, test = scenes.load(TRAIN), scenes.load(TEST)
    run = train(recipe, model, PRESETS[model], scene, np.zeros(0, int), seed, "all")
    return score(run, test, np.arange(len(tiling_of(test))), recipe)


def train(recipe: Recipe, model: str, preset: str, scene, held_out, seed: int, word: str):
    """Train, or go on with, the run of this recipe, network, seed and part."""
    name = "".join(
        c if c.isalnum() else "-"
        for c in f"{recipe.network_of or recipe.name}-{model}-{preset}-{word}-{seed}"
    )
    tiling = tiling_of(scene)
    parts = np.full(len(tiling), metrics.TRAIN, np.uint8)
    rest = np.setdiff1d(np.arange(len(tiling)), held_out)
    parts[held_out] = metrics.TEST
    parts[np.random.default_rng(seed).permutation(rest)[:CURVE_TILES]] = metrics.VALIDATION
    made = Split(tiling, parts, 0)
    table = split.tile_table(scene, tiling)
    given = {**presets.PAPER, **recipe.settings}
    given |= {"epochs": recipe.epochs, "monitor": "last"}
    config = RunConfig(
        scene=scene.name,
        fingerprint=scene.fingerprint,
        inventory_version=scene.inventory["version"],
        synthetic=False,
        model=model,
        preset=preset,
        dataset="rs",
        factors=scene.factor_names,
        seed=seed,
        test_scene=TEST,
        buffer=0,
        **presets.settings(model, preset, given, int((parts == metrics.TRAIN).sum())),
    )
    try:
        run = runs.load(name)
    except runs.SlideScopeError:
        run = runs.create(config, name, None)
        split.save(made, run.path / "split.json")
    if len(run.history()) < recipe.epochs:
        training.train(run, scene, made, table, part(to_terminal, 0.0, 1.0))
    return run


def score(run, scene, tiles: np.ndarray, recipe: Recipe) -> dict:
    """mIoU at 0.5 and, for orientation, at the best threshold of these very tiles."""
    built, card = network.load(run.path / "model")
    channels = channels_of([scene.factor(n) for n in card.factors], card.coding)
    if recipe.network_of:
        measure_again(run, built, card.factors, channels)
    parts = np.full(len(tiling_of(scene)), metrics.TEST, np.uint8)
    feed = TileFeed(scene, Split(tiling_of(scene), parts, 0), card.factors, channels)
    counts = np.zeros((bins.BINS, 2), np.int64)
    for start in range(0, len(tiles), BATCH):
        print(f"scoring tile {start} of {len(tiles)}", file=sys.stderr)
        numbers = tiles[start : start + BATCH]
        _, y, _ = feed.batch(numbers)
        counts += metrics.count(bins.to_display(predict(built, feed, numbers, recipe)), y[..., 0])
    found = metrics.scores(counts)
    cuts = [metrics.scores(counts, t)["miou"] for t in np.arange(1, 20) / 20]
    return {
        "miou": round(found["miou"], 4),
        "iou_landslide": round(found["iou_landslide"], 4),
        "f1": round(found["f1"], 4),
        "best_threshold_miou": round(max(cuts), 4),
        "best_threshold": float((np.argmax(cuts) + 1) / 20),
        "epochs": len(run.history()),
        "parameters": card.trainable_parameters,
    }


def measure_again(run, built, factors: tuple[str, ...], channels) -> None:
    """Batch statistics of the network as it predicts, on the tiles that it was trained on."""
    made = split.load(run.path / "split.json")
    feed = TileFeed(scenes.load(TRAIN), made, factors, channels)
    tiles = made.tiles(metrics.TRAIN)
    batch_statistics.measure_again(built, batch_statistics.batches(feed, tiles, BATCH))


def predict(built, feed: TileFeed, numbers: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Probability (tiles, 128, 128): one look, or the mean over eight flips and turns."""
    looks = augmentation.TURNS if recipe.turns else augmentation.TURNS[:1]
    total = 0.0
    for mirror, turns in looks:
        x, _, _ = feed.batch(numbers, [(mirror, turns)] * len(numbers))
        found = np.asarray(built.predict_on_batch(x))[..., 0]
        back = np.stack([np.rot90(tile, -turns) for tile in found])
        total = total + (back[:, :, ::-1] if mirror else back)
    return total / len(looks)
