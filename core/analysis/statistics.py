"""Factor statistics: one streaming pass over the stack (paper, section 3.1).

Two threads read and add up blocks of their own in a fixed order, so results do not depend on
timing and memory does not depend on the size of the scene.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
import rasterio
from rasterio.windows import Window
from threadpoolctl import threadpool_limits

from core.analysis import histogram, moments, sample
from core.analysis.histogram import FineHistogram
from core.analysis.moments import Moments
from core.errors import SlideScopeError
from core.factors import MOTION
from core.jobs.report import Report, silent
from core.scene.grid import Grid
from core.scene.store import BLOCK, Scene

THREADS = 2
BLOCK_PIXELS = 2**19
# GDAL would else keep 5 % of the machine's memory full of blocks that are never read again.
GDAL_CACHE_MB = 64


@dataclass(frozen=True)
class Statistics:
    """What one pass found.

    `names` are the factors with data; `complete` their moments over the pixels where all of them
    have data; `without_deformation` those of the others over the pixels where these have data
    (the same object in a scene without deformation). `pixels` of the whole grid.
    """

    names: tuple[str, ...]
    pixels: int
    complete: Moments
    without_deformation: Moments
    histograms: dict[str, FineHistogram]
    balanced: sample.BalancedSample | None

    @property
    def others(self) -> tuple[str, ...]:
        """The names that `without_deformation` has."""
        return tuple(n for n in self.names if n not in MOTION)


def blocks(grid: Grid, pixels: int = BLOCK_PIXELS) -> list[Window]:
    """Cut the grid into windows of at most `pixels`, on the stack's own block borders.

    >>> [w.flatten() for w in blocks(Grid(None, (1, 0, 0, 0, -1, 0), 300, 200), 128 * 256)]
    [(0, 0, 256, 128), (256, 0, 44, 128), (0, 128, 256, 72), (256, 128, 44, 72)]
    """
    step = max(BLOCK, pixels // BLOCK // BLOCK * BLOCK)
    return [
        Window(left, top, min(step, grid.width - left), min(BLOCK, grid.height - top))
        for top in range(0, grid.height, BLOCK)
        for left in range(0, grid.width, step)
    ]


def compute(
    scene: Scene,
    names: Sequence[str] | None = None,
    sample_pixels: int = 20_000,
    seed: int = 0,
    report: Report = silent,
    block_pixels: int = BLOCK_PIXELS,
) -> Statistics:
    """Pass once over `names` (default: every factor that has data) and return the statistics.

    `sample_pixels` is the size of the balanced sample, halved between the classes; 0, or a scene
    without inventory, draws none.
    """
    names = tuple(names or (f.name for f in scene.factors if f.valid_share > 0))
    if not names:
        raise SlideScopeError(
            f"Scene '{scene.name}' has no factor with data: statistics need at least one; "
            "import it again and look at the no-data values."
        )
    windows = blocks(scene.grid, block_pixels)
    with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE_MB), threadpool_limits(1):
        shift = _shift(scene, names, windows[0])
        parts = [_Pass(scene, names, shift, sample_pixels // 2, seed) for _ in range(THREADS)]
        _walk(parts, windows, report)
    first = parts[0]
    for part in parts[1:]:
        first.absorb(part)
    return first.result()


def _shift(scene: Scene, names: Sequence[str], window: Window) -> np.ndarray:
    """The first block's means; the stored median where a factor has no data in it."""
    values = scene.read(names, window).reshape(-1, len(names)).astype(np.float64)
    counts = np.isfinite(values).sum(axis=0)
    means = np.nansum(values, axis=0) / np.maximum(counts, 1)
    stored = [scene.factor(n).quantiles[1] if scene.factor(n).quantiles else 0.0 for n in names]
    return np.where(counts > 0, means, stored)


