"""Factor statistics: one streaming pass over the stack (paper, section 3.1).

Threads, or the workers of a pool, read and add up strips of blocks of their own, which are joined
from the top: results depend neither on timing nor on who did what, and memory does not depend on
the size of the scene.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain

import numpy as np
import rasterio
from rasterio.windows import Window
from threadpoolctl import threadpool_limits

from core.analysis.areas.area import WHOLE, Area
from core.analysis.one_pass import sample, tasks
from core.analysis.one_pass.coding import Coded, Column, columns_of
from core.analysis.one_pass.histogram import FineHistogram
from core.analysis.one_pass.moments import Moments
from core.analysis.one_pass.streaming import Sums
from core.analysis.one_pass.tasks import BLOCK_PIXELS, GDAL_CACHE_BYTES, Asked
from core.analysis.relations.collinearity import pearson
from core.cluster.pool import Pool
from core.errors import SlideScopeError
from core.factors import QUALITY, WITH_GAPS
from core.jobs.report import Report, silent
from core.scene.store import BLOCK, Scene

SAMPLE_PIXELS = 20_000


@dataclass(frozen=True)
class Wish:
    """What is asked for: `pixels` of the balanced sample of importance, its `seed`, `area`; `also`
    what tells of the rate's quality and is no factor otherwise."""

    pixels: int = SAMPLE_PIXELS
    seed: int = 0
    area: Area = WHOLE
    drop_column: bool = False
    also: tuple[str, ...] = ()


THREADS = 2


@dataclass(frozen=True)
class Statistics:
    """What one pass found.

    `names` are the factors with data; `coded` the moments of their `columns` over the pixels where
    all of them have data; `without_deformation` those of the others over the pixels where these
    have data (the same in a scene without deformation). `pixels` of the area.
    """

    names: tuple[str, ...]
    pixels: int
    columns: tuple[Column, ...]
    coded: Moments
    without_deformation: Moments
    histograms: dict[str, FineHistogram]
    balanced: sample.BalancedSample | None

    @property
    def complete(self) -> Moments:
        """Of the factors as plain numbers."""
        return self.coded.subset(range(len(self.names)))

    @property
    def correlations(self) -> Coded:
        """Of all columns."""
        # Sums of 0 and 1: how many pixels a class has.
        classes = [column.form == "class" for column in self.columns]
        counts = np.where(classes, self.coded.sums, 0).round().astype(int)
        return Coded(self.columns, pearson(self.coded), tuple(counts.tolist()))

    @property
    def others(self) -> tuple[str, ...]:
        """The names that `without_deformation` has."""
        return tuple(n for n in self.names if n not in WITH_GAPS)


