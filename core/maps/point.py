"""What lies under one point of the map: every factor with its unit, the reference, and the
probabilities of runs."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from rasterio.warp import transform
from rasterio.windows import Window

from core import numerals
from core.display.raster import georeferenced
from core.errors import SlideScopeError
from core.runs import run_files
from core.runs import store as runs
from core.scene.store import Scene, SceneFactor

MOST_RUNS = 16


def pixel(scene: Scene, lat: float, lng: float) -> tuple[int, int] | None:
    """Return (row, column) of a place on the map, None outside the scene."""
    if georeferenced(scene):
        (x,), (y,) = transform("EPSG:4326", scene.grid.crs, [lng], [lat])
        if not (np.isfinite(x) and np.isfinite(y)):
            return None
        column, row = ~scene.grid.affine * (x, y)
    else:
        row, column = -lat, lng
    row, column = int(np.floor(row)), int(np.floor(column))
    inside = 0 <= row < scene.grid.height and 0 <= column < scene.grid.width
    return (row, column) if inside else None


def values(scene: Scene, row: int, column: int, run_ids: Sequence[str]) -> list[dict[str, str]]:
    """Return {title, text} of every factor, of the reference and of each run's probability."""
    stack = _read(scene.stack_path, scene.stack_path.stat().st_mtime_ns, row, column)
    found = [
        {"title": item.known.title, "text": _words(item, value)}
        for item, value in zip(scene.factors, stack)
    ]
    if scene.mask_path is not None:
        mask = _read(scene.mask_path, scene.mask_path.stat().st_mtime_ns, row, column)
        text = "landslide" if mask[0] == 1 else "no landslide"
        found.append({"title": "Reference", "text": text})
    return found + _probabilities(scene, row, column, run_ids)


def _probabilities(scene: Scene, row: int, column: int, run_ids: Sequence[str]) -> list[dict]:
    found = []
    for run_id in run_ids[:MOST_RUNS]:
        try:
            run = runs.load(run_id)
        except SlideScopeError:
            continue  # deleted meanwhile
        file = run.prediction(scene.name) / run_files.PROBABILITY
        if file.exists() and not run.outdated(scene.name, scene.fingerprint):
            value = _read(file, file.stat().st_mtime_ns, row, column)[0]
            text = f"p {value:.3f}" if np.isfinite(value) else "no data"
            found.append({"title": run.title, "text": text})
    return found


@lru_cache(maxsize=4096)
def _read(path: Path, _modified: int, row: int, column: int) -> tuple[float, ...]:
    with rasterio.open(path, driver="GTiff") as source:
        return tuple(source.read(window=Window(column, row, 1, 1))[:, 0, 0].tolist())


def _words(item: SceneFactor, value: float) -> str:
    if not np.isfinite(value):
        return "no data"
    if item.kind == "categorical":
        return (item.legend or {}).get(f"{value:.0f}", f"class {value:g}")
    text = numerals.number(value, (item.maximum or 0) - (item.minimum or 0))
    return f"{text} {item.unit}" if item.unit else text
