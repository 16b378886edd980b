"""An import as tasks of a pool: terrain with a row more on either side, then strips of the aligned
stack. A worker makes the plan itself, out of the same request and files."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Any

import rasterio
from rasterio.windows import Window

from core import __version__, atomic, paths
from core.cluster.parts import WORKSPACE, Parts
from core.cluster.pool import Pool
from core.cluster.task import Task, me
from core.errors import SlideScopeError
from core.jobs.report import Report, silent
from core.scene import strips
from core.scene.align.derive import ROWS as TERRAIN_ROWS
from core.scene.align.derive import Terrain, new, profile_of_terrain
from core.scene.align.readers import Readers
from core.scene.files import guard
from core.scene.grid import Grid
from core.scene.origin import moved
from core.scene.plan.planning import ImportPlan, plan
from core.scene.plan.request import ImportRequest
from core.scene.stitched import Stitched
from core.scene.strips import ROWS, Gathered

# Of a task: some seconds of work.
TERRAIN_PIXELS, STACK_VALUES = 2**23, 2**24


class Crew:
    """Has the rasters of an import written by a pool, and puts them together."""

    def __init__(self, pool: Pool, request: ImportRequest, made: ImportPlan):
        self._pool, self._made = pool, made
        value = moved(request.to_json(), str(paths.workspace()), WORKSPACE)
        value = {name: each for name, each in value.items() if name not in ("on", "replace")}
        # In the order of asking: the scene's factors follow it.
        self._asked = json.dumps(value)
        self.parts = Parts("import", _key(self._asked))
        self.work = self.parts.path("work")

    def derive(self, terrain: Terrain, path: Path, report: Report) -> None:
        """Write the terrain factors of a DEM."""
        grid = terrain.grid
        spans = _spans(grid, TERRAIN_ROWS, TERRAIN_PIXELS * self._pool.grain, grid.width)
        files = [f"terrain-{first:08d}.tif" for first, _ in spans]
        tasks = {
            n: Task(f"terrain from row {span[0]}", derive_rows, self._of(grid, file, span))
            for n, (file, span) in enumerate(zip(files, spans))
            if not self.parts.has(file)
        }
        with (
            new(path) as temporary,
            Stitched(temporary, profile_of_terrain(grid, len(terrain.names))) as whole,
        ):
            for part in self._from_the_top(files, tasks, report, "Deriving the terrain"):
                whole.add(part)
        for file in files:
            self.parts.path(file).unlink()

    def write_stack(self, path: Path, digest: Any, report: Report) -> Gathered:
        """Write the aligned stack, and add its values to a hash."""
        grid, names, found = self._made.layout.grid, self._made.names, Gathered(self._made)
        with Stitched(path, strips.profile_of(grid, len(names)), names) as whole:
            for part in self._aligned(report):
                with rasterio.open(part) as source:
                    for row in range(0, source.height, ROWS):
                        window = Window(0, row, grid.width, min(ROWS, source.height - row))
                        digest.update(source.read(window=window).tobytes())
                found.take(part.with_suffix(".npz"))
                whole.add(part)
        return found

    def _aligned(self, report: Report) -> Iterator[Path]:
        """The parts of the stack from the top."""
        grid, names = self._made.layout.grid, self._made.names
        spans = _spans(grid, ROWS, STACK_VALUES * self._pool.grain, grid.width * len(names))
        files = [f"stack-{first:08d}.tif" for first, _ in spans]
        tasks = {
            n: Task(f"rows {span[0]} to {span[1]}", align_rows, self._of(grid, file, span))
            for n, (file, span) in enumerate(zip(files, spans))
            # The summary is written last: where it is, the part is.
            if not self.parts.has(Path(file).with_suffix(".npz").name)
        }
        yield from self._from_the_top(files, tasks, report, f"Aligning {len(names)} factors")

    def _from_the_top(
        self, files: Sequence[str], tasks: Mapping[int, Task], report: Report, words: str
    ) -> Iterator[Path]:
        """The files in their order, each as soon as it and those above are there; `tasks` make
        those that are not, by their number."""
        missing, given = set(tasks), 0
        numbers, done = list(tasks), len(files) - len(tasks)
        for number, _ in self._pool.results(list(tasks.values()), report, words, done):
            missing.discard(numbers[number])
            while given < len(files) and given not in missing:
                yield self.parts.path(files[given])
                given += 1
        yield from (self.parts.path(file) for file in files[given:])

    def _of(self, grid: Grid, file: str, span: tuple[int, int]) -> tuple:
        where = (self._asked, self.parts.place("work"), grid.to_json())
        return (*where, span, self.parts.place(file))


def _spans(grid: Grid, rows: int, most: int, a_row: int) -> list[tuple[int, int]]:
    """(first row, row after the last) of whole strips of `rows`, together about `most` values.

    >>> _spans(Grid(None, (1, 0, 0, 0, -1, 0), 10, 1000), 256, 6000, 10)
    [(0, 512), (512, 1000)]
    """
    step = max(1, most // (rows * a_row)) * rows
    return [(top, min(top + step, grid.height)) for top in range(0, grid.height, step)]


def _key(asked: str) -> str:
    """What the parts depend on, as a name: the request, and the state of its files."""
    states = [_state(Path(name)) for name in sorted(set(_strings(json.loads(asked))))]
    about = json.dumps([__version__, asked, [each for each in states if each]])
    return hashlib.sha256(about.encode()).hexdigest()[:16]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.replace(WORKSPACE, str(paths.workspace()))
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _state(path: Path) -> list | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return [str(path), status.st_size, status.st_mtime_ns]


@lru_cache(maxsize=1)
def _made_of(asked: str, work: str) -> ImportPlan:
    """The plan on a worker, kept from one task to the next; `work` is named after the state of the
    files, which may be others when the same is asked again."""
    request = ImportRequest.from_json(moved(json.loads(asked), WORKSPACE, str(paths.workspace())))
    with guard.gdal_options():
        return plan(request)


@lru_cache(maxsize=1)
def _readers(asked: str, work: str) -> dict:
    """Its readers, once the work folder has what they need; their files stay open."""
    return Readers(_made_of(asked, work), Parts.here(work), ExitStack(), silent).all()


def _check_same(mine: Grid, theirs: dict) -> None:
    if mine.to_json() != Grid.from_json(theirs).to_json():
        raise SlideScopeError(
            f"The worker on {me()} finds another grid in the files than this machine: they are not "
            "the same there, or were changed meanwhile; share their folder and start again."
        )


def derive_rows(asked: str, work: str, grid: dict, span: Sequence[int], target: str) -> None:
    """A worker's task: the terrain factors of some rows of the DEM, into a raster of their own."""
    terrain = Readers.terrain_of(_made_of(asked, work))
    _check_same(terrain.grid, grid)
    with guard.gdal_options(), atomic.whole_file(Parts.here(target)) as temporary:
        terrain.write(temporary, span[0], span[1])


def align_rows(asked: str, work: str, grid: dict, span: Sequence[int], target: str) -> None:
    """A worker's task: some rows of the aligned stack, into a raster and a summary of their own."""
    made, (first, last) = _made_of(asked, work), span
    whole = made.layout.grid
    _check_same(whole, grid)
    path, found, readers = Parts.here(target), Gathered(made, first), _readers(asked, work)
    part = whole.window(Window(0, first, whole.width, last - first))
    with guard.gdal_options(), atomic.whole_file(path) as temporary:
        how = strips.profile_of(part, len(made.names))
        with rasterio.open(temporary, "w", **how) as sink, strips.threads() as threads:
            for row in range(first, last, ROWS):
                window = Window(0, row, whole.width, min(ROWS, last - row))
                values = found.add(strips.read_strips(readers, made.names, window, threads))
                here = Window(0, row - first, whole.width, window.height)
                sink.write(values, window=here)
    with atomic.whole_file(path.with_suffix(".npz")) as temporary:
        found.save(temporary)
