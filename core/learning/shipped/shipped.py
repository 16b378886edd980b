"""Networks that come with the software: trained on the synthetic sample, ready at the first start.

models/pretrained/<run id>/config.json, split*.json, history.csv, model/    as in a run; kernels
                                                                           in half precision
models/pretrained/<run id>/map.tif, map.json       the predicted map (`shipped_map`)
models/pretrained/<run id>/baseline.npz            counts of the pixel random forest
models/pretrained/<run id>/baseline_gbm.npz        counts of the booster with windows
models/pretrained/<run id>/figures.json, card.md, curves.svg     what `bench/ship_models.py` wrote
"""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core import atomic, paths
from core.jobs.report import Report, part, silent
from core.learning.scores import baseline, evaluation
from core.learning.shipped import shipped_map
from core.learning.tiles import plots
from core.runs import run_files, store
from core.runs.store import Run
from core.scene.store import Scene

COPIED = (run_files.CONFIG, run_files.HISTORY, "validation.npz", "model", "card.md")
BASELINES = {baseline.FOREST: "baseline.npz", baseline.BOOSTER: "baseline_gbm.npz"}
SUFFIX = "-shipped"


def available(scene: Scene) -> list[Path]:
    """Folders of the shipped networks that are tested on this scene, FCADenseNet first: what
    Compare opens with should be there first."""
    found = [f.parent for f in sorted(paths.PRETRAINED.glob("*/config.json"), reverse=True)]
    found = [folder for folder in found if _is_of(folder, scene)]
    return sorted(found, key=lambda folder: "fcadensenet" not in folder.name)


def _is_of(folder: Path, scene: Scene) -> bool:
    """By name and size: tile numbers mean nothing on another grid."""
    config = atomic.needed_json(folder / run_files.CONFIG)
    grid = atomic.needed_json(folder / shipped_map.ABOUT)["grid"]
    tested_on = config.get("test_scene") or config["scene"]
    return tested_on == scene.name and (grid["height"], grid["width"]) == scene.grid.shape


def install(scene: Scene, report: Report = silent) -> list[str]:
    """Copy the shipped networks into runs/ with their maps of the scene; return their ids.

    A run that is there already is left alone. Where the shipped maps are another scene's, the
    runs wait for `predict_missing`.
    """
    folders = available(scene)
    tell = _counter(report, "Placing the maps of the shipped networks", len(folders))

    def place(source: Path) -> None:
        _place(source, scene)
        tell()

    # Warping a map keeps one core busy; there are always several maps.
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(place, folders))
    return [source.name for source in folders]


def _counter(report: Report, words: str, total: int) -> Callable[[], None]:
    done = iter(range(1, total + 1))
    report(words, 0.0)
    return lambda: report(words, next(done) / total)


def _place(source: Path, scene: Scene) -> None:
    target = paths.runs_folder() / source.name
    if not (target / run_files.CONFIG).exists():
        with atomic.whole_folder(target) as temporary:
            splits = [file.name for file in source.glob("split*.json")]
            for name in (*COPIED, *splits):
                if (source / name).exists():
                    _copy(source / name, temporary / name)
            about = {"source": "the software's own networks", "when": scene.created}
            atomic.write_json(temporary / store.LOADED, about)
    run = store.load(source.name)
    if not run.predicted() and shipped_map.likeness(source, scene):
        for name, file in BASELINES.items():
            counts = run.path / name / run_files.COUNTS
            if (source / file).exists() and not counts.exists():
                with atomic.whole_file(counts) as temporary:
                    shutil.copyfile(source / file, temporary)
        shipped_map.restore(source, run, scene, plots.split_on(run, scene).part)
        evaluation.store(run)


def _copy(source: Path, target: Path) -> None:
    (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)


def unfinished(scene: Scene) -> list[Run]:
    """Shipped runs that have no map of this very scene yet: none, a provisional one, or one of an
    earlier import."""
    ids = [source.name for source in available(scene)]
    runs = [store.load(i) for i in ids if (paths.runs_folder() / i / run_files.CONFIG).exists()]
    return [
        run
        for run in runs
        if not run.metrics() or run.preview() or run.outdated(scene.name, scene.fingerprint)
    ]


def predict_missing(scene: Scene, report: Report = silent) -> None:
    """Predict with every shipped network that has no map of this very scene, one by one."""
    from core.learning.prediction import prediction

    waiting = unfinished(scene)
    for number, run in enumerate(waiting):
        share = part(report, number / len(waiting), (number + 1) / len(waiting))
        prediction.predict(run, scene, part(share, 0.0, 0.7))
        if not run.config.test_scene:
            # The scenes that another machine's networks learned from are not here.
            learned = [(scene, plots.split_on(run, scene))]
            baseline.fit_and_count(run, learned, None, part(share, 0.7, 1.0))
        evaluation.store(run)
