"""What a network learns from beside the scene: further scenes, and a network trained before."""

import streamlit as st

from core.language import joining
from core.language.translation import in_words, tr
from core.learning.networks import start
from core.learning.tiles import plots
from core.runs.request import TrainRequest
from core.scene.store import Scene
from pages.components import field
from pages.components.field import PERSIST


def show(scene: Scene, model: str, dataset: str, preset: str) -> dict[str, str | None]:
    """Draw both choices; return {more, start_from, zscore}: further scenes separated by commas."""
    with st.expander(tr("What it learns from")):
        more = _scenes(scene, dataset)
        return {"more": ",".join(more), **_network(scene, model, dataset, preset)}


def _scenes(scene: Scene, dataset: str) -> list[str]:
    others = plots.companions(scene, dataset)
    if not others:
        st.caption(
            tr(
                "Import a second scene with the same factors and an inventory, and a network can "
                "learn from both: more landslides to learn from help more than anything else."
            )
        )
        return []
    key = f"more-{scene.name}-{dataset}"
    kept = [name for name in st.session_state.get(key, []) if name in others]
    if kept != st.session_state.get(key, kept):
        st.session_state[key] = kept
    return st.multiselect(
        options=others,
        key=key,
        placeholder=tr(f"{scene.name} alone"),
        **field.words(field.of(TrainRequest, "scene")),
        **PERSIST,
    )


def _network(scene: Scene, model: str, dataset: str, preset: str) -> dict[str, str | None]:
    possible = start.choices(scene, model, dataset, preset)
    if not possible:
        st.caption(tr("No trained network of this model and preset has a factor of this scene."))
        return {"start_from": None, "zscore": None}
    key = f"start-from-{model}-{preset}"
    if st.session_state.get(key) not in (None, *possible):
        del st.session_state[key]  # deleted, or of another scene
    chosen = st.selectbox(
        options=[None, *possible],
        format_func=in_words(lambda run: "no: from nothing" if run is None else run),
        key=key,
        **field.words(field.of(TrainRequest, "start_from")),
        **PERSIST,
    )
    if chosen is None:
        return {"start_from": None, "zscore": None}
    st.caption(tr(f"{joining.capital(possible[chosen].words)}."))
    zscore = field.show(field.of(TrainRequest, "zscore"), "zscore")
    return {"start_from": chosen, "zscore": zscore}
