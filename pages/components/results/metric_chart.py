"""The metrics by model as bars, what the paper prints as diamonds over them."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from core import paper
from core.language.translation import sentences, tr
from core.manuscript import table_notes
from core.runs import tables
from core.runs.store import Run
from core.runs.tables import Row
from core.scene.store import Scene
from pages.components import chart

# Okabe-Ito without the pair that means RS and RS-DR; a model keeps its colour.
COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7")
BESIDE, INK = ("#8A8A80", "#BDBDB4"), "#28323A"
HEIGHT = 340


def show(scene: Scene, newest: dict[tuple[str, str], Run]) -> None:
    """Draw the models on RS-DR of `scene`, on RS where it has no deformation."""
    on = tables.dataset_of(scene, newest)
    st.subheader(tr(f"The models on {on.upper()}"), anchor=False)
    runs = [run for (_, dataset), run in newest.items() if dataset == on]
    rows = tables.our_models(newest, on)
    chart.draw(figure(tables.paper_models(), rows), key="metric-chart")
    st.caption(
        sentences(
            "Bars:",
            table_notes.basis(scene, runs),
            table_notes.AP,
            f"Diamonds: the paper's table 3, {paper.AREA_WORDS}: another area, so compare the "
            "order of the models, not the heights.",
        )
    )


def figure(theirs: Sequence[Row], ours: Sequence[Row]) -> go.Figure:
    """Bars of `ours` and diamonds of `theirs`, a group a metric, a colour a model."""
    drawn = go.Figure()
    printed = {row.label: row.values for row in theirs}
    models = [row for row in ours if not row.beside]
    for row, colour in zip(models, COLOURS):
        _bars(drawn, row, colour)
    for row in models:
        _diamonds(drawn, row.label, printed.get(row.label, {}), first=row is models[0])
    for row, grey in zip((row for row in ours if row.beside), BESIDE):
        _bars(drawn, row, grey)
    drawn.update_layout(
        height=HEIGHT,
        barmode="group",
        scattermode="group",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": -0.12, "yanchor": "top"},
        yaxis={"range": [0, 1], "fixedrange": True, "title": None},
        xaxis={
            "fixedrange": True,
            "categoryorder": "array",
            "categoryarray": list(tables.METRICS.values()),
        },
    )
    return drawn


def _bars(drawn: go.Figure, row: Row, colour: str) -> None:
    drawn.add_bar(
        x=list(tables.METRICS.values()),
        y=[row.values.get(name) for name in tables.METRICS],
        name=row.label,
        offsetgroup=row.label,
        marker={"color": colour},
        hovertemplate=f"{row.label}, %{{x}}: %{{y:.4f}}<extra></extra>",
    )


def _diamonds(drawn: go.Figure, label: str, values: dict, first: bool) -> None:
    drawn.add_scatter(
        x=[tables.METRICS[name] for name in tables.PRINTED],
        y=[values.get(name) for name in tables.PRINTED],
        name="paper, as printed",
        legendgroup="paper",
        showlegend=first,
        offsetgroup=label,
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 8,
            "color": "#FFFFFF",
            "line": {"width": 1.5, "color": INK},
        },
        hovertemplate=f"Paper, {label}, %{{x}}: %{{y:.4f}}<extra></extra>",
    )
