"""A still of a scene: hillshade with the outlines of its landslides, small enough for a page."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.windows import Window

from core.factors import ELEVATION
from core.maps import hillshade
from core.scene.store import Scene

MAX_SIDE = 720
TILES, ACROSS = 12, 4
PAPER = np.array([250, 247, 240], np.float32)
SLATE = np.array([40, 50, 58], np.float32)


def still(scene: Scene, max_side: int = MAX_SIDE) -> np.ndarray:
    """Return uint8 (height, width, 3), the longer side at most `max_side` pixels.

    A scene without elevation shows its first factor in grey, a tile scene its first tiles so.
    """
    lit = scene.kind == "area" and ELEVATION in scene.factor_names
    band = scene.factor_names.index(ELEVATION) + 1 if lit else 1
    # Nearest pixels at an uneven step would weave a pattern into the relief.
    values = _read(scene, scene.stack_path, band, max_side, Resampling.average)
    image = on_paper(_lit(scene, values) if lit else _stretch(values))
    if scene.mask_path is not None:
        image = outlined(image, _read(scene, scene.mask_path, 1, max_side, Resampling.nearest) == 1)
    return image.round().astype(np.uint8)


def _read(scene: Scene, path: Path, band: int, max_side: int, resampling: Resampling) -> np.ndarray:
    """Read a band decimated; of a tile scene the first tiles, laid side by side."""
    with rasterio.open(path, driver="GTiff") as source:
        if scene.kind == "area":
            shape = _fit(scene.grid.shape, max_side)
            return source.read(band, out_shape=shape, resampling=resampling)
        tiles = min(scene.grid.height // scene.tile, TILES)
        first = source.read(band, window=Window(0, 0, scene.tile, tiles * scene.tile))
    columns = min(tiles, ACROSS)
    rows = tiles // columns
    kept = first[: rows * columns * scene.tile].reshape(rows, columns, scene.tile, scene.tile)
    return kept.swapaxes(1, 2).reshape(rows * scene.tile, columns * scene.tile)


def _lit(scene: Scene, elevation: np.ndarray) -> np.ndarray:
    """Hillshade of decimated elevation: a pixel of the still is that much wider."""
    wider = scene.grid.width / elevation.shape[1]
    x, y = hillshade.pixel_metres(scene.grid)
    return hillshade.shade(elevation, (x * wider, y * wider))


def _fit(shape: tuple[int, int], max_side: int) -> tuple[int, int]:
    factor = max(1.0, max(shape) / max_side)
    return max(2, round(shape[0] / factor)), max(2, round(shape[1] / factor))


def _stretch(values: np.ndarray) -> np.ndarray:
    """Scale between the 2nd and 98th percentile to 0..1."""
    if not np.isfinite(values).any():
        return np.full(values.shape, np.nan)
    low, high = np.nanpercentile(values, (2, 98))
    return np.clip((values - low) / max(high - low, 1e-9), 0, 1)


def on_paper(grey: np.ndarray) -> np.ndarray:
    """Blend from slate to paper; unknown pixels are paper."""
    grey = np.where(np.isfinite(grey), grey, 1.0)[..., None]
    return SLATE + (PAPER - SLATE) * grey


def outlined(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Draw a dark border with a light halo around every landslide."""
    around = _grown(mask)
    image = np.where((_grown(around) & ~around)[..., None], PAPER, image)
    return np.where((around & ~mask)[..., None], SLATE * 0.5, image)


def _grown(mask: np.ndarray) -> np.ndarray:
    """Grow by one pixel in the four directions."""
    padded = np.pad(mask, 1)
    return mask | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
