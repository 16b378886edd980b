"""What a factor's card says: range, no-data share, histogram in the map's colours, source."""

import math
from base64 import b64encode
from dataclasses import dataclass

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.windows import Window

from core import numerals
from core.display import stretch
from core.maps import colours
from core.maps.layers import Layer, scene_layers, scene_rasters
from core.scene.store import Scene, SceneFactor

SIDE = 240
TILES, ACROSS = 12, 4


@dataclass(frozen=True)
class Bar:
    """A bar of the histogram: `height` 0..1, `colour` as on the map, what it counts in words."""

    height: float
    colour: str
    words: str


@dataclass(frozen=True)
class MapCard:
    """A factor of a scene, ready to be drawn; `picture` is a PNG as a data address."""

    name: str
    title: str
    unit: str
    values: str
    no_data: str
    source: str
    picture: str
    bars: tuple[Bar, ...]


def cards(scene: Scene) -> tuple[MapCard, ...]:
    """Return a card for every factor of the scene, in its order."""
    drawn = {layer.id: layer for layer in scene_layers(scene)}
    return tuple(_card(scene, item, drawn[item.name]) for item in scene.factors)


def picture(scene: Scene, name: str, side: int = SIDE) -> str:
    """Return a factor's map as a PNG data address, the longer side at most `side` pixels."""
    layer = next(layer for layer in scene_layers(scene) if layer.id == name)
    return _picture(scene, layer, side)


def _card(scene: Scene, item: SceneFactor, layer: Layer) -> MapCard:
    return MapCard(
        name=item.name,
        title=item.known.title,
        unit=item.unit,
        values=_values(item),
        no_data=numerals.percent(1 - item.valid_share),
        source=item.source,
        picture=_picture(scene, layer),
        bars=_bars(item, layer),
    )


def _values(item: SceneFactor) -> str:
    """The range of the values, or the classes by name."""
    if item.kind == "categorical":
        count = len(item.legend or (item.histogram or {"counts": ()})["counts"])
        return f"{count} class" if count == 1 else f"{count} classes"
    low, high = item.minimum, item.maximum
    if low is None or high is None:
        return "none"
    span = high - low
    return f"{numerals.number(low, span)} to {numerals.number(high, span)}"


def _bars(item: SceneFactor, layer: Layer) -> tuple[Bar, ...]:
    if not item.histogram:
        return ()
    counts, edges = np.array(item.histogram["counts"]), item.histogram["edges"]
    # Colours are those of the map, so that the histogram is the thumbnail's legend too.
    table = lookup(layer)
    total, top = max(int(counts.sum()), 1), max(int(counts.max()), 1)
    bars = []
    for n, count in enumerate(counts):
        if item.kind == "categorical":
            value, words = _class_of(edges, n, item)
        else:
            value, words = _value_of(edges, n, layer), _interval(edges, n, item.unit)
        red, green, blue, _ = table[value].tolist()
        colour = f"#{red:02x}{green:02x}{blue:02x}"
        bars.append(Bar(count / top, colour, f"{words}: {numerals.percent(count / total)}"))
    return tuple(bars)


def _class_of(edges: list[float], n: int, item: SceneFactor) -> tuple[int, str]:
    """Display value and name of the n-th class that occurs; the legend may have more."""
    code = round(edges[n] + 0.5)
    legend = item.legend or {}
    codes = sorted(int(c) for c in legend)
    at = codes.index(code) if code in codes else n
    return at % stretch.STEPS + 1, item.called.get(str(code), str(code))


def _value_of(edges: list[float], n: int, layer: Layer) -> int:
    middle = (edges[n] + edges[n + 1]) / 2
    low, high = layer.ends
    share = (middle - low) / (high - low)
    return 1 + round(254 * min(max(share, 0.0), 1.0))


def _interval(edges: list[float], n: int, unit: str) -> str:
    span = edges[-1] - edges[0]
    text = f"{numerals.number(edges[n], span)} to {numerals.number(edges[n + 1], span)}"
    return f"{text} {unit}" if unit else text


def _picture(scene: Scene, layer: Layer, side: int = SIDE) -> str:
    data = png(thumbnail(scene, layer, side), layer)
    return "data:image/png;base64," + b64encode(data).decode()


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
        table[255] = (*colours.INK, 255)
        values = np.where(colours.lines(values.shape) & np.isin(values, layer.hatched), 255, values)
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
