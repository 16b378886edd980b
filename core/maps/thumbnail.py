"""A small picture of a factor in the map's own colours, from its display raster."""

import math

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.windows import Window

from core.maps import colours, hatch
from core.maps.layers import Layer, scene_rasters
from core.scene.store import Scene

SIDE = 240
TILES, ACROSS = 12, 4


def thumbnail(scene: Scene, layer: Layer, side: int = SIDE) -> np.ndarray:
    """Return display values, uint8 (height, width), the longer side at most `side`; 0 = no data.

    A tile scene shows its first tiles, laid side by side.
    """
    (path,) = scene_rasters(scene.name, layer.id)
    with rasterio.open(path, driver="GTiff") as source:
        if scene.kind == "tiles":
            values = _tiles(source, scene)
            step = max(1, math.ceil(max(values.shape) / side))
            return values[::step, ::step]
        factor = max(1.0, max(source.height, source.width) / side)
        shape = (math.ceil(source.height / factor), math.ceil(source.width / factor))
        return _cut(source.read(1, out_shape=shape, resampling=Resampling.nearest))


def png(values: np.ndarray, layer: Layer) -> bytes:
    """Return display values as a PNG of 256 colours; no data is clear."""
    height, width = values.shape
    table = lookup(layer)
    if layer.hatched:
        # The last of the 256 is never a class of its own.
        table[255] = (*hatch.INK, 255)
        values = np.where(hatch.lines(values.shape) & np.isin(values, layer.hatched), 255, values)
        values = values.astype(np.uint8)
    how = {"driver": "PNG", "width": width, "height": height, "count": 1, "dtype": "uint8"}
    with rasterio.MemoryFile() as memory:
        with memory.open(**how) as target:
            target.write(values, 1)
            target.write_colormap(1, {v: tuple(c) for v, c in enumerate(table.tolist())})
        return memory.read()


def lookup(layer: Layer) -> np.ndarray:
    """Return uint8 (256, 4): the colour of each display value, 0 = no data is clear."""
    table = np.array([tuple(bytes.fromhex(c[1:])) for c in colours.table(layer.table)], np.uint8)
    values = np.arange(1, 256)
    at = (
        values - 1 if layer.kind == "categorical" else np.rint((values - 1) / 254 * 255).astype(int)
    )
    shown = np.zeros((256, 4), np.uint8)
    shown[1:, :3], shown[1:, 3] = table[at], 255
    return shown


def _tiles(source: rasterio.io.DatasetReader, scene: Scene) -> np.ndarray:
    tile, count = scene.tile, min(scene.grid.height // scene.tile, TILES)
    first = source.read(1, window=Window(0, 0, tile, tile * count))
    across = min(count, ACROSS)
    kept = first[: count // across * across * tile].reshape(-1, across, tile, tile)
    return kept.swapaxes(1, 2).reshape(-1, across * tile)


def _cut(values: np.ndarray) -> np.ndarray:
    """Leave out the clear frame that a web map's raster has around a scene."""
    seen = values > 0
    if not seen.any():
        return values
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
