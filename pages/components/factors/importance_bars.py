"""Importance bars with error bars, and what pure noise reaches as a dashed line."""

import plotly.graph_objects as go
import streamlit as st

from core.factors import factor
from pages.components import chart
from pages.components.chart import kept
from pages.components.curves import BLUE, GREY

MEASURES = {"gini": "Gini", "permutation": "Permutation", "drop_column": "Drop-column"}
AXES = {
    "gini": "Gini importance, noise included: sum 1",
    "permutation": "held-out AUC lost when shuffled",
    "drop_column": "held-out AUC lost when grown without it",
}


def show(rows: list[dict], measure: str, height: int, key: str, on_pick=None) -> None:
    """Draw the bars of `measure`; a click on one calls `on_pick(factor)`."""
    ordered = ranked(rows, measure)

    def picked() -> None:
        points = st.session_state[key].selection.points
        if points and on_pick:
            on_pick(ordered[points[0]["point_index"]]["factor"])

    chart.draw(
        kept(figure, rows, measure, height),
        key=key,
        on_select=picked,
        selection_mode="points",
    )


def ranked(rows: list[dict], measure: str) -> list[dict]:
    """The factors, the most important last, as a bar chart counts from below."""
    return sorted((r for r in rows if not r["control"]), key=lambda r: r[measure]["mean"])


def figure(rows: list[dict], measure: str, height: int) -> go.Figure:
    ordered = ranked(rows, measure)
    controls = {row["factor"]: row[measure] for row in rows if row["control"]}
    noise = controls.pop("noise")
    bars = go.Bar(
        x=[row[measure]["mean"] for row in ordered],
        y=[factor(row["factor"]).title for row in ordered],
        error_x={"array": [row[measure]["sd"] for row in ordered], "thickness": 1.5, "color": GREY},
        marker={"color": [BLUE if row["above_noise"] else GREY for row in ordered]},
        unselected={"marker": {"opacity": 0.55}},
        orientation="h",
        hovertemplate="%{y}: %{x:.3f} ± %{error_x.array:.3f}<extra></extra>",
    )
    low, high = noise["mean"] - noise["sd"], noise["mean"] + noise["sd"]
    band = {"type": "rect", "fillcolor": "rgba(128,128,128,0.2)", "line": {"width": 0}}
    marks = [("noise", noise["mean"], "dash", 1)]
    marks += [(name, value["mean"], "dot", 0) for name, value in controls.items() if value]
    title = {"text": AXES[measure], "font": {"size": 11}}
    layout = {
        "height": height,
        "margin": {"l": 4, "r": 8, "t": 22, "b": 4},
        "dragmode": False,
        "shapes": [_across(band, low, high), *(_line(at, dash) for _, at, dash, _ in marks)],
        "annotations": [_name(name, at, y) for name, at, _, y in marks],
        "xaxis": {"title": title, "automargin": True, "fixedrange": True},
        "yaxis": {"automargin": True, "fixedrange": True},
    }
    # In one go: Plotly looks the whole chart over after every change.
    return go.Figure(bars, layout)


def _across(shape: dict, x0: float, x1: float) -> dict:
    """A shape from the bottom of the chart to its top."""
    return {**shape, "x0": x0, "x1": x1, "y0": 0, "y1": 1, "yref": "y domain"}


def _line(at: float, dash: str) -> dict:
    """What a control reaches."""
    return _across({"type": "line", "line": {"dash": dash, "width": 2, "color": GREY}}, at, at)


def _name(text: str, at: float, y: float) -> dict:
    """One control's name stands above, the other's below: their lines may be close."""
    where = {"x": at, "y": y, "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {**where, "text": text, "showarrow": False}


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
