"""The baselines on the same tiles: a random forest, pixel by pixel, and a booster with windows.

What a network scores above the forest is what looking at the surroundings brings; above the booster
(`core.learning.scores.booster`), what convolutions bring. The forest is fitted at the natural
prevalence (sampling is undone by weights), so that 0.5 means the same as for a network.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from core import atomic, paths
from core.display import bins
from core.jobs.report import Report, part, silent
from core.learning.scores import booster, metrics
from core.learning.split import Split
from core.learning.tiles import feed
from core.learning.tiles.channels import Channel, channels_of
from core.learning.tiles.tiling import read_tile
from core.runs import run_files
from core.runs.store import Run
from core.scene.store import Scene

NAMES = FOREST, BOOSTER = "baseline_rf", "baseline_gbm"
MAX_POSITIVE, NEGATIVES_PER_POSITIVE, MAX_NEGATIVE = 20_000, 10, 100_000
TREES, LEAF = 60, 5
# Not the run's: runs on the same tiles share one forest, whichever of them comes first.
SEED = 0
# A scene and its split.
Ground = tuple[Scene, Split]


def fit_and_count(
    run: Run,
    learned: Sequence[Ground],
    tested: Ground | None = None,
    report: Report = silent,
) -> Path:
    """Write counts.npz into runs/<id>/baseline_rf and baseline_gbm, return the first.

    `learned` are the (scene, split) pairs that the run was trained on, its own first; `tested` the
    one it is measured on (default: its own). Runs on the same tiles and factors share the counts.
    """
    tested = tested or learned[0]
    first, second = part(report, 0.0, 0.5), part(report, 0.5, 1.0)
    factors = run.config.factors

    def forest() -> np.ndarray:
        first("Fitting the pixel baseline (random forest)", 0.0)
        return _count(*_fit(run, learned), tested, first)

    def boosted() -> np.ndarray:
        return booster.count(learned, tested, factors, second)

    folder = _keep(run, learned, tested, FOREST, [run.config.coding, TREES, LEAF], forest)
    made_with = [booster.SETTINGS, booster.BACKGROUND]
    _keep(run, learned, tested, BOOSTER, made_with, boosted)
    return folder


def _keep(run: Run, learned, tested: Ground, name: str, made_with: list, count: Callable) -> Path:
    """Write runs/<id>/<name>/counts.npz, counted once for all runs that are alike."""
    folder = run.path / name
    key = _key(run, learned, tested, made_with)
    cached = paths.workspace() / "cache" / f"{name}-{key}.npz"
    if not cached.exists():
        counts = count()
        cached.parent.mkdir(parents=True, exist_ok=True)
        with atomic.whole_file(cached) as temporary:
            np.savez_compressed(temporary, counts=counts, part=tested[1].part)
    folder.mkdir(exist_ok=True)
    with atomic.whole_file(folder / run_files.COUNTS) as temporary:
        shutil.copyfile(cached, temporary)
    return folder


def _key(run: Run, learned: Sequence[Ground], tested: Ground, made_with: list) -> str:
    said = [
        [scene.fingerprint, scene.needed_inventory["version"], made.buffer, made.part.tolist()]
        for scene, made in (*learned, tested)
    ]
    text = json.dumps([run.config.factors, *made_with, *said])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _fit(run: Run, learned: Sequence[Ground]) -> tuple[tuple[Channel, ...], object, np.ndarray]:
    """(channels, forest, what fills gaps)."""
    # Here: loading it takes seconds, and a network's training comes first.
    from sklearn.ensemble import RandomForestClassifier

    factors = run.config.factors
    channels = channels_of([learned[0][0].factor(n) for n in factors], run.config.coding)
    ground = feed.ground(learned, factors, channels)
    training = ground.tiles(metrics.TRAIN)
    fill, _, _ = feed.zscore(ground, training)
    rng = np.random.default_rng([SEED, 3])
    x, y, weight = _sample(ground, training, rng)
    forest = RandomForestClassifier(TREES, min_samples_leaf=LEAF, n_jobs=-1, random_state=SEED)
    forest.fit(_filled(x, fill), y, sample_weight=weight)
    return channels, forest, fill


def _sample(
    ground: feed.Ground, tiles: np.ndarray, rng
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, y, weight): up to so many pixels of each class, weighted back to their true number."""
    kept: dict[int, list[tuple[np.ndarray, int]]] = {0: [], 1: []}
    for number in tiles:
        x, y, usable = ground.sample(int(number))
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


def _count(channels, forest, fill, tested: Ground, report: Report) -> np.ndarray:
    """Counts uint32 (tiles, 200, 2) of the forest's probability on every tile."""
    scene, made = tested
    tiling, names = made.tiling, scene.factor_names
    factors = tuple(dict.fromkeys(channel.factor for channel in channels))
    tiles = feed.TileFeed(scene, made, factors, channels)
    counts = np.zeros((len(tiling), bins.BINS, 2), np.uint32)
    for number in range(len(tiling)):
        report("Measuring the pixel baseline", number / len(tiling))
        valid = scene.valid(read_tile(scene, tiling, number, names), names)
        if not valid.any():
            continue
        x, y, _ = tiles.sample(number)
        probability = forest.predict_proba(_filled(x[valid], fill))[:, 1]
        counts[number] = metrics.count(bins.to_display(probability), y[valid][:, 0])
    return counts


def _filled(x: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """Gaps of the deformation rate become the mean, as in the networks."""
    return np.where(np.isnan(x), fill, x)
