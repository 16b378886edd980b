"""What a factor's card says: range, no-data share, histogram in the map's colours, source."""

from base64 import b64encode
from dataclasses import dataclass

import numpy as np

from core import numerals
from core.display import stretch
from core.maps import thumbnail
from core.maps.layers import Layer, scene_layers
from core.scene.store import Scene, SceneFactor


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


def picture(scene: Scene, name: str, side: int = thumbnail.SIDE) -> str:
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
    table = thumbnail.lookup(layer)
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
    return at % stretch.STEPS + 1, legend.get(str(code), str(code))


def _value_of(edges: list[float], n: int, layer: Layer) -> int:
    middle = (edges[n] + edges[n + 1]) / 2
    low, high = layer.ends
    share = (middle - low) / (high - low)
    return 1 + round(254 * min(max(share, 0.0), 1.0))


def _interval(edges: list[float], n: int, unit: str) -> str:
    span = edges[-1] - edges[0]
    text = f"{numerals.number(edges[n], span)} to {numerals.number(edges[n + 1], span)}"
    return f"{text} {unit}" if unit else text


def _picture(scene: Scene, layer: Layer, side: int = thumbnail.SIDE) -> str:
    data = thumbnail.png(thumbnail.thumbnail(scene, layer, side), layer)
    return "data:image/png;base64," + b64encode(data).decode()
