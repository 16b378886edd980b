"""A table of objects whose rows can be chosen."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.objects.motion import Slide
from core.objects.object import Object
from pages.components import number_table

Go = Callable[[Object | Slide | None], None]


def show(
    items: Sequence[Object],
    columns: Mapping[str, number_table.Column],
    key: str,
    go: Go,
    height: int = 210,
) -> Object | None:
    """Draw a row an object and return the chosen one; choosing takes the map there by `go`.

    The choice is kept by the object's name,
    so that it stays when the list changes.
    """
    number_table.show(
        columns,
        key=f"{key}-rows",
        height=height,
        on_select=lambda: _chosen(items, key, go),
        selection_mode="single-row",
    )
    name = st.session_state.get(key)
    return next((item for item in items if item.key == name), None)


def size_column(items: Sequence[Object]) -> dict[str, tuple[list, str]]:
    """Hectares, or pixels where the scene has no metres."""
    if any(item.area_ha is None for item in items):
        return {"px": ([item.pixels for item in items], ".0f")}
    return {"ha": ([item.area_ha for item in items], ".2f")}


def _chosen(items: Sequence[Object], key: str, go: Go) -> None:
    rows = st.session_state[f"{key}-rows"]["selection"]["rows"]
    item = items[rows[0]] if rows and rows[0] < len(items) else None
    st.session_state[key] = item.key if item else None
    go(item)
