"""From a probability to all that a prediction's folder holds: mask, outlines, counts, map."""

from pathlib import Path

from core.display import display
from core.jobs.report import Report, silent
from core.learning import split
from core.learning.prediction import products
from core.learning.split import drawn
from core.learning.tiles import plots
from core.learning.tiles.tiling import tiling_of
from core.runs.store import Run
from core.scene.store import Scene


def finish(
    run: Run,
    scene: Scene,
    folder: Path,
    layers: tuple[str, ...],
    made_with: dict,
    report: Report = silent,
) -> dict:
    """Write into `folder`, which holds probability.tif, all that goes with it.

    `made_with` is noted beside the scene's state. Returns {run, scene, landslides,
    landslide_pixels, empty_mask, folder, flips}.
    """
    report("Outlining landslides", 0.92)
    products.save_origin(folder, scene, **made_with)
    pixels = products.write_mask(folder, scene.grid)
    polygons = products.write_outlines(folder, scene)
    if scene.inventory:
        parts = plots.split_on(run, scene).part
        counts = products.count_tiles(folder, scene, tiling_of(scene))
        products.save_counts(folder, counts, parts)
    report("Preparing the map", 0.96)
    for layer in layers:
        display.prepare_prediction(folder, scene, layer)
    if own := plots.split_file(run.path, run.config, scene.name):
        drawn.write(folder, scene, split.load(own))
    return {
        "run": run.id,
        "scene": scene.name,
        "landslides": polygons,
        "landslide_pixels": pixels,
        "empty_mask": pixels == 0,
        "folder": str(run.prediction(scene.name)),
        "flips": made_with["flips"],
    }
