"""Which correlations are significant: p-values that count independent pixels, on demand."""

import streamlit as st

from core.analysis import tables
from core.factors import factor
from core.language.translation import tr
from core.numerals import fixed, whole
from pages.components import number_table
from pages.components.factors import analysis_more, table_head
from pages.components.factors.factor_audit import Audit
from pages.components.factors.heatmap import p_value

PROMISE = (
    "Here will stand a p-value beside every r. Neighbouring pixels repeat each other, so the plain "
    "test calls almost everything significant; Dutilleul’s modified t-test counts how many "
    "independent pixels there are (effective n). It takes a grid sample of at most 10 000 pixels "
    "and about a minute."
)
COLUMNS = {
    "r": ("r", ".3f"),
    "effective_n": ("Effective n", ".0f"),
    "p": ("p", None),
    "p_holm": ("p, adjusted", None),
    "p_pixels": ("p if pixels were independent", None),
    "spearman": ("Spearman", ".3f"),
    "value": ("Suiting measure", ".3f"),
    "measure": ("which is", None),
}


def show(audit: Audit) -> None:
    found = audit.shown.get("significance")
    if not found:
        st.info(tr(PROMISE))
        label = "Compute the significance"
        analysis_more.show(audit.scene, audit.texts, audit.shown, ("significance", True), label)
        return
    table_head.show("Significance", tables.significance_csv(found), audit.file("significance"))
    if not found["pairs"]:
        st.info(tr("A correlation needs two factors: switch another one on."))
        return
    pairs = sorted(found["pairs"], key=lambda row: -abs(row["r"] or 0))
    columns: dict[str, number_table.Column] = {"Factors": ([_pair(row) for row in pairs], None)}
    for key, (title, form) in COLUMNS.items():
        values = [row[key] for row in pairs]
        # As text: a p-value too small for a float would read 0.
        if key in ("p", "p_holm", "p_pixels"):
            values = [None if v is None else p_value(v) for v in values]
        columns[title] = (values, form)
    number_table.show(columns, key="significance-pairs")
    st.caption(tr(f"{_verdict(pairs)} {basis(found)}"))


def _pair(row: dict) -> str:
    return f"{factor(row['a']).title} – {factor(row['b']).title}"


def _verdict(pairs: list[dict]) -> str:
    tested = [row for row in pairs if row["p_holm"] is not None]
    good = [row for row in tested if row["p_holm"] < 0.05]
    return f"{len(good)} of {len(tested)} pairs are significant at 5 %." if tested else ""


def basis(found: dict) -> str:
    """On what the test stands, or why there is none."""
    spacing = f", {fixed(found['spacing_m'], 0)} m" if found["spacing_m"] else ""
    where = f"{whole(found['pixels'])} pixels, {found['step_px']} px{spacing} apart."
    return f"{where} {found['p_reason'] or found['method']}"
