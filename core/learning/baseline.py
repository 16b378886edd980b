"""The baselines on the same tiles: a random forest, pixel by pixel, and a booster with windows.

What a network scores above the forest is what looking at the surroundings brings; above the booster
(`core.learning.booster`), what convolutions bring. The forest is fitted at the natural prevalence
(sampling is undone by weights), so that 0.5 means the same as for a network.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core import atomic, paths
from core.jobs.report import Report, part, silent
from core.learning import bins, booster, metrics
from core.learning.channels import channels_of
from core.learning.feed import TileFeed, zscore
from core.learning.split import Split
from core.learning.tiling import read_tile
from core.runs.store import Run
from core.scene.store import Scene

NAMES = FOREST, BOOSTER = "baseline_rf", "baseline_gbm"
MAX_POSITIVE, NEGATIVES_PER_POSITIVE, MAX_NEGATIVE = 20_000, 10, 100_000
TREES, LEAF = 60, 5
# Not the run's: runs on the same tiles share one forest, whichever of them comes first.
SEED = 0


def fit_and_count(run: Run, scene: Scene, split: Split, report: Report = silent) -> Path:
    """Write counts.npz into runs/<id>/baseline_rf and baseline_gbm, return the first; runs on the
    same tiles and factors share them."""
    first, second = part(report, 0.0, 0.5), part(report, 0.5, 1.0)

    def forest() -> np.ndarray:
        first("Fitting the pixel baseline (random forest)", 0.0)
        return _count(*_fit(run, scene, split), scene, split, first)

    folder = _keep(run, split, FOREST, [run.config.coding, TREES, LEAF], forest)
    made_with = [booster.SETTINGS, booster.BACKGROUND]
    _keep(
        run,
        split,
        BOOSTER,
        made_with,
        lambda: booster.count(scene, split, run.config.factors, second),
    )
    return folder


def _keep(run: Run, split: Split, name: str, made_with: list, count: Callable) -> Path:
    """Write runs/<id>/<name>/counts.npz, counted once for all runs that are alike."""
    folder = run.path / name
    cached = paths.workspace() / "cache" / f"{name}-{_key(run, split, made_with)}.npz"
    if not cached.exists():
        counts = count()
        cached.parent.mkdir(parents=True, exist_ok=True)
        with atomic.whole_file(cached) as temporary:
            np.savez_compressed(temporary, counts=counts, part=split.part)
    folder.mkdir(exist_ok=True)
    with atomic.whole_file(folder / "counts.npz") as temporary:
        shutil.copyfile(cached, temporary)
    return folder


def _key(run: Run, split: Split, made_with: list) -> str:
    config = run.config
    said = [config.fingerprint, config.inventory_version, config.factors, *made_with]
    text = json.dumps([*said, split.buffer, split.part.tolist()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _feed(run: Run, scene: Scene, split: Split) -> TileFeed:
    factors = run.config.factors
    channels = channels_of([scene.factor(n) for n in factors], run.config.coding)
    return TileFeed(scene, split, factors, channels)


def _fit(run: Run, scene: Scene, split: Split) -> tuple[TileFeed, object, np.ndarray]:
    # Here: loading it takes seconds, and a network's training comes first.
    from sklearn.ensemble import RandomForestClassifier

    feed = _feed(run, scene, split)
    training = split.tiles(metrics.TRAIN)
    fill, _, _ = zscore(feed, training)
    rng = np.random.default_rng([SEED, 3])
    x, y, weight = _sample(feed, training, rng)
    forest = RandomForestClassifier(TREES, min_samples_leaf=LEAF, n_jobs=-1, random_state=SEED)
    forest.fit(_filled(x, fill), y, sample_weight=weight)
    return feed, forest, fill


def _sample(feed: TileFeed, tiles: np.ndarray, rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, y, weight): up to so many pixels of each class, weighted back to their true number."""
    kept: dict[int, list[np.ndarray]] = {0: [], 1: []}
    for number in tiles:
        x, y, usable = feed.sample(int(number))
        for value in kept:
            pixels = x[(usable > 0) & (y[..., 0] == value)]
            # Enough of each tile for the final draw, without holding the whole scene.
            some = rng.permutation(len(pixels))[: max(2000, MAX_POSITIVE // max(len(tiles), 1))]
            kept[value].append((pixels[some], len(pixels)))
    xs, ys, weights = [], [], []
    positives = min(MAX_POSITIVE, sum(len(p) for p, _ in kept[1]))
    limits = {1: positives, 0: min(MAX_NEGATIVE, NEGATIVES_PER_POSITIVE * positives)}
    for value, parts in kept.items():
        pixels = np.concatenate([p for p, _ in parts])
        total = sum(n for _, n in parts)
        picked = pixels[rng.permutation(len(pixels))[: limits[value]]]
        xs.append(picked)
        ys.append(np.full(len(picked), value))
        weights.append(np.full(len(picked), total / max(len(picked), 1)))
    weight = np.concatenate(weights)
    return np.concatenate(xs), np.concatenate(ys), weight / weight.mean()


def _count(feed: TileFeed, forest, fill, scene: Scene, split: Split, report) -> np.ndarray:
    """Counts uint32 (tiles, 200, 2) of the forest's probability on every tile."""
    tiling, names = split.tiling, scene.factor_names
    counts = np.zeros((len(tiling), bins.BINS, 2), np.uint32)
    for number in range(len(tiling)):
        report("Measuring the pixel baseline", number / len(tiling))
        valid = scene.valid(read_tile(scene, tiling, number, names), names)
        if not valid.any():
            continue
        x, y, _ = feed.sample(number)
        probability = forest.predict_proba(_filled(x[valid], fill))[:, 1]
        counts[number] = metrics.count(bins.to_display(probability), y[valid][:, 0])
    return counts


def _filled(x: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """Gaps of the deformation rate become the mean, as in the networks."""
    return np.where(np.isnan(x), fill, x)
