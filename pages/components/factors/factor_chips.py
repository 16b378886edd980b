"""What if a factor were left out? A chip a factor; everything below follows at once."""

import hashlib

import streamlit as st

from core.analysis import choice, store
from core.factors import factor
from core.language.translation import in_words, tr
from core.scene.store import Scene


def show(scene: Scene, every: list[str]) -> list[str]:
    """Draw the chips and return the factors that are on, in order."""
    # Another set of factors is another widget: a kept choice would name what is not there.
    key = f"chips-{scene.name}-{hashlib.sha256(' '.join(every).encode()).hexdigest()[:8]}"
    st.session_state.setdefault(key, choice.at_first(every))
    six = store.causative_of(every)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        on = st.pills(
            tr("Factors that count"),
            every,
            selection_mode="multi",
            format_func=in_words(lambda name: factor(name).title),
            key=key,
            persist_state="session",
            label_visibility="collapsed",
            wrap=True,
        )
        names = [name for name in every if name in on]
        _preset("All factors", key, every, names)
        if six and set(six) != set(every):
            _preset("Paper’s factors", key, [name for name in every if name in six], names)
    return names


def _preset(label: str, key: str, wanted: list[str], names: list[str]) -> None:
    def switch() -> None:
        st.session_state[key] = wanted

    st.button(
        tr(label), on_click=switch, disabled=names == wanted, type="tertiary", key=f"set-{label}"
    )
