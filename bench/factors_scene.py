"""A scene of ten factors of any size on disk, for bench/factors.py.

Block-compressed as an import writes it; noise on smooth ground, so that it decodes as real rasters
do.
"""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import ndimage

from core.scene import store
from core.scene.grid import Grid
from core.scene.store import BLOCK, Scene, SceneFactor

NAMES = (
    "blue", "green", "red", "nir", "elevation", "slope", "aspect", "curvature", "lithology",
    "deformation",
)  # fmt: skip
KINDS = {"aspect": "circular", "lithology": "categorical"}
PATTERN = 2048


def pattern() -> np.ndarray:
    """float32 (10, 2048, 2048): related, of the ranges and resolutions of real factors."""
    rng = np.random.default_rng(0)
    ground = [ndimage.gaussian_filter(n, 24, mode="wrap") for n in _noise(rng, 4)]
    ground = [(g - g.mean()) / g.std() for g in ground]
    rough = _noise(rng, 6)
    bands = [
        np.round(level + 300 * ground[i % 4] + 90 * rough[i])
        for i, level in enumerate((900, 1100, 1300, 2600))
    ]
    elevation = 2200 + 500 * ground[0] + 0.3 * rough[4]
    down, right = np.gradient(elevation, 12.5)
    slope = np.degrees(np.arctan(np.hypot(down, right)))
    aspect = np.degrees(np.arctan2(-right, down)) % 360
    curvature = -100 * (np.gradient(down, 12.5, axis=0) + np.gradient(right, 12.5, axis=1))
    lithology = np.digitize(ground[2], (-1, -0.3, 0.4, 1.2)) + 1.0
    deformation = 4 * ground[3] + 2 * rough[5] - 6 * (slope > 30)
    layers = [*bands, elevation, slope, aspect, curvature, lithology, deformation]
    return np.stack(layers).astype(np.float32)


def _noise(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.standard_normal((count, PATTERN, PATTERN))


def make(folder: Path, size: int, layers: np.ndarray) -> Scene:
    """Write a scene of size x size pixels, the pattern repeated, each time with a shift of its own
    so that no two repetitions are alike."""
    grid = Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), size, size)
    folder.mkdir()
    how = {"driver": "GTiff", "dtype": "float32", "count": len(layers), "nodata": np.nan}
    how |= {"width": size, "height": size, "crs": grid.crs, "transform": grid.affine}
    how |= {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "interleave": "pixel"}
    how |= {"compress": "zstd", "zstd_level": 3, "predictor": 3, "BIGTIFF": "YES"}
    columns = np.arange(size) % PATTERN
    with rasterio.open(folder / "stack.tif", "w", **how, num_threads=2) as target:
        for top in range(0, size, 4 * BLOCK):
            rows = np.arange(top, min(top + 4 * BLOCK, size)) % PATTERN
            strip = np.roll(layers[:, rows], 37 * (top // BLOCK), axis=2)[:, :, columns]
            target.write(strip, window=Window(0, top, size, len(rows)))
    scene = _scene(folder, grid, layers)
    store.save(scene)
    return scene


def _scene(folder: Path, grid: Grid, layers: np.ndarray) -> Scene:
    factors = tuple(
        SceneFactor(
            name,
            KINDS.get(name, "continuous"),
            "",
            "bench/factors.py",
            1.0,
            float(layer.min()),
            float(layer.max()),
            tuple(float(q) for q in np.quantile(layer[::16, ::16], (0.02, 0.5, 0.98))),
        )
        for name, layer in zip(NAMES, layers)
    )
    return Scene(folder.name, folder, "area", 128, grid, factors, True, folder.name, "", None)


def side_of(mpx: float) -> int:
    """Side in whole blocks."""
    return max(2, round((mpx * 1e6) ** 0.5 / BLOCK)) * BLOCK
