"""How the factors relate, while what takes longer is still being computed."""

import streamlit as st

from core.language.translation import tr
from core.numerals import whole
from pages.components.factors import collinearity_table, heatmap

HEIGHT = 296


def show(relations: dict) -> None:
    """Draw the correlation and VIF / TOL of `relations` (`core.analysis.choice.early`)."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(tr("Correlation"), anchor=False)
        heatmap.show(relations["pearson"], HEIGHT, "heatmap-early")
        st.caption(tr("Pearson coefficient (PPMCC), paper coding."))
    with right:
        st.subheader(tr("Collinearity"), anchor=False)
        both = relations["coding"]
        plain, suiting = (both[name]["collinearity"] for name in ("paper", "recommended"))
        with st.container(height=HEIGHT, border=False):
            collinearity_table.show(plain, suiting)
        st.caption(tr(collinearity_table.verdict(plain)))
    st.caption(
        tr(
            f"{whole(relations['n'])} pixels with data in all factors. Importance and evidence "
            "follow."
        )
    )
