"""One factor: its map, its values inside and outside landslides, its response curve."""

from collections.abc import Sequence
from itertools import pairwise

import plotly.graph_objects as go
import streamlit as st

from core.analysis import store, tables
from core.factors import factor
from core.language.translation import in_words, tr
from core.numerals import number
from pages.components import chart
from pages.components.chart import kept
from pages.components.factors import class_bars, factor_data, table_head
from pages.components.factors.factor_audit import Audit

HEIGHT = 300
MAP_PX = 420
INSIDE, OUTSIDE, ALL = "#D55E00", "#56B4E9", "#0072B2"
EXPLORED = "explored_factor"


def choose(name: str) -> None:
    """Make `name` the factor that is shown in detail."""
    st.session_state[EXPLORED] = name


def choose_of(names: Sequence[str]) -> None:
    """Make the first that is not shown already the factor in detail: a second click on a pair
    shows the other one."""
    shown = st.session_state.get(EXPLORED)
    if other := next((name for name in names if name != shown), None):
        choose(other)


def pick(audit: Audit) -> str:
    """Ask for one of the factors chosen, and return it."""
    names = audit.names
    if st.session_state.get(EXPLORED) not in names:
        st.session_state[EXPLORED] = [*store.causative_of(names), *names][0]
    return st.selectbox(
        tr("Factor"),
        names,
        key=EXPLORED,
        format_func=in_words(lambda n: factor(n).title),
        persist_state="session",
        label_visibility="collapsed",
    )


def show(audit: Audit) -> None:
    """Let the user choose a factor and draw it."""
    title, choice, save = st.columns([3, 2, 1.4], vertical_alignment="center")
    title.subheader(tr("One factor at a time"), anchor=False)
    with choice:
        name = pick(audit)
    explored = audit.shown["explorer"][name]
    with save:
        file = audit.file(f"{name}-histogram")
        table_head.button(tables.explored_csv(explored), file, "Counts as CSV")
    mapped = audit.scene.mask_path is not None
    left, middle, right = st.columns([1, 1.4, 1.4], gap="medium")
    with left:
        _map(audit, name)
    with middle:
        drawn = histogram if explored["edges"] else areas
        about = (name, explored, mapped) if explored["edges"] else (name, explored)
        chart.draw(kept(drawn, *about), key="explored-histogram")
    with right:
        _response(audit, name)


def _map(audit: Audit, name: str) -> None:
    picture = factor_data.picture(audit.scene, name, MAP_PX)
    if picture is None:
        st.info(tr("No map: the map layers of this scene are not prepared; Compare prepares them."))
        return
    # The same height as the charts beside, whatever the shape of the scene.
    style = f"display:block;max-width:100%;max-height:{HEIGHT - 40}px;image-rendering:auto"
    title = factor(name).title
    st.html(f'<img src="{picture}" alt="Map of {title}" style="{style}">')
    st.caption(tr(f"{title}, whole scene: {_range(audit, name)}"))


def _range(audit: Audit, name: str) -> str:
    item = audit.scene.factor(name)
    if item.kind == "categorical":
        return "classes in the colours of the Compare map"
    span = item.maximum - item.minimum
    unit = f" {item.unit}" if item.unit else ""
    return f"{number(item.minimum, span)} to {number(item.maximum, span)}{unit}"


def _response(audit: Audit, name: str) -> None:
    evidence = audit.shown["evidence"]
    if evidence is None:
        st.info(tr("The response needs a landslide inventory: import the scene again with one."))
        return
    table = next(t for t in evidence["factors"] if t["factor"] == name)
    # The histogram's range: a tail of few pixels would take the whole axis.
    drawn = kept(class_bars.response, table, HEIGHT, audit.shown["explorer"][name]["edges"])
    chart.draw(drawn, key="explored-response")


def histogram(name: str, explored: dict, mapped: bool) -> go.Figure:
    """Share of pixels per bin, each class summing to 100 %."""
    edges = explored["edges"]
    middle = [(a + b) / 2 for a, b in pairwise(edges)]
    width = [b - a for a, b in pairwise(edges)]
    drawn = go.Figure()
    sides = (("outside", OUTSIDE), ("inside", INSIDE)) if mapped else (("outside", ALL),)
    named = {"outside": "outside landslides", "inside": "inside landslides"}
    for side, colour in sides:
        total = sum(explored[side]) or 1
        share = [100 * count / total for count in explored[side]]
        label = named[side] if mapped else "all pixels"
        drawn.add_bar(x=middle, y=share, width=width, name=label, marker_color=colour, opacity=0.6)
    title = "Where landslides lie on this factor" if mapped else "All pixels"
    class_bars.style(drawn, title, class_bars.axis(name, explored["unit"]), "% of pixels", HEIGHT)
    drawn.update_layout(barmode="overlay", bargap=0)
    drawn.update_traces(hovertemplate="%{x:.4g}: %{y:.2f} %")
    return drawn


def areas(name: str, explored: dict) -> go.Figure:
    """Share of the area in each class of a categorical factor, and of the landslides."""
    rows = explored["classes"]
    total = sum(row["pixels"] for row in rows) or 1
    inside = sum(row["landslide_pixels"] for row in rows)
    labels = [row["label"] for row in rows]
    drawn = go.Figure()
    parts = [("all pixels", "pixels", total, OUTSIDE)]
    parts += [("landslides", "landslide_pixels", inside, INSIDE)] if inside else []
    for title, key, whole, colour in parts:
        share = [100 * row[key] / whole for row in rows]
        drawn.add_bar(x=labels, y=share, name=title, marker_color=colour, opacity=0.8)
    drawn.update_traces(hovertemplate="%{x}: %{y:.1f} %")
    title = "Where landslides lie on this factor" if inside else "How much of the area"
    return class_bars.style(drawn, title, class_bars.axis(name, ""), "% of each", HEIGHT)
