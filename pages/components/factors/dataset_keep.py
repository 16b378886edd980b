"""Keep the factors chosen as a named dataset, to train on."""

import streamlit as st

from core.analysis.request import FactorsRequest
from core.errors import SlideScopeError
from core.factors import factor
from core.language.translation import tr
from core.scene import datasets
from core.scene.store import Scene
from pages.components import allowed, field, plain

_NAME, _SAID = "dataset_name", "dataset_said"


def show(scene: Scene, names: list[str]) -> None:
    """Draw the button and what it asks for."""
    with st.popover(tr("Use for training"), width="content"):
        st.caption(tr(f"{len(names)} factors: {', '.join(factor(name).title for name in names)}."))
        asked = field.of(FactorsRequest, "save_dataset")
        about = {**field.words(asked), "placeholder": asked.hint}
        st.text_input(key=_NAME, max_chars=datasets.LONGEST, **about)
        allowed.button(tr("Use these factors for training"), on_click=_keep, args=(scene, names))
        said = st.session_state.pop(_SAID, None)
        if said and said[0]:
            st.error(plain.sentence(said[0]))
        elif said:
            st.success(tr(said[1]))
            st.page_link("pages/training.py", label=tr(":primary[Go to Training]"))
        kept = datasets.fitting(scene)
        if kept:
            st.caption(tr(f"Kept so far: {', '.join(kept)}. The same name again replaces one."))


def _usual(scene: Scene) -> str:
    return "RS and RS-DR" if scene.has_deformation else "RS"


def _keep(scene: Scene, names: list[str]) -> None:
    try:
        kept = datasets.save(scene, st.session_state.get(_NAME) or "", names)
    except SlideScopeError as error:
        st.session_state[_SAID] = (str(error), "")
        return
    said = f"Dataset {kept['name']} is kept: Training offers it beside {_usual(scene)}."
    st.session_state[_SAID] = ("", said)
