"""Pack finished runs into models/pretrained/, to be committed and shown at the first start.

    python bench/ship_models.py RUN [RUN ...]      pack these runs, then write all cards
    python bench/ship_models.py                    write the cards of what is packed already
    python bench/ship_models.py --shipped          pack the shipped networks anew (new scene, say)

Weights are halved, the scene is predicted with the full and with the halved ones, and every figure
of the cards is measured on the second. Prints one JSON object last: {shipped, bytes, limit,
f1_difference: {run: points}}.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import rasterio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import model_cards, shipped_truth
from core import atomic, paths
from core.learning import baseline, bins, evaluation, shipped, shipped_map, split, weights
from core.learning.network import WEIGHTS
from core.runs import store
from core.runs.store import Run
from core.scene import store as scenes
from core.scene.store import Scene

LIMIT = 25e6
PARTS = ("config.json", "history.csv", "validation.npz", "model")


def pack(run: Run) -> Path:
    """Write models/pretrained/<scene>-<model>-<dataset>-shipped and return it."""
    config, scene = run.config, scenes.load(run.config.scene)
    if scene.fingerprint != config.fingerprint:
        print(f"{run.id}: trained on {config.fingerprint}, maps are of {scene.fingerprint}")
    target = paths.PRETRAINED / f"{scene.name}-{config.model}-{config.dataset}{shipped.SUFFIX}"
    with atomic.whole_folder(target) as folder, tempfile.TemporaryDirectory() as scratch:
        full, half = (_copy(run, Path(scratch) / name) for name in ("full", "half"))
        weights.halve(run.path / "model" / WEIGHTS, half.path / "model" / WEIGHTS)
        before, after = _measure(full, scene), _measure(half, scene)
        for name in PARTS:
            source = half.path / name
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / name)
        for name, file in shipped.BASELINES.items():
            shutil.copyfile(half.path / name / "counts.npz", folder / file)
        shipped_map.store(half.prediction(scene.name), scene, folder)
        figures = {"full": before, "packed": after, "halving": _difference(full, half, scene)}
        if run.path.parent == paths.PRETRAINED:  # halved before: the full weights are not here
            figures |= {"full": None, "halving": None}
        parts = split.load(run.path / "split.json")
        table = split.tile_table(scene, parts.tiling)
        figures["split"] = split.summary(parts, table, scene)
        # How long the map took, for Results: where it is shown it was never predicted.
        figures["cost"] = atomic.read_json(half.prediction(scene.name) / store.MADE_OF).get("cost")
        figures["optically_hidden"] = shipped_truth.hidden_share(scene, parts)
        atomic.write_json(folder / "figures.json", figures)
    return target


def _copy(run: Run, folder: Path) -> Run:
    folder.mkdir()
    for name in PARTS:
        source = run.path / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / name)
    return Run(run.id, folder, run.config, None)


def _measure(run: Run, scene: Scene) -> dict:
    """Predict and measure as `train` does after the last epoch."""
    from core.learning import prediction

    prediction.predict(run, scene)
    baseline.fit_and_count(run, scene, split.load(run.path / "split.json"))
    return evaluation.store(run, scene.name)


def _difference(full: Run, half: Run, scene: Scene) -> dict:
    """What halving the kernels changes in the map of the whole scene."""
    both = []
    for run in (full, half):
        with rasterio.open(run.prediction(scene.name) / "probability.tif") as source:
            both.append(source.read(1))
    masks = [bins.to_mask(bins.to_display(p), 0.5) == 1 for p in both]
    union = (masks[0] | masks[1]).sum()
    return {
        "largest_probability_difference": float(np.nanmax(np.abs(both[0] - both[1]))),
        "mask_iou": float((masks[0] & masks[1]).sum() / union) if union else 1.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", metavar="RUN")
    parser.add_argument("--shipped", action="store_true", help="pack what is shipped anew")
    wish = parser.parse_args()
    found = [store.load(run_id) for run_id in wish.runs]
    if wish.shipped:
        folders = sorted(f.parent for f in paths.PRETRAINED.glob("*/config.json"))
        found += [model_cards.run_of(folder) for folder in folders]
    for run in found:
        print(f"packing {run.id}", flush=True)
        pack(run)
    folders = model_cards.write_all(paths.PRETRAINED)
    if found:
        shipped_truth.write_crop(scenes.load(found[0].config.scene))
    size = sum(f.stat().st_size for f in paths.PRETRAINED.rglob("*") if f.is_file())
    points = {f.name: model_cards.halving_points(f) for f in folders}
    names = [folder.name for folder in folders]
    print(json.dumps({"shipped": names, "bytes": size, "limit": LIMIT, "f1_difference": points}))
    if size > LIMIT:
        sys.exit(f"models/pretrained has {size / 1e6:.1f} MB: at most {LIMIT / 1e6:.0f} MB.")


if __name__ == "__main__":
    main()
