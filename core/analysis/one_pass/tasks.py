"""The pass over the pixels as strips of blocks, which workers share.

A task adds some strips up into a file; the files are joined from the top. What is done stays until
the pass is, so a broken one goes on.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window
from threadpoolctl import threadpool_limits

from core import __version__, atomic
from core.analysis.areas.area import Area
from core.analysis.one_pass.coding import Column
from core.analysis.one_pass.streaming import Sums
from core.cluster.parts import Parts
from core.cluster.pool import Pool
from core.cluster.task import Task
from core.jobs.report import Report
from core.scene import store
from core.scene.grid import Grid
from core.scene.store import BLOCK, Scene

# A block of ten factors is 5 MB: it is still in a processor's cache when it is added up.
BLOCK_PIXELS = 2**17
# GDAL would else keep 5 % of the machine's memory full of blocks that are never read again.
GDAL_CACHE_BYTES = 16 * 2**20
# Of a task: some seconds, beside which a scheduler's milliseconds do not count.
TASK_PIXELS = 2**23


@dataclass(frozen=True)
class Asked:
    """What is added up: moments of `columns`, less `shift`, of the pixels of `area`; `per_class`
    pixels are drawn of landslide and of other."""

    columns: tuple[Column, ...]
    shift: np.ndarray
    per_class: int
    seed: int
    area: Area

    def sums(self, scene: Scene) -> Sums:
        """Those of no pixel."""
        return Sums(scene, self.columns, self.shift, self.per_class, self.seed, self.area)


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


def strips(scene: Scene, area: Area, block_pixels: int = BLOCK_PIXELS) -> list[list[Window]]:
    """The blocks that the area touches, by rows from the top."""
    touched = (w for w in blocks(scene.grid, block_pixels) if area.touches(scene, w))
    return [list(each) for _, each in groupby(touched, key=lambda w: w.row_off)]


def walk(
    scene: Scene,
    asked: Asked,
    found: Sequence[list[Window]],
    block_pixels: int,
    pool: Pool,
    report: Report,
) -> Sums:
    """Let the workers of a pool add the strips up, and join what they found."""
    parts = Parts("factors", _key(scene, asked, block_pixels))
    groups = _groups(found, TASK_PIXELS * pool.grain)
    files = [f"{rows[0]:08d}-{rows[-1]:08d}.npz" for rows in groups]
    of = (scene.name, scene.fingerprint, asked, block_pixels)
    tasks = [
        Task(f"rows {rows[0]} to {rows[-1] + BLOCK}", add_up, (*of, rows, parts.place(file)))
        for rows, file in zip(groups, files)
        if not parts.has(file)
    ]
    for _ in pool.results(tasks, report, "Reading the factors", len(groups) - len(tasks)):
        pass
    total = asked.sums(scene)
    for file in files:
        total.take(parts.path(file))
    parts.remove()
    return total


def add_up(
    name: str,
    fingerprint: str,
    asked: Asked,
    block_pixels: int,
    rows: Sequence[int],
    target: str,
) -> None:
    """A worker's task: add up the strips that begin in `rows`, into a file of the workspace."""
    scene = store.load_as(name, fingerprint)
    sums, wanted = asked.sums(scene), set(rows)
    with (
        rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE_BYTES),
        threadpool_limits(1),
        sums.opened() as add,
    ):
        for strip in strips(scene, asked.area, block_pixels):
            if strip[0].row_off in wanted:
                for window in strip:
                    add(window)
    with atomic.whole_file(Parts.here(target)) as temporary:
        sums.save(temporary)


def _groups(found: Sequence[list[Window]], pixels: int) -> list[list[int]]:
    """First rows of the strips, as many together as have so many pixels."""
    groups: list[list[int]] = []
    held = pixels
    for strip in found:
        if held >= pixels:
            groups.append([])
            held = 0
        groups[-1].append(int(strip[0].row_off))
        held += sum(int(w.width * w.height) for w in strip)
    return groups


def _key(scene: Scene, asked: Asked, block_pixels: int) -> str:
    """What the parts depend on, as a name."""
    about: list[Any] = [__version__, scene.name, scene.fingerprint, scene.inventory, block_pixels]
    about += [[asdict(column) for column in asked.columns], asked.shift.tolist()]
    about += [asked.per_class, asked.seed, asked.area.key]
    return hashlib.sha256(json.dumps(about, default=str).encode()).hexdigest()[:16]