def compute(
    scene: Scene,
    names: Sequence[str] | None = None,
    sample_pixels: int = 20_000,
    seed: int = 0,
    report: Report = silent,
    block_pixels: int = BLOCK_PIXELS,
    area: Area = WHOLE,
    recommended: bool = True,
    pool: Pool | None = None,
) -> Statistics:
    """Pass once over `names` (default: every factor that has data) and return the statistics.

    `sample_pixels` is the size of the balanced sample, halved between the classes; 0, or a scene
    without inventory, draws none. `recommended`: with the columns of that coding.
    """
    names = tuple(names or usual(scene))
    if not names:
        raise SlideScopeError(
            f"Scene '{scene.name}' has no factor with data: statistics need at least one; "
            "import it again and look at the no-data values."
        )
    columns = columns_of([scene.factor(n) for n in names])[: None if recommended else len(names)]
    strips = tasks.strips(scene, area, block_pixels)
    with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE_BYTES), threadpool_limits(1):
        # Where the area touches nothing its first pixels do: a shift is as good as another.
        begin = strips[0][0] if strips else tasks.blocks(scene.grid, block_pixels)[0]
        asked = Asked(columns, _shift(scene, names, begin), sample_pixels // 2, seed, area)
        if pool is None:
            total = _walk(scene, asked, strips, report)
        else:
            total = tasks.walk(scene, asked, strips, block_pixels, pool, report)
    return Statistics(
        names=names,
        pixels=total.pixels,
        columns=columns,
        coded=total.coded,
        without_deformation=total.without_deformation,
        histograms=total.histograms,
        balanced=total.balanced,
    )


def _shift(scene: Scene, names: Sequence[str], window: Window) -> np.ndarray:
    """The first block's means; the stored median where a factor has no data in it."""
    first = Window(window.col_off, window.row_off, min(window.width, BLOCK), window.height)
    values = scene.read(names, first).reshape(-1, len(names)).astype(np.float64)
    counts = np.isfinite(values).sum(axis=0)
    means = np.nansum(values, axis=0) / np.maximum(counts, 1)
    stored = [scene.factor(n).quantiles[1] if scene.factor(n).quantiles else 0.0 for n in names]
    return np.where(counts > 0, means, stored)


def _walk(scene: Scene, asked: Asked, strips: list[list[Window]], report: Report) -> Sums:
    """Let each thread take every nth strip; a stop request ends all of them."""
    stop, parts = threading.Event(), [asked.sums(scene) for _ in range(THREADS)]
    count = max(1, sum(map(len, strips)))

    def work(number: int) -> None:
        with parts[number].opened() as add:
            for window in chain.from_iterable(strips[number::THREADS]):
                if stop.is_set():
                    return
                add(window)

    with ThreadPoolExecutor(THREADS) as threads:
        running = {threads.submit(work, number) for number in range(THREADS)}
        try:
            while running:
                done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                report("reading the factors", sum(p.blocks_done for p in parts) / count)
        finally:
            stop.set()
    first, *others = parts
    for part in others:
        first.absorb(part)
    return first


def usual(scene: Scene, also: Sequence[str] = ()) -> list[str]:
    """Factors with data, without those that tell of the rate's quality, unless they are named."""
    left = [f.name for f in scene.factors if f.valid_share]
    return [name for name in left if name not in QUALITY or name in also]


def check_pixels(pixels: int) -> None:
    if not 100 <= pixels <= 1_000_000:
        raise SlideScopeError(
            f"Invalid sample size {pixels}: importance is measured on 100 to 1000000 pixels; "
            "choose a number in between."
        )


def usable(
    scene: Scene,
    wish: Wish,
    report: Report = silent,
    names: Sequence[str] | None = None,
    pool: Pool | None = None,
) -> tuple[Statistics, list[dict]]:
    """Return the statistics of every factor (of `names`) that can be used, and {factor, reason} of
    the others.

    A factor without data in the area is left out, and deformation where it spoils the listwise set.
    """
    none = [{"factor": f.name, "reason": "no data"} for f in scene.factors if not f.valid_share]
    found = _pass(scene, wish, names or usual(scene, wish.also), report, pool)
    if not found.pixels:
        raise SlideScopeError(
            f"The area '{wish.area.words}' holds no pixel centre of scene '{scene.name}': "
            "statistics need more pixels than factors; choose a larger one."
        )
    empty = [name for name, fine in found.histograms.items() if not fine.counts.any()]
    none += [{"factor": name, "reason": "no data in the area"} for name in empty]
    names = tuple(name for name in found.names if name not in empty)
    if not names:
        raise SlideScopeError(
            f"No factor of scene '{scene.name}' has data in the area '{wish.area.words}': "
            "statistics need at least one; choose another area."
        )
    if empty:
        found = _pass(scene, wish, names, pool=pool)
    found, too_few = _with_enough_pixels(scene, found, wish, pool)
    return found, none + too_few


def _pass(
    scene: Scene, wish: Wish, names, report: Report = silent, pool: Pool | None = None
) -> Statistics:
    return compute(scene, names, wish.pixels, wish.seed, report, area=wish.area, pool=pool)


def _with_enough_pixels(scene: Scene, found: Statistics, wish: Wish, pool: Pool | None):
    """Leave deformation out where it spoils the listwise set; refuse a set without pixels."""
    least = len(found.names) + 1
    if found.complete.n >= least:
        return found, []
    if found.without_deformation.n < least or not found.others:
        names = found.others or found.names
        counts = {name: found.histograms[name].counts.sum() for name in names}
        emptiest = min(counts, key=lambda name: counts[name])
        where = "the area" if wish.area.parts else "the scene"
        raise SlideScopeError(
            f"Scene '{scene.name}' has {found.without_deformation.n} pixels with data in all "
            f"{len(names)} factors: statistics need more pixels than factors; import it "
            f"again without '{emptiest}', which has data on "
            f"{100 * counts[emptiest] / found.pixels:.1f} % of {where}"
            + (", or choose a larger area." if wish.area.parts else ".")
        )
    reason = f"only {found.complete.n} pixels where all other factors have data"
    without = [name for name in found.names if name not in found.others]
    return _pass(scene, wish, found.others, pool=pool), [
        {"factor": n, "reason": reason} for n in without
    ]
