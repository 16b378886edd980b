"""Factors: how they relate, how they repeat each other, which of them tell landslides."""

import streamlit as st

from core.analysis import store, tables
from pages.components import (
    analysis_start,
    channel_view,
    collinearity_table,
    factor_explorer,
    heatmap,
    importance_bars,
    pick,
)

PANEL_HEIGHT = 300
EXPLORED = "explored_factor"
PAPER, ALL = "Paper’s factors", "All factors"


def main() -> None:
    head = st.columns([2, 3, 2.4], vertical_alignment="bottom")
    head[0].title("Factors", anchor=False)
    with head[1]:
        scene = pick.scene()
    if scene is None:
        return
    analysis = store.load(scene)
    if analysis is None:
        analysis_start.show(scene)
        return
    view = store.view(analysis, _causative(analysis, head[2]))
    st.caption(_basis(analysis))
    first, second, third = st.columns([1.1, 1.25, 1.05], gap="medium")
    with first:
        _correlation(scene.name, view)
    with second:
        _collinearity(scene.name, view)
    with third:
        _importance(scene.name, view, analysis)
    factor_explorer.show(analysis, EXPLORED)
    channel_view.show(scene, analysis["importance"])


def _causative(analysis: dict, place) -> bool:
    """Ask for the paper's factors or all, where that makes a difference."""
    names = analysis["pearson"]["factors"]
    if set(store.causative_of(names)) in (set(), set(names)):
        return False
    choice = place.segmented_control(
        "Shown",
        (PAPER, ALL),
        default=PAPER,
        required=True,
        help="The paper's statistics are on "
        "deformation rate, elevation, slope, aspect, curvature and lithology (section 4.1).",
    )
    return choice == PAPER


def _basis(analysis: dict) -> str:
    """Which pixels everything stands on, and what was left out."""
    made = "**Synthetic scene.** " if analysis["synthetic"] else ""
    n, dropped = f"{analysis['n']:,}".replace(",", "\u2009"), 100 * analysis["dropped_share"]
    text = f"{made}{n} pixels with data in all factors; {dropped:.1f} % dropped for missing data."
    other = analysis["without_deformation"]
    if other:
        text += f" Without deformation rate {100 * other['dropped_share']:.1f} % would be dropped."
    for row in analysis["excluded"]:
        text += f" Left out: {row['factor']} ({row['reason']})."
    return text


def _panel(title: str, csv: str, file: str) -> None:
    """The head of a panel, its table for download at the right."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, anchor=False)
        st.download_button("CSV", csv, file, "text/csv", type="tertiary", key=file)


def _correlation(scene: str, view: dict) -> None:
    _panel("Correlation", tables.correlation_csv(view), f"{scene}-correlation.csv")
    heatmap.show(view["pearson"], PANEL_HEIGHT, key="heatmap")
    st.caption(
        "Pearson coefficient (PPMCC). Pixels are not independent: their number proves no "
        "significance. Lithology and aspect are plain numbers here, as in the paper."
    )


def _collinearity(scene: str, view: dict) -> None:
    _panel("Collinearity", tables.collinearity_csv(view), f"{scene}-collinearity.csv")
    with st.container(height=PANEL_HEIGHT, border=False):
        collinearity_table.show(view["collinearity"])
    number = view["condition_number"]
    condition = "singular" if number is None else f"{number:.3g}"
    st.caption(
        f"{collinearity_table.verdict(view['collinearity'])} Condition number {condition}. "
        "Paper: Table 2 as printed, of another area."
    )


def _importance(scene: str, view: dict, analysis: dict) -> None:
    _panel("Importance", tables.importance_csv(view), f"{scene}-importance.csv")
    rows = view["importance"]
    if analysis["importance_reason"]:
        st.info(analysis["importance_reason"])
    if not rows:
        return
    measured = [m for m in importance_bars.MEASURES if rows[0][m]]
    measure = st.segmented_control(
        "Measure",
        measured,
        default="gini",
        required=True,
        format_func=importance_bars.MEASURES.get,
        label_visibility="collapsed",
    )
    importance_bars.show(rows, measure, PANEL_HEIGHT - 48, f"bars-{measure}", _explore)
    sampling = analysis["sampling"]
    auc = f"; held-out AUC {view['auc']['mean']:.3f} ± {view['auc']['sd']:.3f}"
    blocks = f", blocks of {sampling['block_px']} px" if sampling["block_px"] else ""
    pixels = f"{sampling['pixels']:,}".replace(",", "\u2009")
    st.caption(
        f"{importance_bars.verdict(rows)} {sampling['forests']} forests, {pixels} pixels, half of "
        f"them landslide{auc if view['auc'] else ''}{blocks}. Gini favours numeric factors."
    )


def _explore(name: str) -> None:
    st.session_state[EXPLORED] = name


main()
