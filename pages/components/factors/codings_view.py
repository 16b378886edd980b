"""Both codings side by side, and what differs."""

import streamlit as st

from core.analysis import tables
from core.language.translation import tr
from pages.components import plain
from pages.components.factors import collinearity_table, glance_view, heatmap, table_head
from pages.components.factors.factor_audit import Audit

HEIGHT = 320
WORDS = {
    "paper": "Every factor a plain number, as in the paper’s Table 2: Pearson’s coefficient.",
    "recommended": "Aspect as sine and cosine, classes as classes: Pearson’s coefficient between "
    "numbers; else the correlation ratio (eta), the circular-linear correlation or Cramér’s V.",
}


def show(audit: Audit) -> None:
    coding = audit.shown["coding"]
    st.markdown(tr(f"**What differs.** {plain.sentence(coding['difference'])}"))
    for side, (name, words) in zip(st.columns(2, gap="medium"), WORDS.items()):
        with side:
            title = f"{name.capitalize()} coding"
            table_head.show(title, tables.coding_csv(coding), audit.file(f"{name}-coding"))
            heatmap.show(coding[name]["correlation"], HEIGHT, f"heatmap-{name}")
            st.caption(tr(f"{words} {glance_view.condition(coding[name])}"))
    table_head.show("VIF and TOL", tables.vif_csv(coding), audit.file("vif-by-coding"))
    collinearity_table.show_both(*(coding[name]["collinearity"] for name in WORDS))
    st.caption(
        tr(
            "A factor of several columns has the generalised VIF (Fox & Monette, 1992); VIF is its "
            "root of the number of columns, which compares with that of one. Paper: of another "
            "area."
        )
    )
    for name in WORDS:
        if coding[name]["warnings"]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(tr(f"**{name.capitalize()} coding**"))
                csv = tables.warnings_csv(coding[name])
                table_head.button(csv, audit.file(f"{name}-warnings"))
            glance_view.warnings(coding[name]["warnings"])
