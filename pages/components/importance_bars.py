"""Importance bars with error bars, and what pure noise reaches as a dashed line."""

import plotly.graph_objects as go
import streamlit as st

from core.factors import factor
from pages.components.chart import DOWNLOAD

MEASURES = {"gini": "Gini", "permutation": "Permutation", "drop_column": "Drop-column"}
AXES = {
    "gini": "Gini importance, noise included: sum 1",
    "permutation": "held-out AUC lost when shuffled",
    "drop_column": "held-out AUC lost when grown without it",
}
BLUE, GREY = "#0072B2", "#8A8F91"


def show(rows: list[dict], measure: str, height: int, key: str, on_pick=None) -> None:
    """Draw the bars of `measure`; a click on one calls `on_pick(factor)`."""
    ordered = ranked(rows, measure)

    def picked() -> None:
        points = st.session_state[key].selection.points
        if points and on_pick:
            on_pick(ordered[points[0]["point_index"]]["factor"])

    st.plotly_chart(
        figure(rows, measure, height),
        key=key,
        on_select=picked,
        selection_mode="points",
        config=DOWNLOAD,
    )


def ranked(rows: list[dict], measure: str) -> list[dict]:
    """The factors, the most important last, as a bar chart counts from below."""
    return sorted((r for r in rows if not r["control"]), key=lambda r: r[measure]["mean"])


def figure(rows: list[dict], measure: str, height: int) -> go.Figure:
    ordered = ranked(rows, measure)
    controls = {row["factor"]: row[measure] for row in rows if row["control"]}
    noise = controls.pop("noise")
    drawn = go.Figure(
        go.Bar(
            x=[row[measure]["mean"] for row in ordered],
            y=[factor(row["factor"]).title for row in ordered],
            error_x={"array": [row[measure]["sd"] for row in ordered], "thickness": 1.5},
            marker={"color": [BLUE if row["above_noise"] else GREY for row in ordered]},
            unselected={"marker": {"opacity": 0.55}},
            orientation="h",
            hovertemplate="%{y}: %{x:.3f} ± %{error_x.array:.3f}<extra></extra>",
        )
    )
    low, high = noise["mean"] - noise["sd"], noise["mean"] + noise["sd"]
    drawn.add_vrect(low, high, fillcolor="rgba(128,128,128,0.2)", line_width=0)
    _line(drawn, noise["mean"], "noise", "dash")
    for name, value in controls.items():
        if value:
            _line(drawn, value["mean"], name, "dot")
    drawn.update_layout(height=height, margin={"l": 4, "r": 8, "t": 22, "b": 4}, dragmode=False)
    drawn.update_xaxes(title=AXES[measure], title_font_size=11, automargin=True, fixedrange=True)
    drawn.update_yaxes(automargin=True, fixedrange=True)
    return drawn


def _line(drawn: go.Figure, at: float, name: str, dash: str) -> None:
    """What a control reaches; the names stand below each other where lines are close."""
    drawn.add_vline(at, line={"dash": dash, "width": 2})
    above = {"noise": {"y": 1, "yanchor": "bottom"}}.get(name, {"y": 0, "yanchor": "bottom"})
    drawn.add_annotation(x=at, yref="paper", xanchor="left", text=name, showarrow=False, **above)


def verdict(rows: list[dict]) -> str:
    """Return one sentence on the factors that do not beat noise.

    >>> row = {"factor": "slope", "permutation": {"mean": 0.0}, "above_noise": False}
    >>> verdict([{**row, "control": False}])
    'Grey, no better than noise on held-out blocks: Slope.'
    """
    where = "on held-out blocks" if rows[0].get("permutation") else "in Gini"
    below = [r["factor"] for r in rows if not r["control"] and not r["above_noise"]]
    if not below:
        return f"Every factor is above noise {where}."
    return f"Grey, no better than noise {where}: {', '.join(factor(name).title for name in below)}."
