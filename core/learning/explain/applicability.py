"""The area of applicability: where a network meets ground like that which it learned from.

A network answers everywhere, and its scores hold only where the factors look as they did in
training. Of every pixel the dissimilarity index is computed: its distance to the nearest training
point in the space of z-scored factors, over the mean distance of the training points to each other.
What training points themselves are from the nearest one of another block says how far is normal:
the upper whisker of these is the threshold, and the ground below it the area of applicability.

As CAST (R) defines it, every factor with the weight 1: Meyer and Pebesma (2021), Methods in Ecology
and Evolution 12, 1620-1633. Bearings are sine and cosine, classes a column each, as there.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
from scipy.spatial import distance
from threadpoolctl import threadpool_limits

from core import atomic, disk
from core.display import bins, display
from core.errors import SlideScopeError
from core.jobs.report import Report, part, silent
from core.learning import split
from core.learning.prediction import products
from core.learning.scores import metrics
from core.learning.tiles import channels, feed, plots
from core.learning.tiles.channels import Channel, channels_of, encode
from core.learning.tiles.tiling import tiling_of
from core.runs import applicability as store
from core.runs import run_files
from core.runs.store import Run, check_network
from core.scene.store import Scene

# Pixels whose distances to all points are held at a time: a few megabytes, which a cache holds.
CHUNK = 512
SHOWN_TO = 2.0  # the map's colours end at so many thresholds


@dataclass(frozen=True)
class TrainingSpace:
    """Training points in z-scored factor space: `points` float32 (n, columns), `block` int (n,)
    the block of ground that each lies in. `mean`, `sd` and `used` (channels,): how a pixel comes
    into this space; a channel that never changes is left out.
    """

    channels: tuple[Channel, ...]
    mean: np.ndarray
    sd: np.ndarray
    used: np.ndarray
    points: np.ndarray
    block: np.ndarray

    def into(self, x: np.ndarray) -> np.ndarray:
        """float32 (n, columns) of values (n, channels); a gap is the training mean."""
        z = (x[:, self.used] - self.mean[self.used]) / self.sd[self.used]
        return np.nan_to_num(z, nan=0.0).astype(np.float32)


def measure(run: Run, scene: Scene, points: int, seed: int = 0, report: Report = silent) -> dict:
    """Write the dissimilarity index of `scene` beside the run's map of it, with a layer of Compare;
    return what `core.runs.applicability` keeps, with run, scene and folder."""
    started = time.monotonic()
    folder = _check(run, scene)
    learned = plots.of_run(run)
    legends = channels.of_scenes([p.scene for p in learned], run.config.factors, {})
    report("Drawing training points", 0.0)
    space = training_space(_ground(run, learned, legends), points, seed)
    mean_distance, threshold = normal(space)
    known = {"threshold": threshold, "shown_to": SHOWN_TO * threshold}
    target = channels.recoded(scene, legends)
    with atomic.whole_file(folder / store.RASTER) as temporary:
        scored = _write(temporary, run, target, space, mean_distance, known, part(report, 0.1, 0.9))
    report("Preparing the map", 0.9)
    display.prepare_prediction(folder, scene, store.LAYER)
    counts, pixels, inside = scored
    found = store.Kept(
        threshold=threshold,
        shown_to=known["shown_to"],
        inside_share=inside / max(pixels, 1),
        points=len(space.points),
        channels=int(space.used.sum()),
        mean_distance=mean_distance,
        seed=seed,
        seconds=time.monotonic() - started,
    )
    store.save(folder, found, counts)
    return {"run": run.id, "scene": scene.name, "folder": str(folder), **found}


def _check(run: Run, scene: Scene) -> Path:
    """The folder of the run's map of the scene; a SlideScopeError where nothing can be asked."""
    check_network(run)
    if run.loaded:
        raise SlideScopeError(
            f"Run '{run.id}' was brought as a file, and the ground that it learned from is not on "
            "this machine: dissimilarity has nothing to be measured from; choose a run that was "
            "trained here."
        )
    folder = run.prediction(scene.name)
    if not (folder / run_files.PROBABILITY).exists():
        raise SlideScopeError(
            f"Run '{run.id}' has no map of scene '{scene.name}' whose applicability could be told: "
            f"run `python -m core predict {run.id} --scene {scene.name}` first."
        )
    disk.check_room(run.path, 5 * scene.grid.width * scene.grid.height, "the applicability map")
    return folder


def _ground(
    run: Run, learned: Sequence[plots.Plot], legends: Mapping[str, channels.Legend]
) -> feed.Ground:
    recoded = [(channels.recoded(p.scene, legends), p.split) for p in learned]
    first = recoded[0][0]
    coded = channels_of([first.factor(name) for name in run.config.factors], "recommended")
    return feed.ground(recoded, run.config.factors, coded)


