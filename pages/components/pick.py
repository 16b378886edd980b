"""The scene picker: one choice for all pages, kept in the URL and across pages."""

import time

import streamlit as st

from core.jobs import store as jobs
from core.language.translation import sentences, tr
from core.scene import store
from core.workflows.requests import PrepareRequest
from pages.components import plain

CHOSEN = "chosen_scene"
WIDTH_PX = 380
_WIDGET = "scene_picker"
_PICKED = "scene_picked"
_BEFORE = "scene_before"
# A request that the browser sent before it heard of a new scene names the one before.
ON_ITS_WAY_S = 5.0


def current() -> str | None:
    """Name of the chosen scene: the URL's, else this session's, else the newest, else None."""
    known = store.names()
    newest = known[-1] if known else None
    asked, chosen = st.query_params.get("scene"), st.session_state.get(CHOSEN)
    before, since = st.session_state.get(_BEFORE, (None, 0.0))
    late = asked is not None and asked == before and time.monotonic() - since < ON_ITS_WAY_S
    for name in (None if late else asked, chosen, newest):
        if name in known:
            return name
    return None


def choose(name: str) -> None:
    """Make `name` the scene of every page from now on."""
    st.session_state[CHOSEN] = name
    # Unasked, it would write over what the map has put into the address meanwhile.
    if st.query_params.get("scene") != name:
        st.query_params["scene"] = name


def arrive(name: str) -> None:
    """Make a scene that has just been made the one of every page, also where the address named
    another one and the page asks for itself every other second."""
    before = st.query_params.get("scene")
    choose(name)
    if before != name:
        st.session_state[_BEFORE] = (before, time.monotonic())


def scene(label: str = "Scene") -> store.Scene | None:
    """Show the picker and return the chosen scene; where there is none, say how to get one."""
    if st.session_state.pop(_PICKED, False):
        # In a fragment the frame around it would go on showing the scene before.
        st.rerun()
    asked, name = st.query_params.get("scene"), current()
    if name is None:
        _nothing()
        return None
    if asked not in (None, name) and asked not in store.names():
        said = plain.words(asked[:80])
        st.warning(tr(f"There is no scene named '{said}' (any more): '{name}' is shown instead."))
    st.session_state[_WIDGET] = name
    st.selectbox(tr(label), store.names()[::-1], key=_WIDGET, on_change=_picked, width=WIDTH_PX)
    choose(name)
    return store.load(name)


def _picked() -> None:
    st.session_state.pop(_BEFORE, None)
    choose(st.session_state[_WIDGET])
    st.session_state[_PICKED] = True


def _nothing() -> None:
    preparing = any(job.active for job in jobs.jobs(PrepareRequest.KIND))
    then = (
        "The synthetic sample is being prepared: it opens here by itself. Meanwhile you can import "
        "your own on the Scene page."
        if preparing
        else "Import your own on the Scene page, or let Overview prepare the synthetic sample."
    )
    st.info(sentences("No scene yet: a scene is a set of factor rasters on one grid.", then))
    with st.container(horizontal=True):
        st.page_link("pages/scene.py", label=tr("Import a scene"))
        label = "See how far the sample is" if preparing else "Prepare the synthetic sample"
        st.page_link("pages/overview.py", label=tr(label))