def _walk(parts: list["_Pass"], windows: list[Window], report: Report) -> None:
    """Let every part take each `len(parts)`-th block; a stop request ends all of them."""
    stop = threading.Event()

    def work(number: int) -> None:
        for window in windows[number :: len(parts)]:
            if stop.is_set():
                return
            parts[number].add(window)

    with ThreadPoolExecutor(len(parts)) as pool:
        running = {pool.submit(work, number) for number in range(len(parts))}
        try:
            while running:
                done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                report("reading the factors", sum(p.blocks_done for p in parts) / len(windows))
        finally:
            stop.set()


class _Pass:
    """What one thread adds up."""

    def __init__(self, scene: Scene, names, shift: np.ndarray, per_class: int, seed: int):
        self.scene, self.names, self.seed = scene, names, seed
        self.blocks_done = 0
        self._others = [i for i, n in enumerate(names) if n not in MOTION]
        self._complete = moments.empty(shift)
        self._rest = moments.empty(shift[self._others])
        ranges = [_binning(scene, n) for n in names]
        self._lows, self._widths = (np.array([r[i] for r in ranges]) for i in (0, 1))
        self._bins = np.array([r[2] for r in ranges])
        self._counts = np.zeros((len(names), 2, int(self._bins.max())), np.int64)
        draws = per_class > 0 and scene.mask_path is not None
        self._reservoirs = [sample.Reservoir(per_class, len(names)) for _ in range(2)] * draws

    def add(self, window: Window) -> None:
        values = np.moveaxis(self.scene.read(self.names, window), -1, 0)
        values = values.reshape(len(self.names), -1)
        inside = np.zeros(values.shape[1], np.uint8)
        if self.scene.mask_path is not None:
            inside = (self.scene.read_mask(window).ravel() == 1).astype(np.uint8)
        histogram.fill(self._counts, self._lows, self._widths, self._bins, values, inside)
        known = np.isfinite(values)
        complete = known.all(axis=0)
        self._complete += moments.moments_of(_pick(values, complete), self._complete.shift)
        rest = known[self._others].all(axis=0) & ~complete
        if rest.any():
            self._rest += moments.moments_of(values[np.ix_(self._others, rest)], self._rest.shift)
        for label, reservoir in enumerate(self._reservoirs):
            at = np.flatnonzero(complete & (inside == label))
            position = self._position(window, at)
            reservoir.offer(sample.keys(position, self.seed), position, values[:, at])
        self.blocks_done += 1

    def _position(self, window: Window, at: np.ndarray) -> np.ndarray:
        rows, columns = np.divmod(at, window.width)
        return (rows + window.row_off) * self.scene.grid.width + columns + window.col_off

    def absorb(self, other: "_Pass") -> None:
        self._complete += other._complete
        self._rest += other._rest
        self._counts += other._counts
        for mine, theirs in zip(self._reservoirs, other._reservoirs):
            drawn = theirs.drawn()
            mine.offer(drawn.key, drawn.position, drawn.values.T)

    def result(self) -> Statistics:
        without = self._complete.subset(self._others) + self._rest
        fine = zip(self.names, self._lows, self._widths, self._bins, self._counts)
        balanced = None
        if self._reservoirs:
            drawn = [reservoir.drawn() for reservoir in self._reservoirs]
            balanced = sample.balance(*drawn, self.scene.grid.width)
        return Statistics(
            names=tuple(self.names),
            pixels=self.scene.grid.width * self.scene.grid.height,
            complete=self._complete,
            without_deformation=without,
            histograms={
                name: FineHistogram(float(low), float(width), counts[:, :bins])
                for name, low, width, bins, counts in fine
            },
            balanced=balanced,
        )


def _binning(scene: Scene, name: str) -> tuple[float, float, int]:
    factor = scene.factor(name)
    return histogram.binning(factor.minimum, factor.maximum, factor.kind == "categorical")


def _pick(values: np.ndarray, keep: np.ndarray) -> np.ndarray:
    return values if keep.all() else values[:, keep]
