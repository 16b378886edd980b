"""The scene picker: one choice for all pages, kept in the URL and across pages."""

import streamlit as st

from core.scene import store

CHOSEN = "chosen_scene"
WIDTH_PX = 380
_WIDGET = "scene_picker"
_PICKED = "scene_picked"


def current() -> str | None:
    """Name of the chosen scene: the URL's, else this session's, else the newest, else None."""
    known = store.names()
    newest = known[-1] if known else None
    for name in (st.query_params.get("scene"), st.session_state.get(CHOSEN), newest):
        if name in known:
            return name
    return None


def choose(name: str) -> None:
    """Make `name` the scene of every page from now on."""
    st.session_state[CHOSEN] = name
    # Unasked, it would write over what the map has put into the address meanwhile.
    if st.query_params.get("scene") != name:
        st.query_params["scene"] = name


def scene(label: str = "Scene") -> store.Scene | None:
    """Show the picker and return the chosen scene; where there is none, say how to get one."""
    if st.session_state.pop(_PICKED, False):
        # In a fragment the frame around it would go on showing the scene before.
        st.rerun()
    asked, name = st.query_params.get("scene"), current()
    if name is None:
        _nothing()
        return None
    if asked not in (None, name):
        st.warning(f"There is no scene named '{asked}' (any more): '{name}' is shown instead.")
    st.session_state[_WIDGET] = name
    st.selectbox(label, store.names()[::-1], key=_WIDGET, on_change=_picked, width=WIDTH_PX)
    choose(name)
    return store.load(name)


def _picked() -> None:
    choose(st.session_state[_WIDGET])
    st.session_state[_PICKED] = True


def _nothing() -> None:
    st.info(
        "No scene yet: a scene is a set of factor rasters on one grid. Import your own on the "
        "Scene page, or let Overview prepare the synthetic sample."
    )
    with st.container(horizontal=True):
        st.page_link("pages/scene.py", label="Import a scene")
        st.page_link("pages/overview.py", label="Prepare the synthetic sample")
