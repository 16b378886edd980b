"""The outline of an object under a hand on the map: asked for here, drawn there, given back."""

import streamlit as st

from core.errors import SlideScopeError
from core.language.translation import tr
from core.maps import place
from core.review import outline
from core.review.queue import Asked, Candidate
from core.scene.store import Scene
from pages.components import compare_map

_EDIT, _COUNT = "outline_edit", "outline_edits"


def order(scene: Scene) -> dict | None:
    """What the map should draw, {token, title, shape, editing}; None for nothing."""
    edit = st.session_state.get(_EDIT)
    return edit["order"] if edit and edit["scene"] == scene.name else None


def drop() -> None:
    """Take the outline off the map."""
    st.session_state.pop(_EDIT, None)


def button(asked: Asked, chosen: Candidate) -> None:
    """The button that hands the outline to the map."""
    busy = bool((order(asked.scene) or {}).get("editing"))
    st.button(
        tr("Edit on the map"),
        on_click=_start,
        args=(asked, chosen),
        disabled=busy,
        help=tr("Drag the outline's corners on the map, or draw it anew."),
    )


def drawn(asked: Asked, chosen: Candidate) -> str | None:
    """WKT of an outline of `chosen` that the map has just given back, once; else None. Another
    object's outline is taken off the map."""
    edit = st.session_state.get(_EDIT)
    if not edit or edit["scene"] != asked.scene.name:
        return None
    if edit["subject"] != asked.subject(chosen.item.key):
        drop()
        return None
    answer = compare_map.last(asked.scene).get("drawn") or {}
    if not edit["order"]["editing"] or answer.get("token") != edit["order"]["token"]:
        return None
    if answer.get("shape") is None:
        drop()
        return None
    shape = answer["shape"]
    edit["order"] = {**edit["order"], "editing": False, "shape": shape}
    return place.from_map(asked.scene, shape).wkt


def _start(asked: Asked, chosen: Candidate) -> None:
    key = chosen.item.key
    try:
        found = outline.to_edit(asked.scene, asked.probability, chosen.item, asked.threshold)
    except SlideScopeError:
        return  # the map was deleted meanwhile; the panel says so
    st.session_state[_COUNT] = token = st.session_state.get(_COUNT, 0) + 1
    shape = place.on_map(asked.scene, found)
    title = tr(f"Outline of {key}")
    st.session_state[_EDIT] = {
        "scene": asked.scene.name,
        "subject": asked.subject(key),
        "order": {"token": token, "title": title, "shape": shape, "editing": True},
    }
