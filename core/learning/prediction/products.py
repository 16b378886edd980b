"""What a prediction leaves behind: probability, mask, outlines and the counts of every tile."""

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic
from core.cluster.pool import Pool
from core.display import bins, display
from core.jobs.report import Report, silent
from core.learning import split
from core.learning.prediction import outlining, tasks
from core.learning.scores import metrics
from core.learning.split import record
from core.learning.tiles import plots
from core.learning.tiles.tiling import Tiling, tiling_of
from core.runs import run_files
from core.runs.store import MADE_OF, Run
from core.scene import store as scenes
from core.scene.grid import Grid
from core.scene.store import Scene

THRESHOLD = 0.5
TIFF = {"driver": "GTiff", "tiled": True, "blockxsize": 256, "blockysize": 256}


def profile(grid: Grid, dtype: str, nodata: float) -> dict:
    """Rasterio profile of a single-band GeoTIFF on `grid`."""
    where = {"crs": grid.crs, "transform": grid.affine, "width": grid.width, "height": grid.height}
    how = {"compress": "deflate", "BIGTIFF": "IF_SAFER"}
    return {**TIFF, **how, **where, "count": 1, "dtype": dtype, "nodata": nodata}


def write_mask(
    folder: Path, grid: Grid, threshold: float = THRESHOLD, target: Path | None = None
) -> int:
    """Write `target` (default: mask.tif beside it; 1 landslide, 0 not, 255 no data) from
    probability.tif; return the number of landslide pixels."""
    found, path = 0, target or folder / run_files.MASK
    with (
        rasterio.open(folder / run_files.PROBABILITY) as source,
        rasterio.open(path, "w", **profile(grid, "uint8", 255)) as sink,
    ):
        sink.update_tags(threshold=threshold)
        for _, window in source.block_windows(1):
            mask = bins.to_mask(bins.to_display(source.read(1, window=window)), threshold)
            sink.write(mask, 1, window=window)
            found += int((mask == 1).sum())
    return found


def write_outlines(folder: Path, scene: Scene) -> int:
    """Write landslides.gpkg, a polygon with area_ha and mean probability for every connected
    predicted landslide; return their number."""
    return outlining.write(folder, scene)


def count_tiles(folder: Path, scene: Scene, tiling: Tiling) -> np.ndarray:
    """Return counts uint32 (tiles, 200, 2) of probability.tif against the reference mask."""
    counts = np.zeros((len(tiling), bins.BINS, 2), np.uint32)
    columns = tiling.shape[1]
    with rasterio.open(folder / run_files.PROBABILITY) as source:
        for row in range(tiling.shape[0]):
            top = row * tiling.tile
            strip = Window(0, top, scene.grid.width, min(tiling.tile, scene.grid.height - top))
            display = bins.to_display(source.read(1, window=strip))
            reference = scene.read_mask(strip)
            for column in range(columns):
                part = np.s_[:, column * tiling.tile : (column + 1) * tiling.tile]
                counts[row * columns + column] = metrics.count(display[part], reference[part])
    return counts


def save_origin(folder: Path, scene: Scene, **more: Any) -> None:
    """Say which state of the scene the prediction in `folder` was made of; `more`: of which
    weights, and at what cost (`core.runs.tables`)."""
    about = {"scene": scene.name, "fingerprint": scene.fingerprint, **more}
    atomic.write_json(folder / MADE_OF, about)


def save_counts(folder: Path, counts: np.ndarray, part: np.ndarray) -> None:
    np.savez_compressed(folder / run_files.COUNTS, counts=counts, part=part.astype(np.uint8))


def load_counts(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return (counts (tiles, 200, 2), part (tiles,)) of a prediction."""
    with np.load(folder / run_files.COUNTS, allow_pickle=False) as file:
        return file["counts"], file["part"]


def finish(
    run: Run,
    scene: Scene,
    folder: Path,
    layers: tuple[str, ...],
    made_with: dict,
    report: Report = silent,
    pool: Pool | None = None,
) -> dict:
    """Write into `folder`, which holds probability.tif, all that goes with it.

    `made_with` is noted beside the scene's state; `pool`: who outlines and draws. Returns {run,
    scene, landslides, landslide_pixels, empty_mask, folder, flips}.
    """
    report("Outlining landslides", 0.92)
    save_origin(folder, scene, **made_with)
    pixels = write_mask(folder, scene.grid)
    shown = [tasks.showing(folder, scene, layer) for layer in layers] if pool else []
    polygons = outlining.write(folder, scene, pool=pool, report=report, also=shown)
    if scene.inventory:
        parts = plots.split_on(run, scene).part
        counts = count_tiles(folder, scene, tiling_of(scene))
        save_counts(folder, counts, parts)
    for layer in layers if not pool else ():
        report("Preparing the map", 0.96)
        display.prepare_prediction(folder, scene, layer)
    # Hours may have passed: no map of two scenes, and none scored against another one.
    scenes.check_same(scene)
    if own := plots.split_file(run.path, run.config, scene.name):
        record.write(folder, scene, split.load(own))
    return {
        "run": run.id,
        "scene": scene.name,
        "landslides": polygons,
        "landslide_pixels": pixels,
        "empty_mask": pixels == 0,
        "folder": str(run.prediction(scene.name)),
        "flips": made_with["flips"],
    }
