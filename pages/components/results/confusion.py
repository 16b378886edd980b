"""Confusion matrices of runs: pixels of the reference by what was predicted."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from core.language.translation import tr
from core.manuscript import table_notes
from core.numerals import percent, whole
from core.runs.store import Run
from core.scene.store import Scene
from pages.components import chart, curves

PREDICTED = ("landslide", "other")
REFERENCE = ("other", "landslide")  # as an axis counts, from below
SCALE = ((0.0, "#F1EADB"), (1.0, "#3E6480"))
HEIGHT, MOST = 230, 4


def show(scene: Scene, runs: Sequence[Run]) -> None:
    """Draw the matrices of measured runs, at most `MOST` in a row."""
    st.subheader(tr("Confusion matrices"), anchor=False)
    for first in range(0, len(runs), MOST):
        some = runs[first : first + MOST]
        chart.draw(figure(some), key=f"confusion-{first}")
    st.caption(
        tr(
            "Rows: the reference inventory; columns: what was predicted; pixels, and their share "
            f"of the row. {table_notes.basis(scene, runs)}"
        )
    )


def figure(runs: Sequence[Run]) -> go.Figure:
    """One 2 x 2 matrix a run, coloured by the share of its row."""
    titles = [curves.label(run) for run in runs]
    drawn = make_subplots(cols=MOST, subplot_titles=titles, horizontal_spacing=0.05)
    for column, run in enumerate(runs, start=1):
        shares, texts = cells(run.metrics())
        drawn.add_heatmap(
            x=PREDICTED,
            y=REFERENCE,
            z=shares,
            text=texts,
            texttemplate="%{text}",
            zmin=0,
            zmax=1,
            colorscale=SCALE,
            showscale=False,
            xgap=2,
            ygap=2,
            hoverinfo="skip",
            row=1,
            col=column,
        )
    drawn.update_layout(height=HEIGHT, margin={"l": 8, "r": 8, "t": 30, "b": 8})
    drawn.update_annotations(font_size=12)
    drawn.update_xaxes(fixedrange=True, ticklabelstandoff=4)
    drawn.update_yaxes(fixedrange=True, tickangle=-90)
    return drawn


def cells(measured: dict) -> tuple[list[list[float]], list[list[str]]]:
    """(share of the reference row, text) of every cell, the row 'other' first.

    >>> cells({"tp": 3, "fn": 1, "fp": 0, "tn": 96})
    ([[0.0, 1.0], [0.75, 0.25]], [['0<br>0 %', '96<br>100 %'], ['3<br>75.0 %', '1<br>25.0 %']])
    """
    rows = [[measured["fp"], measured["tn"]], [measured["tp"], measured["fn"]]]
    shares = [[n / sum(row) if sum(row) else 0.0 for n in row] for row in rows]
    texts = [
        [f"{whole(n)}<br>{percent(share)}" for n, share in zip(*pair)] for pair in zip(rows, shares)
    ]
    return shares, texts
