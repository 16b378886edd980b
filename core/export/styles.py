"""QGIS styles: what a layer of the export looks like, as the elements of a QML file.

The elements are those that QGIS 3 writes; the same ones stand in the project (`core.export.qgis`).
"""

from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from core.display.display import UNCERTAINTY_RANGE
from core.export import rasters
from core.language.translation import tr
from core.maps import colours

QGIS = "3.22.0"  # the oldest that reads these elements
STEPS = 16  # stops of a ramp; QGIS draws straight lines between them
MASK_COLOUR, OUTLINE = colours.RIGHT, colours.SLATE
HALO = "#FFFFFF"
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def elements(name: str) -> list[Element]:
    """Style of the layer `name`: probability, mask, uncertainty or landslides."""
    if name == rasters.MASK:
        return [_pipe(_mask())]
    if name == rasters.PROBABILITY:
        return [_pipe(_ramp((0.0, 1.0), "p"))]
    if name == rasters.UNCERTAINTY:
        return [_pipe(_ramp(UNCERTAINTY_RANGE, "sd"))]
    return [_outlines()]


def write(name: str, folder: Path) -> None:
    """Write <name>.qml, which QGIS finds beside the layer's file."""
    root = Element("qgis", {"version": QGIS, "styleCategories": "AllStyleCategories"})
    root.extend(elements(name))
    save(root, folder / f"{name}.qml")


def save(root: Element, path: Path) -> None:
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    path.write_text(DOCTYPE + text + "\n", encoding="utf-8")


def _pipe(renderer: Element) -> Element:
    pipe = Element("pipe")
    pipe.append(renderer)
    SubElement(pipe, "brightnesscontrast", {"brightness": "0", "contrast": "0", "gamma": "1"})
    SubElement(pipe, "rasterresampler", {"maxOversampling": "2"})
    return pipe


def _ramp(span: tuple[float, float], word: str) -> Element:
    """lajolla as on the map, from clear to opaque, so that the ground shows where p is small."""
    low, high = span
    limits = {"classificationMin": f"{low:g}", "classificationMax": f"{high:g}"}
    how = {"type": "singlebandpseudocolor", "band": "1", "opacity": "1", "alphaBand": "-1"}
    renderer = Element("rasterrenderer", how | limits)
    shader = SubElement(renderer, "rastershader")
    kind = {"colorRampType": "INTERPOLATED", "classificationMode": "1", "clip": "0"}
    limits = {"minimumValue": f"{low:g}", "maximumValue": f"{high:g}"}
    ramp = SubElement(shader, "colorrampshader", kind | limits)
    table = colours.table(colours.PROBABILITY)
    for step in range(STEPS + 1):
        share = step / STEPS
        value = low + share * (high - low)
        stop = {"value": f"{value:g}", "label": f"{word} {value:.2f}"}
        stop |= {"color": table[round(255 * share)], "alpha": str(round(255 * min(1, 3 * share)))}
        SubElement(ramp, "item", stop)
    return renderer


def _mask() -> Element:
    how = {"type": "paletted", "band": "1", "opacity": "1", "alphaBand": "-1"}
    renderer = Element("rasterrenderer", how)
    palette = SubElement(renderer, "colorPalette")
    clear = {"value": "0", "color": "#ffffff", "alpha": "0", "label": tr("not a landslide")}
    SubElement(palette, "paletteEntry", clear)
    shown = {"value": "1", "color": MASK_COLOUR, "alpha": "255", "label": tr("predicted landslide")}
    SubElement(palette, "paletteEntry", shown)
    return renderer


def _outlines() -> Element:
    """A dark line on a light halo, no fill: what lies below stays to be seen."""
    renderer = Element("renderer-v2", {"type": "singleSymbol", "symbollevels": "0"})
    symbols = SubElement(renderer, "symbols")
    symbol = SubElement(symbols, "symbol", {"type": "fill", "name": "0", "alpha": "1"})
    for colour, width in ((HALO, 1.1), (OUTLINE, 0.45)):
        layer = SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
        options = SubElement(layer, "Option", {"type": "Map"})
        values = {
            "style": "no",
            "outline_color": _rgba(colour),
            "outline_style": "solid",
            "outline_width": f"{width:g}",
            "outline_width_unit": "MM",
        }
        for name, value in values.items():
            SubElement(options, "Option", {"type": "QString", "name": name, "value": value})
    return renderer


def _rgba(colour: str) -> str:
    """
    >>> _rgba("#28323A")
    '40,50,58,255'
    """
    return ",".join(str(v) for v in (*bytes.fromhex(colour[1:]), 255))
