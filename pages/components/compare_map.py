"""The map of the comparison."""

from typing import Any

import streamlit as st
from streamlit_folium import st_folium

from core.maps import bookmark, comparison
from core.maps.place import Bounds
from core.maps.sides import Side, Sides
from core.scene.store import Scene

# Only until the page's style sheet is there, which gives the map what the window leaves.
HEIGHT = 505


def last(scene: Scene) -> dict:
    """What the scene's map said last: threshold, bounds; empty before it said anything."""
    return st.session_state.get(comparison.map_key(scene)) or {}


def show(
    scene: Scene,
    left: Side,
    right: Side,
    threshold: float,
    goto: Bounds | None = None,
    sides: Sides | None = None,
    **more: Any,
) -> float:
    """Draw the map and return its threshold; a new map starts with `threshold` and the view that
    the page's address holds, which the map itself keeps up to date.

    `sides` are what the map may show beside the two. `goto`, ((south, west), (north, east)) in
    degrees (without CRS: minus row and column), moves the live map there once; the same place
    again needs a run without it in between. `more`: see `core.maps.comparison.command`.
    """
    view = bookmark.read(st.query_params.to_dict(), threshold)
    key = comparison.map_key(scene)
    with st.container(key="compare_map"):
        value = st_folium(
            comparison.scene_map(scene),
            key=key,
            height=HEIGHT,
            use_container_width=True,
            returned_objects=[],
            feature_group_to_add=comparison.command(left, right, view, sides, goto, **more),
        )
    value = value or {}
    order = more.get("order")
    if order and value.get("told") != order["token"]:
        return order["threshold"]  # on its way to the map
    return value.get("threshold", threshold)
