"""The drawer to the right of the map, closed at first: objects, review, displacement, measure."""

from collections.abc import Sequence

import streamlit as st

from core.language.translation import in_words, tr
from core.maps import place
from core.maps.place import Bounds
from core.maps.sides import Side
from core.objects import motion
from core.objects.motion import Slide
from core.objects.object import Object
from core.scene.store import Scene
from pages.components import address, problem
from pages.components.compare import (
    displacement_panel,
    measure_panel,
    object_panel,
    outline_edit,
    review_panel,
    spots,
)

MOVED, MEASURE = "Displacement", "Measure"
PANELS = {
    "Objects": object_panel.show,
    "Review": review_panel.show,
    MOVED: displacement_panel.show,
    MEASURE: measure_panel.show,
}
_NAME, _TAB, _PLACE = "drawer", "drawer_tab", "drawer_place"


def follow(scene: Scene, predicted: bool) -> list[str]:
    """Open the panel that the address names, before the map is drawn; return what is offered:
    objects and review of a network's map (`predicted`), displacement of a rate made of
    interferograms."""
    offered = ["Objects", "Review"] * predicted + [MOVED] * motion.possible(scene)
    offered.append(MEASURE)
    address.follow(_NAME, _TAB, offered, None, stays=False)
    return offered


def goto(scene: Scene) -> Bounds | None:
    """Where the map should be: at the object chosen in the open drawer."""
    chosen = st.session_state.get(_PLACE)
    is_open = st.session_state.get(_TAB) is not None
    return chosen[1] if is_open and chosen and chosen[0] == scene.name else None


def outline(scene: Scene) -> dict | None:
    """The outline that the map should draw: of the object under review."""
    return outline_edit.order(scene) if st.session_state.get(_TAB) == "Review" else None


def marks(scene: Scene) -> list[dict] | None:
    """The places that the map should mark while it waits for a click; None where it does not."""
    if st.session_state.get(_TAB) != MOVED or not motion.possible(scene):
        return None
    spots.take_click(scene)
    return spots.marks(scene)


def measure(scene: Scene) -> dict | None:
    """What the map lets a hand measure while the panel is open."""
    return measure_panel.order(scene) if st.session_state.get(_TAB) == MEASURE else None


def tabs(offered: Sequence[str]) -> None:
    """One tab a panel, at the right edge; the open one's closes the drawer."""
    with st.container(key="compare_tabs"):
        st.segmented_control(
            tr("Drawer"),
            offered,
            key=_TAB,
            format_func=in_words(str),
            label_visibility="collapsed",
            on_change=_leave,
        )


def show(scene: Scene, left: Side, right: Side, threshold: float) -> None:
    """Draw the open panel, if one is."""
    panel = st.session_state.get(_TAB)
    if panel is None:
        return
    with st.container(key="compare_drawer"), problem.shown():
        panel_of = PANELS[panel]
        panel_of(scene, left, right, threshold, lambda item: _go(scene, item))


def _go(scene: Scene, item: Object | Slide | None) -> None:
    bounds = place.bounds(scene, item.box) if item else None
    st.session_state[_PLACE] = (scene.name, bounds)


def _leave() -> None:
    address.noted(_NAME, _TAB)
    st.session_state.pop(_PLACE, None)
    outline_edit.drop()
