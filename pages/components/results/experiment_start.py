"""What to compare in a paired experiment, how long it will take, and the button that starts it."""

import streamlit as st

from core.errors import SlideScopeError
from core.experiments import cost
from core.experiments.arms import DATASETS, DEFAULT, Arm
from core.experiments.request import ExperimentRequest, request
from core.language.translation import in_words, tr
from core.request import options
from core.runs.config import MODEL_TITLES
from core.scene.store import Scene
from pages.components import allowed, field, plain

PRESETS = ("quick", "paper")


def show(scene: Scene) -> ExperimentRequest | None:
    """Draw the choices; return the request when the user asks to start."""
    asked = options(ExperimentRequest)
    datasets = DATASETS if scene.has_deformation else DATASETS[:1]
    possible = [Arm(m, d) for d in datasets[::-1] for m in list(MODEL_TITLES)[::-1]]
    by_key = {arm.key: arm for arm in possible}
    first = [arm.key for arm in DEFAULT if arm in possible]
    chosen = st.multiselect(
        options=list(by_key),
        default=first or list(by_key),
        format_func=in_words(lambda key: by_key[key].title),
        key=f"experiment-arms-{scene.has_deformation}",
        **field.PERSIST,
        **field.words(asked["arms"]),
    )
    seeds_at, preset_at = st.columns(2)
    seeds = field.show(asked["seeds"], "experiment-seeds", where=seeds_at)
    preset = preset_at.segmented_control(
        field.label(asked["preset"]),
        PRESETS,
        default="quick",
        format_func=tr,
        required=True,
        key="experiment-preset",
        **field.PERSIST,
    )
    try:
        wanted = request(scene.name, [by_key[key] for key in chosen], seeds, preset=preset)
    except SlideScopeError as error:
        st.info(plain.sentence(str(error)))
        return None
    st.caption(
        tr(
            f"{cost.expected(wanted, scene).words} The same split, tiles, order, schedule and, "
            "where shapes allow, initialisation for all; augmentation by the north-south flip only."
        )
    )
    ready = scene.inventory is not None
    if not ready:
        st.info(tr(f"Scene '{scene.name}' has no landslide inventory: import it again with one."))
    pressed = allowed.button(tr("Run the paired experiment"), type="primary", disabled=not ready)
    return wanted if pressed else None
