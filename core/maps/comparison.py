"""folium elements of the comparison: a map that needs no network, our control, commands to it."""

from typing import Any
from urllib.parse import quote

import folium
from branca.element import Element, Figure, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from core.display import display
from core.language import catalogue, reader
from core.language.translation import tr
from core.maps import colours, combined, frontend, layers
from core.maps.bookmark import View
from core.maps.layers import Layer
from core.maps.place import Bounds, opening
from core.maps.sides import Side, Sides
from core.scene.store import Scene

# The component's page lies two folders under the server's base path.
ROOT = "../../"
OVERZOOM = 4
# Whose words the map speaks, as the catalogue names it.
SCRIPTS = "core/maps/assets/"


class OfflineMap(folium.Map):
    """A Leaflet map whose every file comes from our own server."""

    default_js = [("leaflet", f"{ROOT}{layers.PREFIX}/leaflet/leaflet.js")]  # noqa: RUF012
    default_css = [("leaflet_css", f"{ROOT}{layers.PREFIX}/leaflet/leaflet.css")]  # noqa: RUF012


def _asset(name: str) -> str:
    return f"{ROOT}{layers.PREFIX}/{frontend.path(name)}"


class Compare(JSCSSMixin, MacroElement):
    """The control: base, swipe, threshold, opacity, legend, scale, read-out.

    A module is there a moment after the script that asks for it: `slidescopeReady` is the promise
    of the control, which commands wait for in their order, `slidescope` the control itself.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "window.slidescopeReady = import({{ this.entry|tojson }}).then(({ start }) => "
        "(window.slidescope = start("
        "{{ this._parent.get_name() }}, {{ this.setup|tojson }})));"
        "{% endmacro %}"
    )
    default_css = [(name, _asset(name)) for name in frontend.STYLES]  # noqa: RUF012
    entry = _asset(frontend.ENTRY)

    def __init__(self, setup: dict[str, Any]):
        super().__init__()
        self._name = "Compare"
        self.setup = setup

    # branca's own macros render into the figure, where its other elements return their text.
    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Ask for all modules at once: a browser learns of an import only from the one before."""
        figure = self.get_root()
        if not isinstance(figure, Figure):
            raise ValueError("A control is rendered as part of a figure: add it to a map first.")
        # One element: each is a template, and compiling it is what a map's script costs.
        links = [f'<link rel="modulepreload" href="{_asset(name)}">' for name in frontend.SCRIPTS]
        figure.header.add_child(Element("\n".join(links)), name="modules")
        super().render(**kwargs)


