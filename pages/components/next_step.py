"""What to do after this page, at its end."""

import streamlit as st

from core.language.translation import tr
from core.scene.store import Scene
from core.workflows import steps


def show(page: str, scene: Scene) -> None:
    """Draw the links to what is possible after `page` on `scene`, or nothing where the page itself
    says what is missing."""
    onward = steps.onward(page, scene)
    if not onward:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="next_step"):
        st.caption(tr("Next"), width="content")
        for number, step in enumerate(onward):
            label = step.action if number else f":primary[{step.action}]"
            query = {"scene": scene.name}
            st.page_link(f"pages/{step.page}.py", label=tr(label), query_params=query)
