"""Evidence per class: ranking, ROC curves, and what each class of one factor says."""

import plotly.graph_objects as go
import streamlit as st

from core.analysis import tables
from core.factors import factor
from core.language.translation import in_words, tr
from core.numerals import whole
from pages.components import chart, curves, number_table, plain
from pages.components.chart import kept
from pages.components.factors import class_bars, evidence_settings, factor_explorer, table_head
from pages.components.factors.factor_audit import Audit

HEIGHT = 280
BLUE, GREY = "#0072B2", "#B9B4A6"
COLUMNS = {
    "label": ("Class", None),
    "pixels": ("Pixels", ".0f"),
    "landslides": ("Landslides", ".1f"),
    "share": ("Landslide share", "percent"),
    "frequency_ratio": ("Frequency ratio", ".3f"),
    "w_plus": ("W+", ".3f"),
    "w_minus": ("W−", ".3f"),
    "contrast": ("Contrast", ".3f"),
    "studentised": ("Studentised", ".2f"),
    "chance_p": ("p, moved", ".3f"),
}


def show(audit: Audit, refused: str | None) -> None:
    """Draw it all; `refused` says why the class breaks asked for were not taken."""
    evidence = audit.shown["evidence"]
    if evidence is None:
        st.info(
            tr(
                f"Scene '{audit.scene.name}' has no landslide inventory: evidence per class needs "
                "one; import it again with one."
            )
        )
        return
    choice, settings = st.columns([1, 3.6], vertical_alignment="bottom")
    with choice:
        st.caption(tr("Factor"))
        name = factor_explorer.pick(audit)
    with settings:
        evidence_settings.show(audit.scene, name)
    if refused:
        st.error(plain.sentence(refused))
    table = next(t for t in evidence["factors"] if t["factor"] == name)
    first, second, third = st.columns([1.1, 1, 1.7], gap="medium")
    with first:
        _ranking(audit, evidence, name)
    with second:
        _roc(audit, evidence, name)
    with third:
        _bars(table)
    _classes(audit, evidence, table)


def _ranking(audit: Audit, evidence: dict, name: str) -> None:
    table_head.show("Information gain", tables.ranking_csv(evidence), audit.file("ranking"))
    ordered = evidence["factors"][::-1]

    def picked() -> None:
        points = st.session_state["evidence-ranking"].selection.points
        if points:
            factor_explorer.choose(ordered[points[0]["point_index"]]["factor"])

    chart.draw(
        kept(ranking, ordered, name),
        key="evidence-ranking",
        on_select=picked,
        selection_mode="points",
    )
    st.caption(tr(chance(evidence["factors"])))


def chance(found: list[dict]) -> str:
    """Which ranks the inventory moved elsewhere does as well as."""
    known = [t for t in found if t["control"] and t["control"]["above_chance"] is not None]
    if not known:
        return "No control: the inventory cannot be moved to places enough that have data."
    poor = [factor(t["factor"]).title for t in known if not t["control"]["above_chance"]]
    shifts = max(t["control"]["shifts"] for t in known)
    said = f"Marks: the mean of {shifts} places that the inventory is moved to. "
    if not poor:
        return said + "All do better than chance (p up to 0.05)."
    return said + f"No better than chance (p above 0.05), hatched: {', '.join(poor)}."


def ranking(ordered: list[dict], name: str) -> go.Figure:
    """Bars of information gain, the chosen factor's in colour, hatched where the inventory moved
    elsewhere does as well; its mean there as a mark."""
    control = [t["control"] or {} for t in ordered]
    means = [(about.get("information_gain") or {}).get("mean") for about in control]
    titles = [f"{t['rank']}. {factor(t['factor']).title}" for t in ordered]
    hatched = ["/" if about.get("above_chance") is False else "" for about in control]
    drawn = go.Figure(
        go.Bar(
            x=[100 * t["information_gain"] for t in ordered],
            y=titles,
            marker_color=[BLUE if t["factor"] == name else GREY for t in ordered],
            marker_pattern_shape=hatched,
            orientation="h",
            showlegend=False,
            hovertemplate="%{y}: %{x:.3g} %<extra></extra>",
        )
    )
    drawn.add_scatter(
        x=[None if mean is None else 100 * mean for mean in means],
        y=titles,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 12, "color": "#444"},
        hovertemplate="moved elsewhere: %{x:.3g} %<extra></extra>",
        showlegend=False,
    )
    drawn.update_layout(height=HEIGHT, margin={"l": 4, "r": 8, "t": 8, "b": 4}, dragmode=False)
    drawn.update_xaxes(title="% of the entropy taken away", automargin=True, fixedrange=True)
    drawn.update_yaxes(automargin=True, fixedrange=True)
    return drawn


def _roc(audit: Audit, evidence: dict, name: str) -> None:
    table_head.show("ROC curve", tables.roc_csv(evidence), audit.file("roc"))
    chart.draw(kept(roc, evidence["factors"], name), key="evidence-roc")


def roc(found: list[dict], name: str) -> go.Figure:
    """Every factor's curve in grey, the chosen one's in colour with its area."""
    drawn = go.Figure()
    drawn.add_shape(
        type="line", x0=0, y0=0, x1=1, y1=1, line={"dash": "dot", "width": 1, "color": curves.GREY}
    )
    for table in sorted(found, key=lambda t: t["factor"] == name):
        if not table["roc"]:
            continue
        mine = table["factor"] == name
        drawn.add_scatter(
            x=table["roc"]["fpr"],
            y=table["roc"]["tpr"],
            mode="lines",
            name=f"{factor(table['factor']).title}, AUC {table['auc']:.3f}",
            line={"color": BLUE if mine else GREY, "width": 3 if mine else 1.2},
            hovertemplate="%{x:.2f}, %{y:.2f}",
        )
        if mine:
            said = f"AUC {table['auc']:.3f}"
            drawn.add_annotation(x=0.97, y=0.06, xanchor="right", text=said, showarrow=False)
    drawn.update_layout(height=HEIGHT, showlegend=False, margin={"l": 4, "r": 4, "t": 8, "b": 4})
    drawn.update_xaxes(title="false positive rate", range=[0, 1], automargin=True)
    drawn.update_yaxes(title="true positive rate", range=[0, 1], automargin=True)
    return drawn


def _bars(table: dict) -> None:
    figure = st.segmented_control(
        tr("Shown"),
        list(class_bars.FIGURES),
        default="frequency_ratio",
        required=True,
        format_func=in_words(class_bars.FIGURES.get),
        key="evidence-figure",
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    drawn = kept(class_bars.bars, table, figure, HEIGHT)
    chart.draw(drawn, key=f"evidence-bars-{figure}")


def _classes(audit: Audit, evidence: dict, table: dict) -> None:
    title = f"Classes of {factor(table['factor']).title}"
    one = {**evidence, "factors": [table]}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(tr(title), anchor=False)
        name = f"evidence-{table['factor']}"
        table_head.button(tables.evidence_csv(one), audit.file(name), "CSV")
        table_head.button(tables.evidence_csv(evidence), audit.file("evidence"), "CSV, all factors")
    rows = table["classes"]
    number_table.show(
        {title: ([row[key] for row in rows], form) for key, (title, form) in COLUMNS.items()},
        key="evidence-classes",
    )
    st.caption(
        tr(
            f"{whole(evidence['landslides'])} landslides, not pixels, count for the studentised "
            "contrast (beyond ±1.96: significant at 5 %). The ROC curve describes the area its "
            "classes were made on; it is no test. An empty cell has nothing to divide by."
        )
    )
