"""On what a network is tested: held-out tiles, every tile in turn, or another scene."""

import streamlit as st

from core.language.translation import tr
from core.learning.tiles import plots
from core.runs.request import KFoldRequest, TrainRequest
from core.scene.store import Scene
from pages.components import field
from pages.components.field import PERSIST

HELD_OUT, FOLDS = "held-out tiles of this scene", "every tile in turn (k-fold)"


def show(scene: Scene, dataset: str, method: str, learned: list[str]) -> dict:
    """Draw the picker; return {folds, test_scene}, None where they do not apply; `learned` names
    the scenes that are learned from."""
    possible = (name for name in plots.test_scenes(scene, dataset) if name not in learned)
    others = {f"scene {name}, all of it": name for name in possible}
    # Folds are those of one scene's blocks.
    folded = method == "block" and len(learned) == 1
    words = [HELD_OUT, *([FOLDS] if folded else []), *others]
    if st.session_state.get("tested_on", HELD_OUT) not in words:
        del st.session_state["tested_on"]  # of other scenes
    chosen = st.selectbox(
        options=words,
        key="tested_on",
        format_func=tr,
        **field.words(field.of(TrainRequest, "test_scene")),
        **PERSIST,
    )
    folds = None
    if chosen == FOLDS:
        folds = field.show(field.of(KFoldRequest, "folds"), "folds")
        st.caption(
            tr(f"{folds} trainings, one after the other; the table pools what they held out.")
        )
    return {"folds": folds, "test_scene": others.get(chosen)}
