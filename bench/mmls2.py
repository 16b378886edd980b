"""Do the networks learn what others labelled? MMLSv2, landslides on Mars, 465 + 66 tiles.

    python bench/mmls2.py                        score the chosen recipe: U-Net, FCADenseNet, slope
    python bench/mmls2.py --kfold RECIPE ...     compare recipes on the 465 training tiles alone
    python bench/mmls2.py --table                what has been scored so far, nothing is trained

Recipes are chosen on training tiles that a network has not seen (k-fold, or those of its curve);
the 66 others are scored once per recipe and network, and the number of recipes scored is printed.
mIoU is the mean of landslide and background IoU from counts over all pixels of a part. The data
(cc-by-4.0, MAIN-Lab/MMLS_v2) is looked for in ../shared/data/mmls2 or --data. The last line is one
JSON object {recipes_scored, miou}.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import mmls2_data as data
import mmls2_recipes as recipes
import mmls2_slope as slope
from mmls2_train import score_fold, score_once

from core import atomic

PUBLISHED = {
    "U-Net / ResNet-50, pretrained (published)": 0.8082,
    "DeepLabV3+ / ResNet-34, pretrained (published)": 0.7999,
    "UNet++ / EfficientNet-B4, pretrained (published)": 0.7931,
}


def kfold(names: list[str], wish: argparse.Namespace) -> None:
    """Print the mIoU of every recipe on held-out folds of the training tiles."""
    for name in names:
        recipe = shortened(recipes.RECIPES[name], wish)
        for model in wish.models:
            folds = range(wish.folds_run or wish.folds)
            preset = "quick" if wish.small else recipe.preset or recipes.PRESETS[model]
            seed = wish.seeds[0]
            found = [score_fold(recipe, model, preset, f, wish.folds, seed) for f in folds]
            mean = sum(row["miou"] for row in found) / len(found)
            row = {"recipe": recipe.name, "model": model, "preset": preset}
            row |= {"miou": round(mean, 4), "folds": found}
            data.remember("kfold", f"{recipe.name}/{model}/{preset}", row)
            print(json.dumps(row), flush=True)


def score(wish: argparse.Namespace) -> None:
    """Train on the 465 tiles and score the 66, unless this recipe has been scored."""
    recipe = shortened(recipes.RECIPES[wish.recipe], wish)
    for model in wish.models:
        word = "seed" if len(wish.seeds) == 1 else "mean of seeds"
        key = f"{recipe.name}/{model}/{word} {' '.join(map(str, wish.seeds))}"
        if data.recall("scored", key) is None:
            started = time.monotonic()
            row = score_once(recipe, model, wish.seeds)
            row |= {"minutes": round((time.monotonic() - started) / 60, 1)}
            data.remember("scored", key, row)
        print(key, json.dumps(data.recall("scored", key)), flush=True)
    if data.recall("scored", slope.NAME) is None:
        data.remember("scored", slope.NAME, slope.score())
    print(slope.NAME, json.dumps(data.recall("scored", slope.NAME)))


def table() -> dict:
    """Everything scored on the 66 tiles, and how many recipes that were."""
    scored = data.record().get("scored", {})
    named = {key.split("/")[0] for key in scored if key != slope.NAME}
    miou = {key: row["miou"] for key, row in scored.items()}
    return {"recipes_scored": len(named), "tiles": 66, "miou": miou, "published": PUBLISHED}


def shortened(recipe: recipes.Recipe, wish: argparse.Namespace) -> recipes.Recipe:
    """A recipe of fewer epochs is another recipe and says so in its name."""
    if wish.epochs is None or wish.epochs == recipe.epochs:
        return recipe
    length = f", {wish.epochs} epochs"
    return replace(recipe, name=recipe.name + length, epochs=wish.epochs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=data.DATA)
    parser.add_argument("--workspace", type=Path, default=data.WORKSPACE)
    parser.add_argument("--recipe", default=recipes.CHOSEN, choices=recipes.RECIPES)
    parser.add_argument("--models", nargs="+", default=["unet", "fcadensenet"])
    parser.add_argument("--kfold", nargs="+", metavar="RECIPE", choices=recipes.RECIPES)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--folds-run", type=int, help="only the first so many of the folds")
    parser.add_argument("--small", action="store_true", help="k-fold: the quick presets' networks")
    parser.add_argument("--epochs", type=int, help="another length than the recipe's")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="several: their mean")
    parser.add_argument("--table", action="store_true", help="print what has been scored")
    wish = parser.parse_args()
    data.use(wish.data, wish.workspace)
    if not wish.table:
        data.prepare()
        if wish.kfold:
            kfold(wish.kfold, wish)
            return 0
        score(wish)
    found = table()
    atomic.write_json(wish.workspace / "mmls2-table.json", found)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