def training_space(ground: feed.Ground, points: int, seed: int) -> TrainingSpace:
    """Draw `points` usable pixels of the training tiles, about as many from each."""
    rng = np.random.default_rng([seed, 6])
    tiles = ground.tiles(metrics.TRAIN)
    tiles = np.sort(rng.permutation(tiles)[:points])
    # More of each than is kept: some tiles lie in a buffer, or have no data.
    each = 4 * -(-points // max(len(tiles), 1))
    found, number = [], []
    for tile in tiles.tolist():
        x, _, usable = ground.sample(tile)
        pixels = x[usable > 0]
        drawn = pixels[rng.permutation(len(pixels))[:each]]
        found.append(drawn)
        number.append(np.full(len(drawn), tile))
    x, of_tile = np.concatenate(found).astype(np.float64), np.concatenate(number)
    kept = np.sort(rng.permutation(len(x))[:points])
    return _scaled(ground, x[kept], _blocks(ground)[of_tile[kept]])


def _blocks(ground: feed.Ground) -> np.ndarray:
    """int (tiles,): the block of every tile of all scenes."""
    found, first = [], 0
    for each in ground.feeds:
        tiling = each.split.tiling
        block = split.blocks_of(tiling, np.arange(len(tiling)), each.scene.kind)
        found.append(block + first)
        first += int(block.max()) + 1
    return np.concatenate(found)


def _scaled(ground: feed.Ground, x: np.ndarray, block: np.ndarray) -> TrainingSpace:
    # A channel may have no value at all among the points.
    with np.errstate(invalid="ignore"):
        known = np.isfinite(x)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, x, 0).sum(axis=0) / count
        sd = np.sqrt((np.where(known, x - mean, 0) ** 2).sum(axis=0) / np.maximum(count - 1, 1))
    used = sd > 1e-9 * np.maximum(np.abs(mean), 1e-9)
    if not used.any() or len(np.unique(block)) < 2:
        raise SlideScopeError(
            "The training ground lies in one block of tiles, or no factor changes in it: how far "
            "apart ground is within it cannot be told; train on more ground."
        )
    no_points = np.zeros((0, 0), np.float32)
    space = TrainingSpace(ground.channels, mean, np.where(used, sd, 1), used, no_points, block)
    return replace(space, points=space.into(x))


def normal(space: TrainingSpace) -> tuple[float, float]:
    """Return (mean distance of the training points to each other, threshold of the index)."""
    apart = distance.pdist(space.points.astype(np.float64))
    mean_distance = float(apart.mean())
    square = distance.squareform(apart)
    square[space.block[:, None] == space.block[None, :]] = np.inf
    return mean_distance, whisker(square.min(axis=1) / mean_distance)


def whisker(values: np.ndarray) -> float:
    """The largest of `values` within one and a half interquartile ranges above the third quartile.

    >>> whisker(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    4.0
    """
    low, high = np.quantile(values, (0.25, 0.75))
    return float(values[values <= high + 1.5 * (high - low)].max())


def nearest(points: np.ndarray, z: np.ndarray) -> np.ndarray:
    """float32 (n,): distance of every row of `z` (n, columns) to the nearest of `points`."""
    half = (points.astype(np.float64) ** 2).sum(axis=1) / 2
    turned = np.vstack([-points.T, half[None]]).astype(np.float32)
    rows = np.hstack([z, np.ones((len(z), 1), np.float32)])
    space, found = np.empty((CHUNK, len(points)), np.float32), np.empty(len(z), np.float32)
    # Products as small as these are over before a second thread has begun.
    with threadpool_limits(1, "blas"):
        for first in range(0, len(z), CHUNK):
            some = rows[first : first + CHUNK]
            at = np.matmul(some, turned, out=space[: len(some)]).argmin(axis=1)
            # From the difference itself: the product costs digits where the distance is small.
            near = np.linalg.norm(some[:, :-1] - points[at], axis=1)
            found[first : first + CHUNK] = near
    return found


def _write(
    target: Path,
    run: Run,
    scene: Scene,
    space: TrainingSpace,
    mean_distance: float,
    known: dict[str, float],
    report: Report,
) -> tuple[np.ndarray, int, int]:
    """Write the index as `target`; return (counts inside, valid pixels, those inside)."""
    tiling, names, factors = tiling_of(scene), scene.factor_names, run.config.factors
    which = [names.index(name) for name in factors]
    counts = np.zeros((len(tiling), bins.BINS, 2), np.uint32)
    pixels = near = 0
    probability = run.prediction(scene.name) / run_files.PROBABILITY
    with (
        rasterio.open(probability) as source,
        rasterio.open(target, "w", **products.profile(scene.grid, "float32", np.nan)) as sink,
        scene.reading() as read,
    ):
        sink.update_tags(**known)
        for number in range(len(tiling)):
            report("Measuring how unlike the training ground it is", number / len(tiling))
            window = tiling.window(number)
            values = np.moveaxis(read(window), 0, -1)
            there = scene.valid(values, names)
            coded = encode(values[there][:, which], factors, space.channels)
            index = np.full(there.shape, np.nan, np.float32)
            index[there] = nearest(space.points, space.into(coded)) / mean_distance
            inside = index <= known["threshold"]
            sink.write(index, 1, window=window)
            pixels, near = pixels + int(there.sum()), near + int(inside.sum())
            if scene.inventory:
                shown = np.where(inside, bins.to_display(source.read(1, window=window)), 0)
                counts[number] = metrics.count(shown, scene.read_mask(window))
    return counts, pixels, near
