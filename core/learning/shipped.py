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

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic, paths
from core.display import bins, display
from core.jobs.report import Report, part, silent
from core.learning.prediction import products
from core.learning.scores import baseline, evaluation
from core.learning.tiles import plots
from core.learning.tiles.tiling import tiling_of
from core.runs import run_files
from core.runs import store as runs
from core.runs.store import MADE_OF, PREVIEW, Run
from core.scene.store import Scene

MAP, ABOUT, FIGURES = "map.tif", "map.json", "figures.json"
SOURCE = "rebuilt from 200 probability bins that came with the software; values are bin centres"
# Of a factor's 2-98 % range: how far its quantiles may differ between copies of one scene.
ROUNDING = 0.01


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
    grid = atomic.needed_json(folder / ABOUT)["grid"]
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
        with atomic.whole_folder(target, record=True) as temporary:
            splits = [file.name for file in source.glob("split*.json")]
            for name in (*COPIED, *splits):
                if (source / name).exists():
                    _copy(source / name, temporary / name)
            about = {"source": "the software's own networks", "when": scene.created}
            atomic.write_json(temporary / runs.LOADED, about)
    run = runs.load(source.name)
    if not run.predicted() and likeness(source, scene):
        for name, file in BASELINES.items():
            counts = run.path / name / run_files.COUNTS
            if (source / file).exists() and not counts.exists():
                with atomic.whole_file(counts) as temporary:
                    shutil.copyfile(source / file, temporary)
        restore(source, run, scene, plots.split_on(run, scene).part)
        evaluation.store(run)


def _copy(source: Path, target: Path) -> None:
    (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)


def unfinished(scene: Scene) -> list[Run]:
    """Shipped runs that have no map of this very scene yet: none, a provisional one, or one of an
    earlier import."""
    ids = [source.name for source in available(scene)]
    found = [runs.load(i) for i in ids if (paths.runs_folder() / i / run_files.CONFIG).exists()]
    return [
        run
        for run in found
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


def store(prediction: Path, scene: Scene, folder: Path) -> None:
    """Write folder/map.tif and map.json from a prediction's probability.tif."""
    how = products.profile(scene.grid, "uint8", bins.NO_DATA)
    how |= {"compress": "lzma", "lzma_preset": 9}
    with (
        rasterio.open(prediction / run_files.PROBABILITY) as source,
        rasterio.open(folder / MAP, "w", **how) as target,
    ):
        for window in _strips(scene):
            target.write(bins.to_display(source.read(1, window=window)), 1, window=window)
    made = atomic.read_json(prediction / MADE_OF) or {}
    atomic.write_json(folder / ABOUT, {**about(scene), "flips": made.get("flips", 1)})


def about(scene: Scene) -> dict:
    """What tells whether another scene is the same one."""
    return {
        "fingerprint": scene.fingerprint,
        "grid": scene.grid.to_json(),
        "landslide_share": scene.landslide_share,
        "quantiles": {f.name: list(f.quantiles) for f in scene.factors},
    }


def likeness(folder: Path, scene: Scene) -> str | None:
    """'same', 'alike' (but for roundings), or None: no map or another scene."""
    told = atomic.read_json(folder / ABOUT)
    if told is None or scene.inventory is None:
        return None
    mine = about(scene)
    if told["fingerprint"] == mine["fingerprint"]:
        return "same"
    return "alike" if alike(told, mine) else None


def alike(one: dict, other: dict) -> bool:
    """Whether two scenes have one grid, and the same factors and landslides but for roundings.

    >>> grid = {"width": 9}
    >>> a = {"grid": grid, "landslide_share": 0.004, "quantiles": {"slope": [1.0, 20.0, 45.0]}}
    >>> alike(a, {**a, "quantiles": {"slope": [1.0, 20.1, 45.0]}})
    True
    >>> alike(a, {**a, "quantiles": {"slope": [1.0, 26.0, 45.0]}})
    False
    """
    names = list(one["quantiles"])
    shares = one["landslide_share"], other["landslide_share"]
    if one["grid"] != other["grid"] or names != list(other["quantiles"]):
        return False
    near = abs(shares[0] - shares[1]) <= ROUNDING * max(shares)
    return near and all(_near(one["quantiles"][n], other["quantiles"][n]) for n in names)


def _near(one: list[float], other: list[float]) -> bool:
    if len(one) != len(other):
        return False
    if not one:
        return True
    step = ROUNDING * (one[-1] - one[0])
    return all(abs(a - b) <= step for a, b in zip(one, other))


def restore(source: Path, run: Run, scene: Scene, part: np.ndarray) -> None:
    """Make the run's prediction of `scene` from the shipped map, as predicting would.

    `part` uint8 (tiles,) of the split. Counts are exact; they are taken against this scene's own
    reference mask.
    """
    with atomic.whole_folder(run.prediction(scene.name), record=True) as folder:
        products.save_origin(folder, scene, **_made_with(source))
        _write_probability(source / MAP, folder / run_files.PROBABILITY, scene)
        products.write_mask(folder, scene.grid)
        products.write_outlines(folder, scene)
        counts = products.count_tiles(folder, scene, tiling_of(scene))
        products.save_counts(folder, counts, part)
        display.prepare_prediction(folder, scene)
        if likeness(source, scene) != "same":
            told = atomic.needed_json(source / ABOUT)
            atomic.write_json(folder / PREVIEW, {"fingerprint": told["fingerprint"]})


def _made_with(source: Path) -> dict:
    """Of how many looks the map is the mean and, if that was written down, what predicting it took
    where it was packed."""
    flips = atomic.needed_json(source / ABOUT).get("flips", 1)
    spent = (atomic.read_json(source / FIGURES) or {}).get("cost")
    return {"flips": flips, **({"cost": {**spent, "packed": True}} if spent else {})}


def _write_probability(source: Path, target: Path, scene: Scene) -> None:
    how = products.profile(scene.grid, "float32", np.nan)
    with (
        rasterio.open(source, driver="GTiff") as shown,
        rasterio.open(target, "w", num_threads="ALL_CPUS", **how) as file,
    ):
        file.update_tags(SOURCE=SOURCE)
        for window in _strips(scene):
            file.write(centres(shown.read(1, window=window)), 1, window=window)


def centres(values: np.ndarray) -> np.ndarray:
    """Return the bins' centres float32 of display values, NaN where there is no data.

    >>> [f"{p:.4f}" for p in centres(np.array([0, 1, 101, 200], np.uint8))]
    ['nan', '0.0025', '0.5025', '0.9975']
    """
    found = ((values - 0.5) / bins.BINS).astype(np.float32)
    return np.where(values == bins.NO_DATA, np.float32(np.nan), found)


def _strips(scene: Scene):
    rows = 512
    for top in range(0, scene.grid.height, rows):
        yield Window(0, top, scene.grid.width, min(rows, scene.grid.height - top))
