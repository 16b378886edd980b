"""Look through the folders that pages may open, and take files or whole folders."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core import paths
from core.errors import SlideScopeError
from core.language.translation import tr
from core.scene.files import browse
from pages.components import plain

FOLDER = "browse_folder"
HEIGHT = 260
WHOLE = {"product": "this Sentinel-2 product", "stack": "this stack of interferograms"}


def show(take: Callable[[list[str]], None], take_tiles: Callable[[str], None]) -> None:
    """Draw the folder that is looked at; `take` gets files or folders, `take_tiles` a folder."""
    allowed = paths.shown_folders()
    starts = browse.roots(allowed)
    at = st.session_state.setdefault(FOLDER, starts[0] if starts else None)
    if at is None:
        st.caption(tr("There is no folder that pages may open: SLIDESCOPE_DATA names them."))
        return
    start = next((s for s in starts if at == s), None)
    st.selectbox(
        tr("Folders that pages may open"),
        starts,
        index=starts.index(start) if start else None,
        key="browse_start",
        placeholder=tr(at),
        on_change=_start,
    )
    try:
        found = browse.listing(at, allowed)
    except SlideScopeError as error:
        st.error(plain.sentence(str(error)))
        st.button(tr("Back to the first folder"), on_click=_go, args=(starts[0],))
        return
    chosen = _contents(found)
    _buttons(found, chosen, take, take_tiles)


def _contents(found: browse.Listing) -> list[str]:
    """Folders to go into, files to tick; returns the ticked."""
    with st.container(height=HEIGHT, key="browse_list"):
        if found.above:
            st.button(
                tr("Up"),
                icon=":material/arrow_upward:",
                type="tertiary",
                on_click=_go,
                args=(found.above,),
            )
        for folder in found.folders:
            name = Path(folder).name
            st.button(
                tr(name),
                icon=":material/folder:",
                type="tertiary",
                key=f"go:{folder}",
                on_click=_go,
                args=(folder,),
            )
        ticked = [
            file.path
            for file in found.files
            if st.checkbox(
                tr(f"{plain.words(file.name)} :gray[{file.size}]"), key=f"tick:{file.path}"
            )
        ]
        if not (found.folders or found.files):
            st.caption(tr("Nothing here that SlideScope reads."))
        if found.more:
            st.caption(tr(f"And {found.more} files more: take the folder's files by a pattern."))
        if found.hidden:
            st.caption(
                tr(f"Left out, as they lead out of the allowed folders: {found.hidden} links.")
            )
    return ticked


def _buttons(found, chosen, take, take_tiles) -> None:
    with st.container(horizontal=True):
        words = f"Take {len(chosen)} file{'s' * (len(chosen) != 1)}" if chosen else "Take files"
        st.button(tr(words), disabled=not chosen, on_click=take, args=(chosen,), key="browse_take")
        if found.kind == "tiles":
            st.button(tr("Import as a folder of tiles"), on_click=take_tiles, args=(found.folder,))
        elif found.files or found.kind in WHOLE:
            what = WHOLE.get(found.kind, "the whole folder")
            st.button(tr(f"Take {what}"), on_click=take, args=([found.folder],), key="browse_all")


def _start() -> None:
    _go(st.session_state["browse_start"])


def _go(folder: str) -> None:
    st.session_state[FOLDER] = folder
    st.session_state.pop("browse_start", None)