class Command(MacroElement):
    """Travels in `feature_group_to_add` into the live map, which is not built anew."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "window.slidescopeReady && window.slidescopeReady.then("
        "(control) => control.obey({{ this.command|tojson }}));"
        "{% endmacro %}"
    )

    def __init__(self, command: dict[str, Any]):
        super().__init__()
        self._name = "Command"
        self.command = command


def scene_map(scene: Scene) -> OfflineMap:
    """The map of a scene; the same scene gives the same script, so that it is not remounted."""
    value = layers.prepared(scene)
    south_west, north_east = value["bounds"]
    centre = [(low + high) / 2 for low, high in zip(south_west, north_east)]
    made = OfflineMap(
        location=centre,
        tiles=None,
        crs="EPSG3857" if value["georeferenced"] else "Simple",
        zoom_start=value["zoom"] if value["georeferenced"] else 0,
        min_zoom=1 if value["georeferenced"] else -12,
        max_zoom=value["zoom"] + OVERZOOM if value["georeferenced"] else OVERZOOM,
        zoom_control=False,
        zoom_snap=0.25,
        attribution_control=False,
        font_size="13px",
    )
    Compare(setup(scene)).add_to(made)
    return made


def map_key(scene: Scene) -> str:
    """Changes when the scene's layers or the reader's language do; streamlit-folium takes maps of
    one key for the same."""
    return f"compare-{scene.name}-{layers.prepared(scene)['version']}-{reader.current()}"


def setup(scene: Scene) -> dict[str, Any]:
    """What the control must know of the scene, in the browser, and the words it speaks with."""
    value, own = layers.prepared(scene), layers.scene_layers(scene)
    outlines = layers.outlines_url(scene)
    tables = {layer.table for layer in own} | {rule.table for rule in combined.RULES.values()}
    tables |= {colours.PROBABILITY, colours.AGREEMENT, colours.SPLIT, colours.GREY}
    reference = next((layer for layer in own if layer.id == display.REFERENCE), None)
    base = display.HILLSHADE if any(layer.id == display.HILLSHADE for layer in own) else None
    return {
        "language": reader.current(),
        "words": words(),
        "scene": scene.name,
        "synthetic": scene.synthetic,
        "georeferenced": value["georeferenced"],
        "bounds": value["bounds"],
        "opening": opening(scene),
        "zoom": value["zoom"],
        "outlines": outlines and ROOT + outlines,
        "values": f"{ROOT}{layers.PREFIX}/values/{quote(scene.name)}.json",
        "search": f"{ROOT}{layers.PREFIX}/search/{quote(scene.name)}.json",
        "headline": f"{ROOT}{layers.PREFIX}/headline/{quote(scene.name)}.json",
        "reference": reference and in_browser(reference),
        "rules": {name: _told(rule.to_json()) for name, rule in combined.RULES.items()},
        "images": f"{ROOT}{layers.PREFIX}/leaflet/images/",
        "layers": [in_browser(layer) for layer in own],
        "base": base or own[0].id,
        "tables": {name: colours.packed(name) for name in sorted(tables)},
        "colours": {
            "left": colours.LEFT,
            "right": colours.RIGHT,
            "reference": colours.REFERENCE,
        },
    }


def command(
    left: Side,
    right: Side,
    view: View,
    sides: Sides | None = None,
    goto: Bounds | None = None,
    **more: Any,
) -> folium.FeatureGroup:
    """What tells the live map to show `left` and `right`; `view` counts for a new map only.

    `sides` are what else it may show. `goto`, ((south, west), (north, east)), moves the map there,
    once: the same bounds again move it only after a command without any. `more`: `scores`
    (`core.maps.measured.Measured.in_browser`), `area`, `order`, {token, threshold}, which sets
    the live threshold once a token, `outline`, {token, title, shape, editing}, an outline
    (`core.maps.place.Shape`) to be drawn and, where `editing`, changed by hand, and `spots`,
    [{name, at, colour}], places to be marked; where there are any, or none yet, and not None, a
    click on the map tells its place. `measure`, {token, kind: line or area, corners}, lets a hand
    draw what is measured (`core.maps.transect`); the same token again leaves its work alone.
    """
    group = folium.FeatureGroup(name="command")
    value = {
        "left": _side(left),
        "right": _side(right),
        "sides": [_side(side) for side in (sides or {}).values()],
        "view": view.in_browser(),
        "goto": goto,
        **more,
    }
    Command(value).add_to(group)
    return group


def _side(side: Side) -> dict[str, Any]:
    found = {"id": side.id, "title": tr(side.title), "layer": in_browser(side.layer)}
    return {**found, "dataset": side.dataset, "model": side.model}


def in_browser(layer: Layer) -> dict[str, Any]:
    """The layer with addresses as the map's own page needs them, its words as the reader does."""
    parts = [{"url": ROOT + url, "kind": kind} for url, kind in layer.parts]
    told = {**_told(layer.to_json()), "unit": tr(layer.unit)}
    return {**told, "url": ROOT + layer.url, "parts": parts}


def words() -> dict[str, str]:
    """What the scripts say, by message, in the reader's language; nothing where it is English."""
    return catalogue.messages_in(reader.current(), SCRIPTS)


def _told(about: dict[str, Any]) -> dict[str, Any]:
    """Title and classes in the reader's language."""
    classes = tuple((value, tr(word)) for value, word in about["classes"])
    return {**about, "title": tr(about["title"]), "classes": classes}
