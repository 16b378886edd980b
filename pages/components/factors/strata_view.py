"""Stratified: every class of a categorical factor by itself, side by side."""

import streamlit as st

from core.analysis.request import FactorsRequest
from core.analysis.tables import rows_of, strata_csv
from core.factors import factor
from core.language.translation import in_words, tr
from pages.components import field, number_table
from pages.components.factors import analysis_more, factor_data, table_head
from pages.components.factors.factor_audit import Audit

PROMISE = (
    "Here will stand every class of a categorical factor by itself: its landslide share, the VIF "
    "of each factor and how much each tells about landslides there. One pass over the scene a "
    "class."
)
MEASURES = {"information_gain": "Information gain", "auc": "AUC", "vif": "VIF"}
FORMS = {"information_gain": ".4f", "auc": ".3f", "vif": ".2f"}


def show(audit: Audit) -> None:
    kinds = [item.name for item in audit.scene.factors if item.kind == "categorical"]
    if not kinds:
        st.info(
            tr("No factor has classes to stratify by: import one as classes, such as lithology.")
        )
        return
    by, measure = _choices(kinds)
    found = factor_data.strata(audit.scene, audit.area, by)
    if not found:
        st.info(tr(PROMISE))
        label = f"Compute by {factor(by).title.lower()}"
        analysis_more.show(audit.scene, audit.texts, audit.shown, ("by", by), label)
        return
    title = f"Classes of {factor(by).title} side by side"
    table_head.show(title, strata_csv(found), audit.file(f"by-{by}"))
    names = [name for name in audit.names if name != by]
    rows = rows_of(found, names, measure)
    forms = {factor(name).title: FORMS[measure] for name in names}
    forms |= {"Landslide share": "percent", "Pixels": ".0f"}
    number_table.show(
        {title: ([row[title] for row in rows], forms.get(title)) for title in rows[0]}, key="strata"
    )
    st.caption(
        tr(
            f"{factor(by).title} itself, constant in each class, is left out. VIF follows the "
            "chips, paper coding; information gain and AUC are of ten classes of about equal area "
            "of each stratum."
        )
    )


def _choices(kinds: list[str]) -> tuple[str, str]:
    """The categorical factor whose classes stand side by side, and what is said of each factor."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.selectbox(
            options=kinds,
            format_func=in_words(lambda name: factor(name).title),
            key="strata-by",
            width=240,
            **field.words(field.of(FactorsRequest, "by")),
        )
        measure = st.segmented_control(
            tr("Of every factor"),
            list(MEASURES),
            default="information_gain",
            required=True,
            format_func=in_words(MEASURES.get),
            key="strata-measure",
        )
    return by, measure
