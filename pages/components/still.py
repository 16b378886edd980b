"""The still of a scene, drawn once per state of the scene."""

import numpy as np
import streamlit as st

from core.language.translation import tr
from core.maps import still
from core.scene import store
from pages.components.language import Later


def show(scene: store.Scene) -> None:
    """Draw hillshade and landslides with a caption that says what they are."""
    kind = "Synthetic scene" if scene.synthetic else "Scene"
    outlines = ""
    if scene.inventory:
        outlines = f", {scene.inventory['polygons']} landslides of the inventory outlined"
    words = f"{kind} {scene.name}: hillshade{outlines}."
    written = (scene.path / "scene.json").stat().st_mtime_ns
    st.image(_image(scene.name, written), width="stretch", alt=tr(words))
    st.caption(tr(words))


def address(scene: store.Scene) -> str:
    """The same picture as a data address, for a chart to lie upon."""
    return _address(scene.name, (scene.path / "scene.json").stat().st_mtime_ns)


@st.cache_data(max_entries=8, show_spinner=Later("Drawing the scene"))
def _address(name: str, written: int) -> str:
    return still.address(store.load(name))


@st.cache_data(max_entries=8, show_spinner=Later("Drawing the scene"))
def _image(name: str, written: int) -> np.ndarray:
    """`written` makes the cache forget a scene that was imported again."""
    return still.still(store.load(name))
