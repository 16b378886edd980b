"""Which recipe finds more landslides? Chosen by folds inside training + validation, never on test.

    python bench/recipes.py SCENE [--recipes quick old ...] [--folds 3] [--folds-run 1]

The test part of the scene's block split (seed 0) is set aside and read by nobody. The blocks of the
rest are split into folds; every recipe trains without a fold and is measured on it, as it stands at
its last step (no epoch is chosen by the fold). Average precision and F1 come from counts pooled
over the folds. Trainings that are there already are used again. Prints one JSON object last:
{scene, model, recipes: {name: {average_precision, f1, folds, seconds}}, best}.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.errors import SlideScopeError
from core.jobs.report import to_terminal
from core.learning.scores import metrics
from core.learning.split import BLOCK_TILES, UNUSED, Split
from core.learning.tiles import plots
from core.learning.tiles.plots import Plot
from core.learning.training import training, validation
from core.runs import store as runs
from core.runs.request import TrainRequest
from core.workflows.train import configure

# What each changes of the preset `quick`; `old` is that preset as it was until November 2026.
RECIPES = {
    "quick": {},
    "old": {
        "crop": 0,
        "averaged": 0.0,
        "dropout": 0.1,
        "batch": 8,
        "learning_rate": 1e-3,
        "schedule": "cosine",
        "batch_statistics": "running",
    },
    "whole tiles": {"crop": 0, "batch": 8},
    "squares of 96": {"crop": 96, "batch": 12},
    "no average": {"averaged": 0.0},
    "dropout .1": {"dropout": 0.1},
    "running statistics": {"batch_statistics": "running"},
    "landslides as they come": {"landslide_share_of_batch": 0.0},
    "recommended coding": {"coding": "recommended"},
    "focal": {"loss": "focal"},
    "Dice": {"loss": "bce_dice"},
}


def folded(split: Split, folds: int, fold: int) -> Split:
    """The split of one fold: its blocks validate, the other blocks of training and validation
    train, the test part stays what it is."""
    tiling = split.tiling
    rest = np.flatnonzero((split.part != metrics.TEST) & (split.part != UNUSED))
    rows, columns = np.divmod(rest, tiling.shape[1])
    block = rows // BLOCK_TILES * tiling.shape[1] + columns // BLOCK_TILES
    numbers = np.random.default_rng(folds).permutation(np.unique(block))
    part = split.part.copy()
    part[rest] = metrics.TRAIN
    part[rest[np.isin(block, numbers[fold::folds])]] = metrics.VALIDATION
    return replace(split, part=part)


def measured(name: str, wish: argparse.Namespace, fold: int) -> tuple[np.ndarray, dict]:
    """(counts (200, 2) of the fold, {seconds}) of a recipe."""
    request = TrainRequest(
        wish.scene, wish.model, wish.dataset, split_seed=0, **{"monitor": "last", **RECIPES[name]}
    )
    made = configure(replace(request, epochs=wish.epochs, seed=wish.seed))
    home = made.home
    split = folded(home.split, wish.folds, fold)
    words = f"{name} fold {fold + 1} of {wish.folds} {wish.dataset} {wish.seed}"
    plain = "".join(c if c.isalnum() else "-" for c in words)
    run_id = f"recipe-{wish.scene}-{wish.model}-{plain}"
    try:
        run = runs.load(run_id)
    except SlideScopeError:
        run = runs.create(made.config, run_id, None)
        plots.save_splits([Plot(home.scene, split, home.table)], made.config, run.path)
    training.train(run, [Plot(home.scene, split, home.table)], to_terminal)
    seconds = sum(row["seconds"] for row in run.history())
    return validation.kept(run.path).astype(np.int64), {"seconds": round(seconds)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scene")
    parser.add_argument("--recipes", nargs="+", default=["quick", "old"], choices=RECIPES)
    parser.add_argument("--model", default="fcadensenet")
    parser.add_argument("--dataset", default="rs-dr")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--folds-run", type=int, help="only the first so many of the folds")
    parser.add_argument("--epochs", type=int, help="another length than the preset's")
    parser.add_argument("--seed", type=int, default=0)
    wish = parser.parse_args()
    found = {}
    for name in wish.recipes:
        many = wish.folds_run or wish.folds
        parts = [measured(name, wish, fold) for fold in range(many)]
        pooled = sum(counts for counts, _ in parts)
        found[name] = {
            "average_precision": round(metrics.average_precision(pooled), 4),
            "f1": round(metrics.scores(pooled)["f1"], 4),
            "folds": many,
            "seconds": sum(about["seconds"] for _, about in parts),
        }
        print(name, json.dumps(found[name]), flush=True)
    best = max(found, key=lambda name: found[name]["average_precision"])
    print(json.dumps({"scene": wish.scene, "model": wish.model, "recipes": found, "best": best}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
