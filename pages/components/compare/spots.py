"""The places A and B of the displacement panel: pixels that were clicked on the map, or
landslides."""

from typing import Any

import streamlit as st

from core.maps import place
from core.objects import motion
from core.objects.motion import Slide
from core.scene.sbas.displacement import Displacement
from core.scene.store import Scene
from pages.components import compare_map
from pages.components.displacement_chart import COLOURS

NAMES = tuple(COLOURS)
WHICH = "spot_which"
_SPOTS, _TOKEN = "spots", "spot_token"


def take_click(scene: Scene) -> None:
    """Put the place that was clicked last, once, where the panel asks for one."""
    clicked = compare_map.last(scene).get("clicked") or {}
    if not clicked or clicked["token"] == st.session_state.get(_TOKEN):
        return
    st.session_state[_TOKEN] = clicked["token"]
    pixel = place.pixel(scene, *clicked["at"])
    if pixel is not None:
        put(scene, {"row": pixel[0], "column": pixel[1]})


def put(scene: Scene, spot: dict[str, Any]) -> None:
    """Make `spot`, {row, column} or {slide}, the place that is to be chosen now."""
    kept = _kept(scene)
    kept[st.session_state.get(WHICH) or NAMES[0]] = spot
    st.session_state[_SPOTS] = (scene.name, kept)


def clear() -> None:
    st.session_state.pop(_SPOTS, None)


def chosen(scene: Scene) -> dict[str, dict[str, Any]]:
    """The places by name, A before B."""
    kept = _kept(scene)
    return {name: kept[name] for name in NAMES if name in kept}


def displacement(scene: Scene, spot: dict[str, Any]) -> Displacement | None:
    """What moved there; None where there is no series."""
    if "slide" in spot:
        return motion.of_slide(scene, spot["slide"])
    return motion.of_pixel(scene, spot["row"], spot["column"])


def marks(scene: Scene) -> list[dict[str, Any]]:
    """What the map draws of them."""
    found = []
    for name, spot in chosen(scene).items():
        at = place.point(scene, *_middle(scene, spot))
        found.append({"name": name, "at": list(at), "colour": COLOURS[name]})
    return found


def slide(scene: Scene, number: int) -> Slide | None:
    return next((each for each in motion.slides(scene) if each.number == number), None)


def _middle(scene: Scene, spot: dict[str, Any]) -> tuple[float, float]:
    if "slide" not in spot:
        return spot["row"], spot["column"]
    found = slide(scene, spot["slide"])
    if found is None:  # another inventory meanwhile
        return 0, 0
    top, left, bottom, right = found.box
    return (top + bottom) / 2, (left + right) / 2


def _kept(scene: Scene) -> dict[str, dict[str, Any]]:
    name, kept = st.session_state.get(_SPOTS, (scene.name, {}))
    return dict(kept) if name == scene.name else {}
