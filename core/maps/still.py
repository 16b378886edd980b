"""A still of a scene: hillshade with the outlines of its landslides, small enough for a page."""

import numpy as np
import rasterio
from rasterio.enums import Resampling

from core.factors import ELEVATION
from core.scene.store import Scene

MAX_SIDE = 720
# Sun from the north-west at 45 degrees, as cartographers draw it.
AZIMUTH, ALTITUDE = 315.0, 45.0
PAPER = np.array([250, 247, 240], np.float32)
SLATE = np.array([40, 50, 58], np.float32)


def still(scene: Scene, max_side: int = MAX_SIDE) -> np.ndarray:
    """Return uint8 (height, width, 3), the longer side at most `max_side` pixels.

    A scene without elevation shows its first factor in grey.
    """
    shape = _fit(scene.grid.shape, max_side)
    name = ELEVATION if ELEVATION in scene.factor_names else scene.factor_names[0]
    with rasterio.open(scene.stack_path, driver="GTiff") as source:
        band = scene.factor_names.index(name) + 1
        values = source.read(band, out_shape=shape, resampling=Resampling.nearest)
    if name == ELEVATION:
        step = scene.grid.resolution[0] * scene.grid.width / shape[1]
        grey = hillshade(values, step if scene.grid.is_projected else 1.0)
    else:
        grey = _stretch(values)
    image = _on_paper(grey)
    if scene.mask_path is not None:
        with rasterio.open(scene.mask_path, driver="GTiff") as source:
            mask = source.read(1, out_shape=shape, resampling=Resampling.nearest)
        image = _outline(image, mask == 1)
    return image.round().astype(np.uint8)


def hillshade(elevation: np.ndarray, step: float) -> np.ndarray:
    """Return 0..1 (height, width) of elevation in the unit of `step`, NaN where unknown.

    >>> float(hillshade(np.zeros((3, 3)), 10.0)[1, 1].round(3))
    0.707
    """
    down, right = np.gradient(np.asarray(elevation, np.float32), step)
    azimuth, altitude = np.radians(AZIMUTH), np.radians(ALTITUDE)
    sun_east, sun_north = np.sin(azimuth) * np.cos(altitude), np.cos(azimuth) * np.cos(altitude)
    light = np.sin(altitude) - sun_east * right + sun_north * down
    return np.clip(light / np.sqrt(1 + right**2 + down**2), 0, 1)


def _fit(shape: tuple[int, int], max_side: int) -> tuple[int, int]:
    factor = max(1.0, max(shape) / max_side)
    return max(2, round(shape[0] / factor)), max(2, round(shape[1] / factor))


def _stretch(values: np.ndarray) -> np.ndarray:
    """Scale between the 2nd and 98th percentile to 0..1."""
    if not np.isfinite(values).any():
        return np.full(values.shape, np.nan)
    low, high = np.nanpercentile(values, (2, 98))
    return np.clip((values - low) / max(high - low, 1e-9), 0, 1)


def _on_paper(grey: np.ndarray) -> np.ndarray:
    """Blend from slate to paper; unknown pixels are paper."""
    grey = np.where(np.isfinite(grey), grey, 1.0)[..., None]
    return SLATE + (PAPER - SLATE) * grey


def _outline(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Draw a dark border with a light halo around every landslide."""
    around = _grown(mask)
    image = np.where((_grown(around) & ~around)[..., None], PAPER, image)
    return np.where((around & ~mask)[..., None], SLATE * 0.5, image)


def _grown(mask: np.ndarray) -> np.ndarray:
    """Grow by one pixel in the four directions."""
    padded = np.pad(mask, 1)
    return mask | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
