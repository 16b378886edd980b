"""Factors at a glance: correlation, collinearity, importance, and one factor in detail."""

import streamlit as st

from core.analysis import tables
from core.factors import factor
from core.language.translation import in_words, tr
from core.numerals import significant, whole
from pages.components import plain
from pages.components.factors import (
    analysis_more,
    collinearity_table,
    factor_explorer,
    heatmap,
    importance_bars,
    table_head,
)
from pages.components.factors.factor_audit import Audit

PANEL_HEIGHT = 296


def show(audit: Audit) -> None:
    first, second, third = st.columns([1.1, 1.25, 1.05], gap="medium")
    with first:
        _correlation(audit)
    with second:
        _collinearity(audit)
    with third:
        _importance(audit)
    warnings(audit.shown["warnings"])
    factor_explorer.show(audit)


def warnings(rows: list[dict]) -> None:
    """Every factor with a VIF from 5 on and what explains it, the worst first."""
    if not rows:
        return
    order = sorted(rows, key=lambda row: -(row["vif"] or float("inf")))
    words = [f"- {plain.sentence(row['sentence'])}" for row in order]
    with st.expander(tr(f"What explains the high VIF ({len(rows)})"), expanded=len(rows) < 4):
        st.markdown(tr("\n".join(words)))


def _correlation(audit: Audit) -> None:
    table_head.show("Correlation", tables.correlation_csv(audit.shown), audit.file("correlation"))
    tested = audit.shown.get("significance")
    pick = factor_explorer.choose_of
    heatmap.show(audit.shown["pearson"], PANEL_HEIGHT, "heatmap", tested, pick)
    if tested:
        st.caption(
            tr(
                "Pearson coefficient (PPMCC), paper coding. In brackets: not significant at 5 % "
                "(Dutilleul’s test, adjusted for the number of pairs)."
            )
        )
    else:
        st.caption(
            tr(
                "Pearson coefficient (PPMCC), paper coding. Pixels are not independent: their "
                "number proves no significance; the view Significance tests it."
            )
        )


def _collinearity(audit: Audit) -> None:
    coding = audit.shown["coding"]
    plain, suiting = (coding[name]["collinearity"] for name in ("paper", "recommended"))
    table_head.show("Collinearity", tables.vif_csv(coding), audit.file("collinearity"))
    with st.container(height=PANEL_HEIGHT, border=False):
        collinearity_table.show(plain, suiting)
    st.caption(
        tr(f"{collinearity_table.verdict(plain)} {condition(audit.shown)} {_difference(audit)}")
    )


def condition(relations: dict) -> str:
    number = relations["condition_number"]
    return f"Condition number {'infinite' if number is None else significant(number, 3)}."


def _difference(audit: Audit) -> str:
    """What the recommended coding flags besides or not."""
    coding = audit.shown["coding"]
    plain, suiting = (
        {row["factor"] for row in coding[name]["warnings"]} for name in ("paper", "recommended")
    )
    parts = [(" flags ", suiting - plain), (" does not flag ", plain - suiting)]
    said = " and".join(
        words + ", ".join(factor(name).title for name in audit.names if name in found)
        for words, found in parts
        if found
    )
    return f"Recommended coding{said or ' flags the same'}. Paper: Table 2, another area."


def _importance(audit: Audit) -> None:
    shown = audit.shown
    table_head.show("Importance", tables.importance_csv(shown), audit.file("importance"))
    if shown["importance_reason"]:
        st.info(plain.sentence(shown["importance_reason"]))
    rows = shown["importance"]
    if not rows or all(row["control"] for row in rows):
        return
    measured = [m for m in importance_bars.MEASURES if rows[0][m]]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        measure = st.segmented_control(
            tr("Which measure"),
            measured,
            default=measured[0],
            required=True,
            format_func=in_words(importance_bars.MEASURES.get),
            label_visibility="collapsed",
            key=f"measure-{len(measured)}",
        )
        if audit.can_drop and "drop_column" not in measured:
            label = "+ Drop-column"
            analysis_more.show(
                audit.scene, audit.texts, shown, ("drop_column", True), label, "tertiary"
            )
    key = f"bars-{measure}"
    importance_bars.show(rows, measure, PANEL_HEIGHT - 48, key, factor_explorer.choose)
    st.caption(tr(f"{importance_bars.verdict(rows)} {_sampling(shown)}"))


def _held_out(auc: str, sampling: dict) -> str:
    """Statistics of before know no buffer."""
    side, buffer = sampling["block_px"], sampling.get("buffer_px")
    if not side:
        return f"; AUC {auc} on held-out blocks"
    if not buffer:
        return f"; AUC {auc} on held-out blocks of {side} px"
    return f"; AUC {auc} on held-out blocks of {side} px with {buffer} px around them left out"


def _sampling(shown: dict) -> str:
    """On what importance was measured."""
    sampling, auc, null = shown["sampling"], shown["auc"], shown["null_auc"]
    said = f"{sampling['forests']} forests, {whole(sampling['pixels'])} pixels, "
    said += f"landslide : other {sampling['ratio']}"
    if auc:
        said += _held_out(f"{auc['mean']:.3f} ± {auc['sd']:.3f}", sampling)
        said += f", {null['mean']:.2f} on shuffled labels" if null else ""
    grown = len(shown["importance_factors"])
    rows = sum(not row["control"] for row in shown["importance"])
    more = f" Forests grown with {grown} factors." if grown != rows else ""
    return f"{said}.{more} Gini favours numeric factors."
