"""The correlation heatmap: lower triangle, values printed, colours fixed from -1 to 1."""

import plotly.graph_objects as go
import streamlit as st
from cmap import Colormap

from core.factors import factor
from pages.components.chart import DOWNLOAD

# Blue to brown through white: readable with every colour vision.
COLOURS = Colormap("crameri:vik").to_plotly()


def show(pearson: dict, height: int, key: str) -> None:
    """Draw `pearson` {factors, matrix}."""
    st.plotly_chart(figure(pearson, height), key=key, config=DOWNLOAD)


def figure(pearson: dict, height: int) -> go.Figure:
    """Return the lower triangle of the matrix, without the diagonal of ones."""
    titles = [factor(name).title for name in pearson["factors"]]
    matrix = pearson["matrix"]
    rows = range(1, len(titles))
    columns = range(len(titles) - 1)
    shown = [[matrix[r][c] if c < r else None for c in columns] for r in rows]
    text = [[_text(matrix[r][c]) if c < r else "" for c in columns] for r in rows]
    drawn = go.Figure(
        go.Heatmap(
            z=shown,
            x=titles[:-1],
            y=titles[1:],
            text=text,
            texttemplate="%{text}",
            textfont={"size": 12 if len(titles) < 8 else 9},
            hovertemplate="%{y} and %{x}: %{text}<extra></extra>",
            hoverongaps=False,
            zmin=-1,
            zmax=1,
            colorscale=COLOURS,
            xgap=2,
            ygap=2,
            colorbar={"orientation": "h", "y": 1.0, "yanchor": "bottom", "ypad": 0},
        )
    )
    drawn.update_traces(colorbar={"tickvals": [-1, -0.5, 0, 0.5, 1], "len": 0.8, "thickness": 8})
    drawn.update_traces(colorbar_ticktext=["−1", "−0.5", "0", "0.5", "1"])
    drawn.update_layout(height=height, margin={"l": 4, "r": 4, "t": 4, "b": 4})
    drawn.update_xaxes(showgrid=False, tickangle=-40, automargin=True)
    drawn.update_yaxes(showgrid=False, autorange="reversed", automargin=True)
    return drawn


def _text(value: float | None) -> str:
    """Two decimals with a true minus sign, and no minus before a rounded zero.

    >>> _text(-0.1234), _text(-0.001), _text(None)
    ('−0.12', '0.00', 'n/a')
    """
    return "n/a" if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
