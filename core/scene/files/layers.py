"""The layers of a vector file, and which of them is meant."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from core.errors import SlideScopeError
from core.scene.files import formats
from core.scene.files.source import Source

# Formats of one layer, which is not asked for, and those whose layers are folders of one drawing.
ALONE, FOLDERS = (".shp", *formats.GEOJSON), (".kml", ".kmz")
MOST = 12
# What pyogrio says about a damaged file; an IndexError about one without any layer.
ERRORS = (DataSourceError, DataLayerError, ValueError, IndexError)
# What lies beside the data in many files.
_OTHER = re.compile(
    r"study|boundar|border|aoi|area|extent|frame|outline|road|river|stream|fault|city|county|"
    r"village|lake|basin|watershed|catchment|边界|范围|研究区|流域|道路|公路|河流|水系|断层|行政|村|县界",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Layer:
    """`geometry` as the file declares it, often Unknown."""

    name: str
    geometry: str

    def may_hold(self, kind: str) -> bool:
        """Whether there may be Polygon or Point geometries in it."""
        return kind in self.geometry or self.geometry in ("Unknown", "GeometryCollection")


def listed(name: str) -> tuple[Layer, ...]:
    """The layers with geometry of what GDAL opens as `name`, one alone where there are tables
    beside it, such as styles; () for a file of one layer."""
    if formats.suffix(name) in (*ALONE, *FOLDERS):
        return ()
    try:
        found = pyogrio.list_layers(name)
    # What is damaged is told when it is read.
    except ERRORS:
        return ()
    return tuple(Layer(str(n), str(g)) for n, g in found if g is not None) if len(found) > 1 else ()


def every(name: str) -> list[str]:
    """The names of all layers."""
    try:
        return [str(n) for n, _ in pyogrio.list_layers(name)]
    except ERRORS:
        return []


def fields(name: str, layer: str | None = None) -> list[str]:
    """Names of a layer's attributes."""
    try:
        return [str(f) for f in pyogrio.read_info(name, layer=layer)["fields"]]
    except ERRORS:
        return []


def settled(
    source: Source, name: str, kinds: Sequence[str], is_named: Callable[[str], bool]
) -> tuple[Source, str]:
    """`source` with the layer that is meant, and a sentence where it was chosen here.

    `name` is what GDAL opens; `kinds` of geometry that are of use, the better first; `is_named`
    tells a layer whose name says what it holds. Fails where the choice is not evident.
    """
    source = _layer_named_alone(source, name)
    layers = listed(name)
    if source.layer is not None:
        known = every(name)
        if source.layer not in known:
            raise _no_layer(source, known)
        return source, ""
    if len(layers) < 2:
        return replace(source, layer=layers[0].name if layers else None), ""
    if isinstance(source.band, str) and not _have(source, name, layers):
        file = Path(source.path).name
        raise SlideScopeError(
            f"'{file}' has no layer and no attribute '{source.band}': its layers are "
            f"{', '.join(layer.name for layer in layers[:MOST])}; choose one, as "
            f"{file}:{layers[0].name}."
        )
    fitting = _fitting(source, name, layers, kinds)
    named = [layer for layer in fitting if is_named(layer.name)]
    # The only polygons may be the boundary of what is meant and lies beside them as points.
    alone = fitting if not any(is_named(layer.name) for layer in layers) else []
    if not isinstance(source.band, str):
        alone = [layer for layer in alone if not _OTHER.search(layer.name)]
    for chosen, why in ((named, "by its name"), (alone, "the only one that fits")):
        if len(chosen) == 1 and (chosen is named or len(fitting) == 1):
            others = ", ".join(layer.name for layer in layers if layer != chosen[0])
            found = replace(source, layer=chosen[0].name)
            file = Path(source.path).name
            return found, (
                f"layer '{chosen[0].name}' of '{file}' is taken, {why}; it also has {others}: "
                f"{file}:LAYER takes another."
            )
    first = sorted(layers, key=lambda layer: not is_named(layer.name))
    raise ask(source, [layer.name for layer in (named or first)])


def _layer_named_alone(source: Source, name: str) -> Source:
    """FILE:NAME where NAME is a layer, and no attribute of the only one."""
    if not isinstance(source.band, str) or source.layer is not None or source.value is not None:
        return source
    known = every(name)
    if source.band not in known:
        return source
    if len(known) == 1 and source.band in fields(name, known[0]):
        return source
    return replace(source, layer=source.band, band=None)


def _fitting(
    source: Source, name: str, layers: Sequence[Layer], kinds: Sequence[str]
) -> list[Layer]:
    """The layers of the best kind of geometry that is there, with the attribute that is named."""
    found = _have(source, name, layers) if isinstance(source.band, str) else list(layers)
    for kind in kinds:
        fitting = [layer for layer in found if layer.may_hold(kind)]
        if fitting:
            return fitting
    return found


def _have(source: Source, name: str, layers: Sequence[Layer]) -> list[Layer]:
    """The layers with the attribute that is named."""
    asked = str(source.band).lower()
    return [x for x in layers if asked in [f.lower() for f in fields(name, x.name)]]


def ask(source: Source, names: Sequence[str]) -> SlideScopeError:
    """The error that asks which layer is meant."""
    file = ":".join(filter(None, (Path(source.path).name, source.part)))
    more = ", ..." if len(names) > MOST else ""
    band = f":{source.band}" if source.band else ""
    return SlideScopeError(
        f"'{file}' holds {len(names)} layers that may be meant ({', '.join(names[:MOST])}{more}): "
        f"say which, as {file}:{names[0]}{band}."
    )


def _no_layer(source: Source, known: Sequence[str]) -> SlideScopeError:
    file = ":".join(filter(None, (Path(source.path).name, source.part)))
    return SlideScopeError(
        f"'{file}' has no layer '{source.layer}': it has {', '.join(known[:MOST])}; choose one, as "
        f"{file}:{known[0] if known else 'LAYER'}."
    )
