"""Measure: a line or a polygon that is drawn on the map, its length or area, and the profile along
the line."""

from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import SlideScopeError
from core.language.translation import in_words, message, tr
from core.maps import layers, transect
from core.maps.sides import Side
from core.numerals import number
from core.scene.store import Scene
from pages.components import chart, compare_map, plain
from pages.components.compare import profile_chart
from pages.components.compare.object_table import Go

# What the lines of a profile are called.
SIDES = {"left": message("Left, {0}"), "right": message("Right, {0}")}
KINDS = {"line": "Line", "area": "Area"}
_KIND, _STATE = "measure_kind", "measure"
_HOW_TO = (
    "Click on the map, corner after corner; a double click ends it. Keys, with the map in focus: "
    "space puts a corner at its middle, Backspace takes the last away, Enter ends, Esc begins anew."
)


def order(scene: Scene) -> dict[str, Any]:
    """What the map lets a hand draw, {token, kind, corners}; what it has drawn is taken first."""
    kind = st.session_state.get(_KIND) or "line"
    state = st.session_state.get(_STATE) or {"token": 0}
    if (state.get("scene"), state.get("kind")) != (scene.name, kind):
        state = {"scene": scene.name, "kind": kind, "token": state["token"] + 1, "corners": []}
    answer = compare_map.last(scene).get("measured") or {}
    if answer.get("token") == state["token"]:
        state["corners"] = answer["corners"]
    st.session_state[_STATE] = state
    return {name: state[name] for name in ("token", "kind", "corners")}


def show(scene: Scene, left: Side, right: Side, threshold: float, go: Go) -> None:
    """Draw what was measured."""
    st.segmented_control(
        tr("What to measure"),
        list(KINDS),
        key=_KIND,
        default="line",
        required=True,
        format_func=in_words(KINDS.get),
        label_visibility="collapsed",
    )
    corners = order(scene)["corners"]
    if not corners:
        st.caption(tr(_HOW_TO))
        return
    try:
        if st.session_state[_KIND] == "area":
            _area(scene, corners)
        else:
            _line(scene, left, right, threshold, corners)
    except SlideScopeError as error:
        st.caption(plain.sentence(str(error)))


def _area(scene: Scene, corners: transect.Corners) -> None:
    around = transect.perimeter(scene, corners)
    size = transect.area(scene, corners)
    st.markdown(tr(f"**{_large(scene, size)}**, {_long(scene, around)} around it"))
    st.caption(tr(_how(scene)))


def _line(scene: Scene, left: Side, right: Side, threshold: float, corners) -> None:
    maps = _maps(scene, left, right)
    found = transect.along(scene, corners, maps)
    st.markdown(tr(f"**{_long(scene, found.length)}**"))
    chart.draw(profile_chart.figure(found, threshold), key="compare-profile")
    sides = "Left blue, right orange, dotted the threshold." if maps else ""
    st.caption(tr(f"{_how(scene)} {sides}"))
    st.download_button(
        tr("CSV"),
        found.csv(),
        f"{scene.name}-profile.csv",
        "text/csv",
        key="compare-profile-csv",
        on_click="ignore",
    )


def _maps(scene: Scene, left: Side, right: Side) -> dict[str, tuple[str, Path]]:
    """Title and probability of both sides, by where they are shown."""
    found = {}
    for name, side in (("left", left), ("right", right)):
        if side.run is None:
            continue
        baseline = side.run.path / layers.BASELINE if side.baseline else None
        file = transect.map_file(scene, side.run, baseline)
        if file is not None:
            found[name] = (tr(SIDES[name]).format(tr(side.title)), file)
    return found


def _how(scene: Scene) -> str:
    words = transect.how(scene)
    return f"{words[0].upper()}{words[1:]}."


def _long(scene: Scene, value: float) -> str:
    if scene.grid.crs is None:
        return f"{number(value, 10)} px"
    return f"{number(value, 100)} m" if value < 1000 else f"{number(value / 1000, 1)} km"


def _large(scene: Scene, value: float) -> str:
    if scene.grid.crs is None:
        return f"{number(value, 100)} px²"
    hectares = value / 1e4
    return f"{number(hectares, 1)} ha" if hectares < 100 else f"{number(hectares / 100, 1)} km²"
