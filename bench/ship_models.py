"""Pack finished runs into models/pretrained/, to be committed and shown at the first start.

    python bench/ship_models.py --experiment ID    pack the seed of every arm that is best on
                                                   validation, keep the paired table of all seeds
    python bench/ship_models.py RUN [RUN ...]      pack these runs, then write all cards
    python bench/ship_models.py                    write the cards of what is packed already
    python bench/ship_models.py --shipped          pack the shipped networks anew (new scene, say)

The experiment (about an hour and a half on two cores for 18 trainings):

    for n in 11 12 13 14 15 16 17 18; do python -m core sample --seed $n --import s$n; done
    python -m core sample --import sample
    python -m core experiment s11,s12,s13,s14,s15,s16,s17,s18 --test-scene sample --preset quick \
        --augmentation paper --arms fcadensenet:rs-dr,fcadensenet:rs,unet:rs-dr,unet:rs,\
        fc_densenet:rs-dr,fcn:rs-dr

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
from core.display import bins
from core.doctor import holdings
from core.experiments import store as experiments
from core.learning import shipped, split
from core.learning.networks import weights
from core.learning.networks.network import WEIGHTS
from core.learning.prediction import products
from core.learning.scores import baseline, evaluation, intervals, metrics
from core.learning.scores.evaluation import BlockLayout
from core.learning.tiles import plots
from core.runs import store
from core.runs.request import TrainRequest
from core.runs.store import Run
from core.scene import store as scenes
from core.scene.store import Scene

LIMIT = 25e6
PARTS = ("config.json", "history.csv", "validation.npz", "model")


def pack(run: Run) -> Path:
    """Write models/pretrained/<scene>-<model>-<dataset>-shipped and return it."""
    config, scene = run.config, scenes.load(run.test_scene)
    target = paths.PRETRAINED / f"{scene.name}-{config.model}-{config.dataset}{shipped.SUFFIX}"
    with atomic.whole_folder(target) as folder, tempfile.TemporaryDirectory() as scratch:
        full, half = (_copy(run, Path(scratch) / name) for name in ("full", "half"))
        weights.halve(run.path / "model" / WEIGHTS, half.path / "model" / WEIGHTS)
        before, after = (_measure(copy, scene, run) for copy in (full, half))
        for name in (*PARTS, *(file.name for file in half.path.glob("split*.json"))):
            source = half.path / name
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / name)
        for name, file in shipped.BASELINES.items():
            shutil.copyfile(half.path / name / "counts.npz", folder / file)
        shipped.store(half.prediction(scene.name), scene, folder)
        figures = {"full": before, "packed": after, "halving": _difference(full, half, scene)}
        if run.path.parent == paths.PRETRAINED:  # halved before: the full weights are not here
            figures |= {"full": None, "halving": None}
        parts = plots.split_on(run, scene)
        figures["split"] = _split_summary(run, scene)
        figures["usual_test_part"] = usual_test_part(half, scene)
        figures["over_booster"] = over_booster(half, scene)
        figures["recall"] = shipped_truth.recall_by_kind(half.prediction(scene.name), scene)
        # How long the map took, for Results: where it is shown it was never predicted.
        figures["cost"] = atomic.read_json(half.prediction(scene.name) / store.MADE_OF).get("cost")
        figures["optically_hidden"] = shipped_truth.hidden_share(scene, parts)
        atomic.write_json(folder / "figures.json", figures)
    return target


def _split_summary(run: Run, scene: Scene) -> dict:
    """Tiles of each part, over all scenes that the network learned from; `test` of the one it is
    tested on."""
    found = {part: {"tiles": 0, "landslide_tiles": 0} for part in split.PARTS}
    learned = [] if run.path.parent == paths.PRETRAINED else list(plots.of_run(run))
    for plot in learned:
        told = split.summary(plot.split, plot.table, plot.scene)
        for part, counts in found.items():
            for name in counts:
                counts[name] += told[part][name]
    if run.config.test_scene:
        parts = plots.unseen(scene)
        found["test"] = split.summary(parts, split.tile_table(scene, parts.tiling), scene)["test"]
    return found


def usual_test_part(run: Run, scene: Scene) -> dict:
    """Scores on the tiles that a training on this very scene holds out (block split, seed 0), for
    comparison with such trainings: the network saw none of the scene."""
    request = TrainRequest(scene.name, run.config.model, run.config.dataset)
    parts, _ = plots.split_for(scene, request)
    counts, _ = products.load_counts(run.prediction(scene.name))
    layout = BlockLayout(parts.tiling, scene.kind)
    return evaluation.score(counts, parts.part, "test", 0.5, layout)


def over_booster(run: Run, scene: Scene) -> dict | None:
    """{metric: (difference, low, high)} of the network less the booster on the same tiles."""
    folders = run.path / baseline.BOOSTER, run.prediction(scene.name)
    if not all((folder / "counts.npz").exists() for folder in folders):
        return None
    parts = plots.split_on(run, scene)
    layout, inside = BlockLayout(parts.tiling, scene.kind), parts.part == metrics.TEST
    sums = [layout.blocks(products.load_counts(folder)[0], inside) for folder in folders]
    return _differences(*sums)


def write_pairs(folders: list[Path], scene: Scene) -> None:
    """Keep what one shipped network has over another on the same blocks of the unseen scene."""
    runs = {(r.config.model, r.config.dataset): r for r in map(model_cards.run_of, folders)}
    sums = {key: _map_sums(run.path, scene) for key, run in runs.items()}
    best = ("fcadensenet", "rs-dr")
    pairs = [((m, "rs"), (m, "rs-dr")) for m in ("fcadensenet", "unet")]
    pairs += [((model, "rs-dr"), best) for model in ("fc_densenet", "unet", "fcn")]
    found = [
        {
            "before": "·".join(before),
            "after": "·".join(after),
            "seeds": [runs[before].config.seed, runs[after].config.seed],
            "blocks": len(sums[before]),
            "metrics": _differences(sums[before], sums[after]),
        }
        for before, after in pairs
        if before in sums and after in sums
    ]
    atomic.write_json(paths.PRETRAINED / model_cards.PAIRS, found)


def _map_sums(folder: Path, scene: Scene) -> np.ndarray:
    """int64 (blocks, 200, 2) of a shipped map against the scene's inventory."""
    parts = plots.split_on(model_cards.run_of(folder), scene)
    with rasterio.open(folder / shipped.MAP) as source:
        shown, mask = source.read(1), scene.read_mask()
    windows = [parts.tiling.window(n).toslices() for n in range(len(parts.tiling))]
    counts = np.stack([metrics.count(shown[here], mask[here]) for here in windows])
    layout = BlockLayout(parts.tiling, scene.kind)
    return layout.blocks(counts, parts.part == metrics.TEST)


