"""The layers of a scene as tasks of a pool: first strips of display values, then a layer each."""

from pathlib import Path

from rasterio.windows import Window

from core.cluster.parts import Parts, beneath
from core.cluster.pool import Pool
from core.cluster.task import Task
from core.display import display, raster
from core.display.display import LayerPlan
from core.jobs.report import Report, part
from core.scene import store
from core.scene.stitched import Stitched
from core.scene.store import Scene

# Of a task: some seconds of work.
VALUES = 2**26


def write(
    scene: Scene,
    plans: list[LayerPlan],
    scratch: Path,
    folder: Path,
    pool: Pool,
    report: Report,
) -> None:
    """Write a display raster a plan into `folder`, by way of `scratch`."""
    _draw(scene, plans, scratch, pool, part(report, 0.0, 0.3))
    on_earth = raster.georeferenced(scene)
    tasks = [
        Task(plan.title, write_layer, (*_places(scratch, folder, plan), plan.smoothing, on_earth))
        for plan in plans
    ]
    for _ in pool.results(tasks, part(report, 0.3, 1.0), "Preparing map layers"):
        pass


def _places(scratch: Path, folder: Path, plan: LayerPlan) -> tuple[str, str]:
    name = f"{plan.id}.tif"
    return beneath(scratch / name), beneath(folder / name)


def _draw(scene: Scene, plans: list[LayerPlan], scratch: Path, pool: Pool, report: Report) -> None:
    """Write an uncompressed raster a plan into `scratch`."""
    grid, each = scene.grid, raster.TILE
    a_row = grid.width * max(1, len(scene.factors))
    step = max(1, VALUES * pool.grain // (each * a_row)) * each
    tops = range(0, grid.height, step)
    place, into = beneath(scene.path), beneath(scratch)
    tasks = [Task(f"rows from {top}", draw, (place, top, step, into)) for top in tops]
    for _ in pool.results(tasks, report, "Drawing map layers"):
        pass
    for plan in plans:
        with Stitched(scratch / f"{plan.id}.tif", raster.plain_profile(grid)) as whole:
            for top in tops:
                piece = scratch / f"{top}.{plan.id}.tif"
                whole.add(piece)
                piece.unlink()


def draw(scene_at: str, top: int, rows: int, scratch: str) -> None:
    """A worker's task: display values of some rows, a raster a plan."""
    scene, into = store.load_folder(Parts.here(scene_at)), Parts.here(scratch)
    whole = Window(0, top, scene.grid.width, min(rows, scene.grid.height - top))
    grid = scene.grid.window(whole)
    plans = [plan for plan in display.plans_of(scene) if plan.kind != "rgb"]
    inside = raster.strips(grid, 4 * max(1, len(scene.factors)))
    windows = [Window(0, top + w.row_off, w.width, w.height) for w in inside]
    paths = {plan.id: into / f"{top}.{plan.id}.tif" for plan in plans}
    display.draw(scene, plans, paths, grid, windows)


def write_layer(plain: str, target: str, smoothing: raster.Smoothing, on_earth: bool) -> None:
    """A worker's task: the display raster of one layer."""
    source = Parts.here(plain)
    raster.write(source, Parts.here(target), smoothing, on_earth)
    source.unlink()
