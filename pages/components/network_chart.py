"""The network of a stack: dates against perpendicular baselines, pairs between them."""

import plotly.graph_objects as go
import streamlit as st

from core.language import joining
from core.language.translation import tr
from core.scene.sbas.network_view import Edge, NetworkView
from pages.components import chart, number_table
from pages.components.curves import GREY

HEIGHT = 300
# Crameri's batlow, dark for low coherence; steps are told apart more easily than shades.
SHADES = ("#011959", "#154D60", "#4C7349", "#97882F", "#E2975C", "#FDB4AB")
STEP = 1 / len(SHADES)
POINT = "#8A5A2B"
FORMS = {"Days": ".0f", "Baseline, m": ".0f", "Coverage": "percent", "Coherence": ".2f"}


def show(view: NetworkView, key: str) -> None:
    """Draw the network and, folded, the table of its pairs."""
    chart.draw(figure(view), key=f"{key}-network")
    gone = len(view.edges) - len(view.used)
    words = f"{len(view.used)} pairs of {len(view.dates)} dates, coloured by mean coherence"
    words += f"; {gone} left out, dashed" if gone else ""
    words += "; boxes: islands that no pair joins" if len(view.islands) > 1 else ""
    unknown = "" if view.known else " Perpendicular baselines are not known and drawn as 0."
    st.caption(tr(f"{words}.{unknown}"))
    with st.expander(tr(f"Pairs ({len(view.edges)})")):
        number_table.show(
            {title: (values, FORMS.get(title)) for title, values in view.table().items()},
            height=260,
            column_config={"Left out": st.column_config.TextColumn(width="large")},
        )


def figure(view: NetworkView, height: int = HEIGHT) -> go.Figure:
    """One trace a shade of coherence, one for what is left out, one for the dates."""
    drawn = go.Figure()
    gone = [edge for edge in view.edges if edge.left_out]
    _edges(drawn, view, gone, {"color": GREY, "width": 1, "dash": "dash"}, "left out")
    for n, colour in enumerate(SHADES):
        some = [edge for edge in view.used if _shade(edge) == n]
        _edges(drawn, view, some, {"color": colour, "width": 1.5}, "pairs")
    unknown = [edge for edge in view.used if edge.coherence is None]
    _edges(drawn, view, unknown, {"color": GREY, "width": 1.5}, "pairs")
    drawn.add_scatter(
        x=list(view.dates),
        y=list(view.metres),
        mode="markers",
        marker={"size": 7, "color": POINT, **_bar(view)},
        name="dates",
        hovertemplate="%{x|DAY}: %{y:.0f} m<extra></extra>".replace("DAY", joining.day()),
    )
    for island in view.islands if len(view.islands) > 1 else ():
        _outline(drawn, view, island)
    drawn.update_layout(
        height=height,
        margin={"l": 4, "r": 4, "t": 8, "b": 4},
        showlegend=False,
        hovermode="closest",
    )
    drawn.update_xaxes(tickformat=joining.month(), nticks=8)
    drawn.update_yaxes(title={"text": "perpendicular baseline, m", "standoff": 4}, automargin=True)
    return drawn


def _shade(edge: Edge) -> int | None:
    if edge.coherence is None:
        return None
    return min(int(edge.coherence / STEP), len(SHADES) - 1)


def _edges(drawn: go.Figure, view: NetworkView, edges: list[Edge], line: dict, name: str) -> None:
    if not edges:
        return
    x: list[str | None] = []
    y: list[float | None] = []
    for edge in edges:
        first, second = edge.ends
        x += [view.dates[first], view.dates[second], None]
        y += [view.metres[first], view.metres[second], None]
    drawn.add_scatter(x=x, y=y, mode="lines", line=line, name=name, hoverinfo="skip")


def _bar(view: NetworkView) -> dict:
    """The scale of coherence; it belongs to the points, which have one colour of their own."""
    if all(edge.coherence is None for edge in view.used):
        return {}
    steps = [[at, colour] for n, colour in enumerate(SHADES) for at in (n * STEP, (n + 1) * STEP)]
    bar = {"title": {"text": "coherence", "side": "right"}, "thickness": 10, "len": 0.95}
    return {"colorscale": steps, "cmin": 0, "cmax": 1, "showscale": True, "colorbar": bar}


def _outline(drawn: go.Figure, view: NetworkView, island: tuple[int, ...]) -> None:
    span = max(view.metres) - min(view.metres) or 1
    low = min(view.metres[n] for n in island) - 0.06 * span
    high = max(view.metres[n] for n in island) + 0.06 * span
    drawn.add_shape(
        type="rect",
        x0=view.dates[island[0]],
        x1=view.dates[island[-1]],
        y0=low,
        y1=high,
        line={"color": GREY, "width": 1, "dash": "dot"},
        layer="below",
    )
