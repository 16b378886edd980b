"""Table 2: VIF and TOL of the causative factors as the paper prints them, and ours."""

import streamlit as st

from core import paper
from core.analysis import store
from core.factors import factor
from core.language.translation import tr
from core.manuscript import tables
from core.numerals import fixed
from core.scene.store import Scene
from pages.components.results import table_notes

HEAD = "| | Paper, VIF | Paper, TOL | Ours, VIF | Ours, TOL |\n|:--|--:|--:|--:|--:|"


def show(scene: Scene) -> None:
    """Draw both in one table; ours are dashes until the scene's factors were analysed."""
    st.subheader(tr("Table 2. Collinearity of the six causative factors"), anchor=False)
    analysis = store.load(scene)
    ours = _by_factor(analysis) if analysis else {}
    lines = [_line(name, ours.get(name)) for name in paper.TABLE_2]
    with st.container(key="metrics-table-2", width=620):
        st.markdown(tr("\n".join([HEAD, *lines])))
    st.caption(tr(f"Paper, table 2: {paper.AREA_WORDS}. {tables.basis(scene, analysis)}"))
    table_notes.show(paper.NOTES_2, ())
    if not analysis:
        st.page_link("pages/factors.py", label=tr(":primary[Look at the factors]"))


def _by_factor(analysis: dict) -> dict[str, dict]:
    found = store.view(analysis, causative=True)["collinearity"]
    return {row["factor"]: row for row in found}


def _line(name: str, ours: dict | None) -> str:
    mine = ((ours or {}).get("vif"), (ours or {}).get("tol"))
    figures = (*paper.TABLE_2[name], *mine)
    cells = " | ".join(fixed(value, 3) for value in figures)
    return f"| {factor(name).title} | {cells} |"
