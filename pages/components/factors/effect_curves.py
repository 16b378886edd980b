"""How a network's probability follows each factor (accumulated local effects), a chart each."""

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from core.factors import factor
from core.language.translation import tr
from pages.components import chart
from pages.components.curves import BLUE, GREY

COLUMNS = 4
ROW_PX = 165
WORDS = (
    "How the probability follows a factor (accumulated local effects): pixels move within "
    "their own bin of values alone, so no combination is asked for that the scene does not have; 0 "
    "is the mean. Classes and bearings have no order and no curve. Ticks below: edges of the bins."
)


def show(effects: list[dict]) -> None:
    """Draw the curves of `effects` (`learning.explain.effects.curves`), the strongest first."""
    ranked = sorted(effects, key=reach, reverse=True)
    chart.draw(figure(ranked), key="effect-curves")
    st.caption(tr(WORDS))


def reach(row: dict) -> float:
    """Probability between the lowest and the highest point of a curve.

    >>> reach({"effect": [-0.1, 0.0, 0.3]})
    0.4
    """
    return max(row["effect"]) - min(row["effect"])


def figure(rows: list[dict]) -> go.Figure:
    """One panel a factor, all with the same axis of effects, so that they can be compared."""
    columns = min(COLUMNS, len(rows))
    lines = -(-len(rows) // columns)
    named = [factor(row["factor"]) for row in rows]
    drawn = make_subplots(
        lines,
        columns,
        shared_yaxes="all",
        subplot_titles=[each.title for each in named],
        horizontal_spacing=0.03,
        vertical_spacing=0.42 / lines,
    )
    lowest = min(min(row["effect"]) for row in rows)
    for number, row in enumerate(rows):
        place = (number // columns + 1, number % columns + 1)
        drawn.add_trace(_curve(row), *place)
        drawn.add_trace(_bins(row, lowest), *place)
        drawn.update_xaxes(title=named[number].unit, title_font_size=10, row=place[0], col=place[1])
    drawn.update_layout(
        height=30 + ROW_PX * lines,
        margin={"l": 4, "r": 8, "t": 30, "b": 4},
        dragmode=False,
        showlegend=False,
    )
    drawn.update_annotations(font_size=12)
    drawn.update_xaxes(
        fixedrange=True, automargin=True, tickfont_size=10, nticks=5, title_standoff=2
    )
    drawn.update_yaxes(fixedrange=True, automargin=True, tickfont_size=10, zeroline=True)
    return drawn


def _curve(row: dict) -> go.Scatter:
    return go.Scatter(
        x=row["values"],
        y=row["effect"],
        mode="lines",
        line={"color": BLUE, "width": 2},
        hovertemplate="%{x:.4g}: %{y:+.3f}<extra></extra>",
    )


def _bins(row: dict, at: float) -> go.Scatter:
    """A tick at each edge of a bin."""
    return go.Scatter(
        x=row["values"],
        y=[at] * len(row["values"]),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 5, "color": GREY},
        hoverinfo="skip",
    )
