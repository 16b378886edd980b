"""One factor inside and outside landslides, and the landslide share of its classes."""

from itertools import pairwise

import plotly.graph_objects as go
import streamlit as st

from core.analysis import store, tables
from core.factors import factor
from pages.components.chart import DOWNLOAD

HEIGHT = 320
INSIDE, OUTSIDE, ALL = "#D55E00", "#56B4E9", "#0072B2"


def show(analysis: dict, key: str) -> None:
    """Let the user choose a factor of `analysis` and draw it; `key` holds the choice."""
    names = list(analysis["explorer"])
    if st.session_state.get(key) not in names:
        st.session_state[key] = [*store.causative_of(names), *names][0]
    title, choice = st.columns([3, 1], vertical_alignment="bottom")
    title.subheader("One factor at a time", anchor=False)
    name = choice.selectbox("Factor", names, key=key, format_func=lambda n: factor(n).title)
    explored = analysis["explorer"][name]
    mapped = analysis["sampling"] is not None or _landslides(explored) > 0
    left, right = st.columns(2)
    with left:
        if explored["edges"]:
            st.plotly_chart(histogram(name, explored, mapped), key=f"{key}-h", config=DOWNLOAD)
        else:
            st.plotly_chart(areas(name, explored), key=f"{key}-a", config=DOWNLOAD)
    with right:
        if mapped:
            st.plotly_chart(shares(name, explored), key=f"{key}-s", config=DOWNLOAD)
        else:
            st.info("Landslide share by class needs an inventory: import the scene with one.")
    st.download_button(
        "Classes as CSV",
        tables.classes_csv(explored),
        f"{analysis['scene']}-{name}-classes.csv",
        "text/csv",
        type="tertiary",
    )


def _landslides(explored: dict) -> int:
    return sum(row["landslide_pixels"] for row in explored["classes"])


def histogram(name: str, explored: dict, mapped: bool) -> go.Figure:
    """Share of pixels per bin, each class summing to 100 %."""
    edges = explored["edges"]
    middle = [(a + b) / 2 for a, b in pairwise(edges)]
    width = [b - a for a, b in pairwise(edges)]
    drawn = go.Figure()
    sides = (("outside", OUTSIDE), ("inside", INSIDE)) if mapped else (("outside", ALL),)
    for side, colour in sides:
        total = sum(explored[side]) or 1
        share = [100 * count / total for count in explored[side]]
        label = f"{side} landslides" if mapped else "all pixels"
        drawn.add_bar(x=middle, y=share, width=width, name=label, marker_color=colour, opacity=0.6)
    title = "Where landslides lie on this factor" if mapped else "All pixels"
    _style(drawn, title, _axis(name, explored), "% of pixels")
    drawn.update_layout(barmode="overlay", bargap=0)
    drawn.update_traces(hovertemplate="%{x:.4g}: %{y:.2f} %")
    return drawn


def areas(name: str, explored: dict) -> go.Figure:
    """Share of the scene in each class of a categorical factor."""
    rows = explored["classes"]
    total = sum(row["pixels"] for row in rows) or 1
    drawn = go.Figure(
        go.Bar(
            x=[row["label"] for row in rows],
            y=[100 * row["pixels"] / total for row in rows],
            marker_color=ALL,
            hovertemplate="%{x}: %{y:.1f} % of the scene<extra></extra>",
        )
    )
    return _style(drawn, "How much of the scene", _axis(name, explored), "% of the scene")


def shares(name: str, explored: dict) -> go.Figure:
    """Landslide share of each class, the share of all of them as a dashed line."""
    rows = explored["classes"]
    total = 100 * _landslides(explored) / (sum(row["pixels"] for row in rows) or 1)
    drawn = go.Figure(
        go.Bar(
            x=[row["label"] for row in rows],
            y=[100 * row["share"] for row in rows],
            customdata=[row["pixels"] for row in rows],
            marker_color=INSIDE,
            hovertemplate="%{x}: %{y:.2f} % of %{customdata} pixels<extra></extra>",
        )
    )
    drawn.add_hline(total, line={"dash": "dash", "width": 1.5})
    ten = "" if explored["kind"] == "categorical" else ", classes of equal area"
    return _style(drawn, f"Landslide share by class{ten}", _axis(name, explored), "% landslide")


def _axis(name: str, explored: dict) -> str:
    unit = f" ({explored['unit']})" if explored["unit"] else ""
    return f"{factor(name).title}{unit}"


def _style(drawn: go.Figure, title: str, x: str, y: str) -> go.Figure:
    drawn.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 48, "b": 8},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
    )
    drawn.update_xaxes(title=x, automargin=True)
    drawn.update_yaxes(title=y, automargin=True)
    return drawn
