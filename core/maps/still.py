"""A still of a scene: hillshade with the outlines of its landslides, small enough for a page; on
it, where asked for, a predicted map."""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.warp import transform, transform_bounds
from rasterio.windows import Window

from core.display import bins, stretch
from core.display.raster import georeferenced
from core.factors import ELEVATION
from core.maps import colours
from core.scene.insar import visibility
from core.scene.store import Scene

# 0.1 m in degrees.
DECIMALS = 6


@dataclass(frozen=True)
class Frame:
    """The sides of the still: in the scene's own reference system, without one in pixels."""

    left: float
    bottom: float
    right: float
    top: float


MAX_SIDE = 720
TILES, ACROSS = 12, 4
PIXELS = 1 << 22  # read at once
PAPER = np.array([250, 247, 240], np.float32)
SLATE = np.array([40, 50, 58], np.float32)


VISIBILITY = "visibility"


@dataclass(frozen=True)
class Predicted:
    """A probability raster of the scene, to be painted from `threshold` on."""

    path: Path
    threshold: float


def still(scene: Scene, max_side: int = MAX_SIDE, predicted: Predicted | None = None) -> np.ndarray:
    """Return uint8 (height, width, 3), the longer side at most `max_side` pixels.

    A scene without elevation shows its first factor in grey, a tile scene its first tiles so.
    """
    lit = scene.kind == "area" and ELEVATION in scene.factor_names
    band = scene.factor_names.index(ELEVATION) + 1 if lit else 1
    # Nearest pixels at an uneven step would weave a pattern into the relief.
    values = _read(scene, scene.stack_path, band, max_side, Resampling.average)
    image = on_paper(_lit(scene, values) if lit else _stretch(values))
    if VISIBILITY in scene.factor_names:
        image = _hatched(scene, image, max_side)
    if predicted is not None:
        probability = _probability(scene, predicted.path, max_side)
        image = painted(image, probability, predicted.threshold)
    if scene.mask_path is not None:
        image = outlined(image, _read(scene, scene.mask_path, 1, max_side, Resampling.nearest) == 1)
    return image.round().astype(np.uint8)


def address(scene: Scene) -> str:
    """The still as a PNG data address."""
    image = np.moveaxis(still(scene), -1, 0)
    how = {"driver": "PNG", "count": 3, "dtype": "uint8"}
    with rasterio.MemoryFile() as memory:
        with memory.open(**how, height=image.shape[1], width=image.shape[2]) as target:
            target.write(image)
        return "data:image/png;base64," + b64encode(memory.read()).decode()


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


def _probability(scene: Scene, path: Path, max_side: int) -> np.ndarray:
    """The largest of the pixels that share one: a small landslide must not vanish."""
    if scene.kind == "tiles":
        return _read(scene, path, 1, max_side, Resampling.nearest)
    height, width = _fit(scene.grid.shape, max_side)
    tops, lefts = (np.arange(n) * full // n for n, full in zip((height, width), scene.grid.shape))
    shrunk = np.empty((height, width), np.float32)
    step = max(1, PIXELS * height // (scene.grid.height * scene.grid.width))
    with rasterio.open(path, driver="GTiff") as source:
        for first in range(0, height, step):
            last = min(first + step, height)
            bottom = tops[last] if last < height else scene.grid.height
            window = Window(0, tops[first], scene.grid.width, bottom - tops[first])
            rows = np.fmax.reduceat(source.read(1, window=window), tops[first:last] - tops[first])
            shrunk[first:last] = np.fmax.reduceat(rows, lefts, axis=1)
    return shrunk


def _hatched(scene: Scene, image: np.ndarray, max_side: int) -> np.ndarray:
    """Hatch what the radar does not see."""
    band = scene.factor_names.index(VISIBILITY) + 1
    codes = _read(scene, scene.stack_path, band, max_side, Resampling.nearest)
    drawn = np.isin(codes, visibility.HIDDEN) & colours.lines(codes.shape)
    return np.where(drawn[..., None], SLATE, image)


def _lit(scene: Scene, elevation: np.ndarray) -> np.ndarray:
    """Hillshade of decimated elevation: a pixel of the still is that much wider."""
    wider = scene.grid.width / elevation.shape[1]
    x, y = stretch.pixel_metres(scene.grid)
    return stretch.shade(elevation, (x * wider, y * wider))


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


def painted(image: np.ndarray, probability: np.ndarray, threshold: float) -> np.ndarray:
    """Paint the pixels that count as landslide at `threshold` in the map's colours."""
    table = [tuple(bytes.fromhex(colour[1:])) for colour in colours.table(colours.PROBABILITY)]
    ramp = np.array(table, np.float32)
    shown = bins.to_mask(bins.to_display(probability), threshold) == 1
    at = np.rint(255 * np.nan_to_num(probability)).astype(np.uint8)
    return np.where(shown[..., None], ramp[at], image)


def outlined(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Draw a dark border with a light halo around every landslide."""
    around = _grown(mask)
    image = np.where((_grown(around) & ~around)[..., None], PAPER, image)
    return np.where((around & ~mask)[..., None], SLATE * 0.5, image)


def _grown(mask: np.ndarray) -> np.ndarray:
    """Grow by one pixel in the four directions."""
    padded = np.pad(mask, 1)
    return mask | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]


def frame(scene: Scene) -> Frame | None:
    """Return where the still lies; None for separate tiles, which have no place."""
    if scene.kind == "tiles":
        return None
    grid = scene.grid
    if not georeferenced(scene):
        return Frame(0.0, -float(grid.height), float(grid.width), 0.0)
    left, top = grid.affine * (0, 0)
    right, bottom = grid.affine * (grid.width, grid.height)
    return Frame(left, bottom, right, top)


def box(scene: Scene, x: Sequence[float], y: Sequence[float]) -> list[float]:
    """Return [west, south, east, north] in the map's coordinates of a box on the still."""
    ends = min(x), min(y), max(x), max(y)
    if georeferenced(scene):
        ends = transform_bounds(scene.grid.crs, "EPSG:4326", *ends)
    return [round(float(side), DECIMALS) for side in ends]


def polygon(scene: Scene, x: Sequence[float], y: Sequence[float]) -> str:
    """Return a line drawn on the still as GeoJSON in the map's coordinates."""
    if georeferenced(scene):
        x, y = transform(scene.grid.crs, "EPSG:4326", list(x), list(y))
    ring = [[round(float(a), DECIMALS), round(float(b), DECIMALS)] for a, b in zip(x, y)]
    ring = [at for at, before in zip(ring, [None, *ring]) if at != before]
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    return json.dumps({"type": "Polygon", "coordinates": [ring]}, separators=(",", ":"))


def drawn(scene: Scene, selection: dict) -> str | None:
    """Return the `--area` text of what Plotly says was selected last, None for nothing."""
    for kind in ("box", "lasso"):
        for shape in (selection.get(kind) or [])[-1:]:
            x, y = shape["x"], shape["y"]
            if kind == "box":
                return "box:" + ",".join(f"{side:.{DECIMALS}f}" for side in box(scene, x, y))
            if len(x) >= 3:
                return "polygon:" + polygon(scene, x, y)
    return None
