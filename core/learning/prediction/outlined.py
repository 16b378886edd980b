"""Outlines of a map's strips as tasks of a pool; the landslides that cross strips are put together
afterwards, by whoever asked, as they are where one process does all."""

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.windows import Window

from core import atomic
from core.cluster.parts import Parts, beneath
from core.cluster.pool import Pool
from core.cluster.task import Task
from core.jobs.report import Report
from core.learning.prediction import outlining
from core.learning.prediction.outlining import Landslide, Outlined
from core.runs import run_files
from core.scene.grid import Grid
from core.scene.store import Scene

# Strips of one task: some seconds of work.
TOGETHER = 4


def strips(
    folder: Path,
    scene: Scene,
    rows: int | None,
    pool: Pool,
    report: Report,
    also: Sequence[Task] = (),
) -> Iterator[Outlined]:
    """The strips of the map in `folder`, from the top, each outlined by a worker; `also`: what else
    is to be made of the map meanwhile."""
    # Of a folder that has no name yet: nothing of it is kept for another time.
    parts = Parts("outlines", secrets.token_hex(8))
    windows = outlining.windows_of(scene, rows)
    step = TOGETHER * pool.grain
    groups = [windows[i : i + step] for i in range(0, len(windows), step)]
    try:
        tasks = [*also, *(_task(folder, scene.grid, each, parts) for each in groups)]
        for _ in pool.results(tasks, _within(report), "Outlining landslides"):
            pass
        for window in windows:
            yield load(parts.path(_name(window)))
    finally:
        parts.remove()


def _within(report: Report) -> Report:
    """How far a prediction is stays where it is while it is outlined."""
    return lambda stage, fraction=None, **figures: report(stage, 0.92, **figures)


def _name(window: Window) -> str:
    return f"{int(window.row_off):08d}.npz"


def _task(folder: Path, grid: Grid, windows: list[Window], parts: Parts) -> Task:
    spans = [(int(w.row_off), int(w.height)) for w in windows]
    targets = [parts.place(_name(w)) for w in windows]
    first, last = spans[0][0], sum(spans[-1])
    arguments = (beneath(folder), grid.to_json(), spans, targets)
    return Task(f"rows {first} to {last}", outline, arguments)


def outline(folder: str, grid: dict, spans: list[tuple[int, int]], targets: list[str]) -> None:
    """A worker's task: outline strips, given as (first row, rows), into a file each."""
    where, on = Parts.here(folder), Grid.from_json(grid)
    with (
        rasterio.open(where / run_files.MASK) as masks,
        rasterio.open(where / run_files.PROBABILITY) as probabilities,
    ):
        for (top, height), target in zip(spans, targets):
            window = Window(0, top, on.width, height)
            found = outlining.outline(masks, probabilities, on, window)
            with atomic.whole_file(Parts.here(target)) as temporary:
                save(found, temporary)


def save(found: Outlined, path: Path) -> None:
    """Write a strip down as plain numbers and bytes."""
    shapes = [shapely.to_wkb(part) for piece in found.pieces for part in piece.parts]
    with path.open("wb") as file:
        np.savez(
            file,
            first=found.first,
            last=found.last,
            total=np.array([piece.total for piece in found.pieces], np.float64),
            pixels=np.array([piece.pixels for piece in found.pieces], np.int64),
            parts=np.array([len(piece.parts) for piece in found.pieces], np.int64),
            lengths=np.array([len(shape) for shape in shapes], np.int64),
            shapes=np.frombuffer(b"".join(shapes), np.uint8),
        )


def load(path: Path) -> Outlined:
    """Read what `save` wrote."""
    with np.load(path, allow_pickle=False) as kept:
        ends = np.cumsum(kept["lengths"])
        text = kept["shapes"].tobytes()
        shapes = iter(
            shapely.from_wkb(text[end - length : end])
            for end, length in zip(ends.tolist(), kept["lengths"].tolist())
        )
        pieces = [
            Landslide([next(shapes) for _ in range(count)], total, pixels)
            for count, total, pixels in zip(
                kept["parts"].tolist(), kept["total"].tolist(), kept["pixels"].tolist()
            )
        ]
        return Outlined(kept["first"], kept["last"], pieces)
