"""How a run was made, as a paragraph to copy into a paper."""

import streamlit as st

from core.export import store as exports
from core.language.translation import in_words, tr
from core.manuscript import methods
from core.manuscript.request import MethodsRequest
from core.request import options
from core.scene.store import Scene
from pages.components import curves, field, plain


def show(scene: Scene) -> None:
    """Draw the choice of run and language, and the paragraph with a button that copies it."""
    st.subheader(tr("Methods"), anchor=False)
    candidates = (run for run in exports.candidates(scene) if run.config.has_network)
    found = {run.id: run for run in candidates if run.metrics(scene.name)}
    if not found:
        st.caption(
            tr("The paragraph on methods is made from a run that is measured on this scene.")
        )
        return
    asked = options(MethodsRequest)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = st.selectbox(
            field.label(asked["run_id"]),
            list(found),
            format_func=in_words(lambda i: curves.label(found[i])),
            key=f"methods-run-{scene.name}",
            width=420,
        )
        language = field.language(asked["language"], "methods-language", width=160)
    told = methods.told(found[run_id], scene, language)
    st.code(told["text"], language=None, wrap_lines=True)
    for note in told["notes"]:
        st.caption(plain.sentence(note))