def _differences(before: np.ndarray, after: np.ndarray) -> dict[str, list[float]]:
    """{metric: (difference, low, high)} of the second less the first, 90 % over blocks."""
    values = [intervals.measures(each.sum(axis=0), 0.5) for each in (before, after)]
    sure = intervals.paired(before, after, 0.5)
    return {
        name: [float(values[1][name] - values[0][name]), *map(float, ends)]
        for name, ends in (sure.difference if sure else {}).items()
    }


def best_of(experiment_id: str) -> list[Run]:
    """Of every arm the seed with the best validation value; keeps the table of all seeds."""
    experiment = experiments.load(experiment_id)
    table = experiment.table()
    chosen = []
    for row in table["table"]:
        members = [store.load(run_id) for run_id in row["runs"]]
        chosen.append(max(members, key=lambda run: run.model_card()["best_value"]))
    commands = {"command": experiment.request.command(), "shipped": [run.id for run in chosen]}
    atomic.write_json(paths.PRETRAINED / model_cards.PAIRED, {**table, **commands})
    return chosen


def _copy(run: Run, folder: Path) -> Run:
    folder.mkdir()
    for name in (*PARTS, *(file.name for file in run.path.glob("split*.json"))):
        source = run.path / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / name)
    return Run(run.id, folder, run.config, None)


def _measure(run: Run, scene: Scene, original: Run) -> dict:
    """Predict and measure as `train` does after the last epoch."""
    from core.learning.prediction import prediction

    prediction.predict(run, scene)
    if run.config.test_scene:
        # Fitted on all scenes that the network learned from when it was trained.
        for name in shipped.BASELINES:
            shutil.copytree(original.path / name, run.path / name, dirs_exist_ok=True)
    else:
        baseline.fit_and_count(run, [(scene, split.load(run.path / "split.json"))])
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
    parser.add_argument("--experiment", metavar="ID", help="the best seed of every arm")
    parser.add_argument("--shipped", action="store_true", help="pack what is shipped anew")
    wish = parser.parse_args()
    found = [store.load(run_id) for run_id in wish.runs]
    if wish.experiment:
        found += best_of(wish.experiment)
    if wish.shipped:
        folders = sorted(f.parent for f in paths.PRETRAINED.glob("*/config.json"))
        found += [model_cards.run_of(folder) for folder in folders]
    for run in found:
        print(f"packing {run.id}", flush=True)
        pack(run)
    folders = sorted(f.parent for f in paths.PRETRAINED.glob("*/figures.json"))
    if found:
        write_pairs(folders, scenes.load(found[0].test_scene))
    folders = model_cards.write_all(paths.PRETRAINED)
    if found:
        shipped_truth.write_crop(scenes.load(found[0].test_scene))
    holdings.write_sums(paths.PRETRAINED)
    size = sum(f.stat().st_size for f in paths.PRETRAINED.rglob("*") if f.is_file())
    points = {f.name: model_cards.halving_points(f) for f in folders}
    names = [folder.name for folder in folders]
    print(json.dumps({"shipped": names, "bytes": size, "limit": LIMIT, "f1_difference": points}))
    if size > LIMIT:
        sys.exit(f"models/pretrained has {size / 1e6:.1f} MB: at most {LIMIT / 1e6:.0f} MB.")


if __name__ == "__main__":
    main()
