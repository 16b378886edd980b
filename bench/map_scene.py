"""Scenes of any size with two finished runs, for the map's bench: one seamless pattern, repeated.

What they show does not matter, how large they are does: everything the map reads is written by the
product's own code.
"""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import ndimage

from core.display import display, raster
from core.learning import split
from core.learning.prediction import products
from core.learning.scores import evaluation, metrics
from core.learning.split import Split
from core.learning.tiles.tiling import tiling_of
from core.runs import config
from core.runs import store as runs
from core.scene import store as scenes
from core.scene.grid import Grid

PATTERN = 1024
FACTORS = {
    "red": (300, 2500),
    "nir": (800, 4000),
    "elevation": (600, 3600),
    "deformation": (-80, 30),
}


def noise(seed: int, smooth: float) -> np.ndarray:
    """float32 (1024, 1024) in 0..1 that meets itself at its borders."""
    found = np.random.default_rng(seed).standard_normal((PATTERN, PATTERN))
    found = ndimage.gaussian_filter(found, smooth, mode="wrap")
    return ((found - found.min()) / np.ptp(found)).astype(np.float32)


def landslides() -> np.ndarray:
    """float32 (1024, 1024): 1 in some forty rounded spots."""
    spots = noise(1, 14)
    return (spots > np.quantile(spots, 0.985)).astype(np.float32)


def probability(skill: float) -> np.ndarray:
    """float32 (1024, 1024): the landslides seen through noise."""
    seen = skill * (landslides() - 0.6) + 3 * (noise(int(10 * skill), 2) - 0.5)
    return (1 / (1 + np.exp(-seen))).astype(np.float32)


def make(size: int) -> scenes.Scene:
    """Store the scene `px<size>` with the runs rs and rs-dr in the workspace, and return it."""
    grid = Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), size, size)
    layers = [
        low + (high - low) * noise(7 + n, 12) for n, (low, high) in enumerate(FACTORS.values())
    ]
    with scenes.create(f"px{size}") as folder:
        _repeat(folder / "stack.tif", grid, np.stack(layers), np.nan)
        (folder / "inventory" / "1").mkdir(parents=True)
        mask = landslides().astype(np.uint8)[None]
        _repeat(folder / "inventory" / "1" / "mask.tif", grid, mask, None)
        made = _scene(folder, grid, layers)
        scenes.save(made)
        display.prepare_scene(made)
    scene = scenes.load(f"px{size}")
    for dataset, skill in (("rs-dr", 6.0), ("rs", 4.0)):
        _run(scene, dataset, probability(skill))
    return scene


def _scene(folder: Path, grid: Grid, layers: list[np.ndarray]) -> scenes.Scene:
    counted = {"version": 1, "source": "made up", "polygons": 0, "polygons_without_pixel": 0}
    return scenes.Scene(
        name=f"px{grid.width}",
        path=folder,
        kind="area",
        tile=128,
        grid=grid,
        factors=tuple(_factor(name, layer) for name, layer in zip(FACTORS, layers)),
        synthetic=True,
        fingerprint=f"px{grid.width}",
        created="2026-01-01T00:00:00",
        inventory={**counted, "landslide_share": float(landslides().mean())},
    )


def _factor(name: str, layer: np.ndarray) -> scenes.SceneFactor:
    counts, edges = np.histogram(layer, 32)
    return scenes.SceneFactor(
        name=name,
        kind="continuous",
        unit=scenes.factor(name).unit,
        source="bench/map_scene.py",
        valid_share=1.0,
        minimum=float(layer.min()),
        maximum=float(layer.max()),
        quantiles=tuple(float(q) for q in np.quantile(layer, (0.02, 0.5, 0.98))),
        histogram={"edges": edges.tolist(), "counts": counts.tolist()},
        legend=None,
    )


def _run(scene: scenes.Scene, dataset: str, pattern: np.ndarray) -> None:
    factors = tuple(n for n in scene.factor_names if dataset == "rs-dr" or n != "deformation")
    about = {"inventory_version": 1, "synthetic": True, "preset": "quick", "epochs": 1}
    given = {"scene": scene.name, "fingerprint": scene.fingerprint, "model": "fcadensenet"}
    settings = config.RunConfig(**given, dataset=dataset, factors=factors, **about)
    run = runs.create(settings, f"{scene.name}-{dataset}", None)
    folder, tiling = run.prediction(), tiling_of(scene)
    folder.mkdir(parents=True)
    _repeat(folder / "probability.tif", scene.grid, pattern[None], np.nan)
    products.save_origin(folder, scene)
    products.write_mask(folder, scene.grid)
    part = np.where(np.arange(len(tiling)) % 3 == 2, metrics.TEST, metrics.TRAIN).astype(np.uint8)
    products.save_counts(folder, products.count_tiles(folder, scene, tiling), part)
    display.prepare_prediction(folder, scene)
    split.save(Split(tiling, part, settings.buffer), run.path / "split.json")
    (run.path / "history.csv").write_text("epoch,loss,val_loss\n1,0.5,0.6\n")
    evaluation.store(run)


def _repeat(path: Path, grid: Grid, pattern: np.ndarray, nodata: float | None) -> None:
    """Write `pattern` (layers, 1024, 1024) side by side over the whole grid."""
    how = products.profile(grid, pattern.dtype.name, nodata)
    how |= {"count": len(pattern), "interleave": "pixel", "BIGTIFF": "IF_SAFER", "zlevel": 1}
    columns = np.arange(grid.width) % PATTERN
    with rasterio.open(path, "w", **how) as target:
        for window in raster.strips(grid, 4 * len(pattern)):
            rows = np.arange(window.row_off, window.row_off + window.height) % PATTERN
            target.write(pattern[:, rows][:, :, columns], window=Window(*window.flatten()))
