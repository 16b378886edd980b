"""On what a network is tested: held-out tiles, every tile in turn, or another scene."""

import streamlit as st

from core.learning import planned, split
from core.scene.store import Scene
from pages.components.training.setting import PERSIST

HELD_OUT, FOLDS = "held-out tiles of this scene", "every tile in turn (k-fold)"
DEFAULT_FOLDS = 5


def show(scene: Scene, dataset: str, method: str) -> dict:
    """Draw the picker; return {folds, test_scene}, None where they do not apply."""
    others = {f"scene {name}, all of it": name for name in planned.test_scenes(scene, dataset)}
    # Folds are dealt by block.
    words = [HELD_OUT, *([FOLDS] if method == "block" else []), *others]
    chosen = st.selectbox(
        "Tested on :gray[paper: held-out tiles]",
        words,
        key="tested_on",
        help="Another scene must have the same factors and an inventory.",
        **PERSIST,
    )
    folds = None
    if chosen == FOLDS:
        folds = st.number_input("Folds", 2, split.MOST_FOLDS, DEFAULT_FOLDS, key="folds", **PERSIST)
        st.caption(f"{folds} trainings, one after the other; the table pools what they held out.")
    return {"folds": folds, "test_scene": others.get(chosen)}
