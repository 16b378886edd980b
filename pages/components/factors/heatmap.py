"""The correlation heatmap: lower triangle, values printed, colours fixed from -1 to 1."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st
from cmap import Colormap

from core.factors import factor
from core.numerals import fixed
from pages.components import chart
from pages.components.chart import kept

# Blue to brown through white: readable with every colour vision. Every eighth colour will do;
# Plotly checks each and blends between them.
_VIK = Colormap("crameri:vik")
COLOURS = [[i / 32, _VIK(i / 32).hex] for i in range(33)]
COLOUR_BAR = {
    "orientation": "h",
    "y": 1.0,
    "yanchor": "bottom",
    "ypad": 0,
    "len": 0.8,
    "thickness": 8,
    "tickvals": [-1, -0.5, 0, 0.5, 1],
    "ticktext": ["−1", "−0.5", "0", "0.5", "1"],
}
ALPHA = 0.05


def show(
    correlation: dict, height: int, key: str, significance: dict | None = None, on_pick=None
) -> None:
    """Draw `correlation` {factors, matrix, measures?}; with `significance` what is not significant
    stands in brackets. A click on a cell calls `on_pick([row's factor, column's factor])`."""
    drawn = kept(figure, correlation, height, significance)
    if on_pick is None:
        chart.draw(drawn, key=key)
        return

    def picked() -> None:
        points = st.session_state[key].selection.points
        if points:
            chosen = pairs_of(correlation["factors"])[points[0]["point_index"]]
            st.session_state[f"{key}-pair"] = chosen
        # A second click on a cell takes Plotly's choice back, and means the other of the pair.
        on_pick(st.session_state.get(f"{key}-pair", []))

    how = {"on_select": picked, "selection_mode": "points"}
    chart.draw(drawn, key=key, **how)


def pairs_of(names: Sequence[str]) -> list[list[str]]:
    """(row, column) of every cell, row by row.

    >>> pairs_of(["a", "b", "c"])
    [['b', 'a'], ['c', 'a'], ['c', 'b']]
    """
    return [[row, column] for at, row in enumerate(names) for column in names[:at]]


def figure(pearson: dict, height: int, significance: dict | None = None) -> go.Figure:
    """Return the lower triangle of the matrix, without the diagonal of ones."""
    titles = [factor(name).title for name in pearson["factors"]]
    matrix = pearson["matrix"]
    rows = range(1, len(titles))
    columns = range(len(titles) - 1)
    shown = [[matrix[r][c] if c < r else None for c in columns] for r in rows]
    text = [[_text(matrix[r][c]) if c < r else "" for c in columns] for r in rows]
    said = [[_said(pearson, r, c) if c < r else "" for c in columns] for r in rows]
    if significance:
        tested = _tested(pearson["factors"], significance)
        for (r, c), row in tested.items():
            said[r - 1][c] += _p(row)
            if row["p_holm"] is None or row["p_holm"] >= ALPHA:
                text[r - 1][c] = f"({text[r - 1][c]})"
    cells = {
        "z": shown,
        "x": titles[:-1],
        "y": titles[1:],
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"size": 12 if len(titles) < 8 else 9},
        "hoverinfo": "skip",
    }
    end = len(titles) - 1.5
    scale = {"zmin": -1, "zmax": 1, "colorscale": COLOURS, "colorbar": COLOUR_BAR}
    layout = {
        "height": height,
        "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {"range": [-0.5, end], "showgrid": False, "tickangle": -40, "automargin": True},
        "yaxis": {"range": [end, -0.5], "showgrid": False, "automargin": True},
    }
    # In one go: Plotly looks the whole chart over after every change.
    colours = go.Heatmap(**cells, **scale, xgap=2, ygap=2)
    return go.Figure([colours, _targets(titles, text, said)], layout)


def _targets(titles: list[str], text: list[list[str]], said: list[list[str]]) -> go.Scatter:
    """A point a cell, unseen: Plotly chooses points, and no cells of a heatmap."""
    places = [(r, c) for r in range(len(titles)) for c in range(r)]
    unseen = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=[titles[c] for _, c in places],
        y=[titles[r] for r, _ in places],
        customdata=[text[r - 1][c] + said[r - 1][c] for r, c in places],
        mode="markers",
        marker={"size": 26, "symbol": "square", "opacity": 0},
        selected=unseen,
        unselected=unseen,
        showlegend=False,
        hovertemplate="%{y} and %{x}: %{customdata}<extra></extra>",
    )


def _said(correlation: dict, row: int, column: int) -> str:
    """Name of the measure, where not all are Pearson's."""
    measures = correlation.get("measures")
    return f"<br>{measures[row][column]}" if measures else ""


def _tested(names: list[str], significance: dict) -> dict[tuple[int, int], dict]:
    """The tested pair of every (row, column) of the lower triangle."""
    at = {name: i for i, name in enumerate(names)}
    places = ((sorted((at[row["a"]], at[row["b"]])), row) for row in significance["pairs"])
    return {(high, low): row for (low, high), row in places}


def _p(row: dict) -> str:
    if row["p_holm"] is None:
        return "<br>no p-value"
    return f"<br>p {p_value(row['p_holm'])}, effective n {fixed(row['effective_n'], 0)}"


def p_value(value: float) -> str:
    """
    >>> p_value(0.0004), p_value(0.0456)
    ('< 0.001', '0.046')
    """
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _text(value: float | None) -> str:
    """Two decimals with a true minus sign, and no minus before a rounded zero.

    >>> _text(-0.1234), _text(-0.001), _text(None)
    ('−0.12', '0.00', 'n/a')
    """
    return "n/a" if value is None else fixed(value, 2)
