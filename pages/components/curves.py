"""Learning curves of one run, or of several on top of each other."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from core.language.translation import in_words, tr
from core.runs import summary
from core.runs.settings import BY_NAME
from core.runs.store import Run
from pages.components import chart

# Okabe-Ito; a measure keeps its colour when one run is shown, a run when several are.
BLUE, VERMILION, GREEN, PINK, ORANGE, SKY = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
)
GREY = "#8A8A80"  # readable on light and dark paper
RUN_COLOURS = (BLUE, VERMILION, GREEN, PINK, ORANGE, SKY)
LOSS = {"loss": ("training loss", ORANGE), "val_loss": ("validation loss", BLUE)}
SCORES = {
    "val_f1": ("F1", BLUE),
    "val_iou": ("landslide IoU", GREEN),
    "val_ap": ("average precision", PINK),
}
# 'of the validation tiles' is said in the title, once.
TITLES = ("Loss by epoch", "Scores by epoch, validation tiles")
# On the axis of epochs, at most.
TICKS = 8
# What runs can be laid over each other by; the loss may be another one in each run.
MEASURES = {
    "val_loss": "Validation loss",
    "loss": "Training loss",
    "val_f1": "F1",
    "val_iou": "Landslide IoU",
    "val_ap": "Average precision",
}


def show(run: Run, key: str) -> None:
    """Draw loss and validation scores by epoch; say which epoch is kept and why."""
    history = run.history()
    if not history:
        st.caption(tr("The curves begin with the end of the first epoch."))
        return
    best = summary.best(run)
    for column, title, measures in zip(st.columns(2), TITLES, (LOSS, SCORES)):
        lines = [_points(history, name, *about) for name, about in measures.items()]
        figure = chart.kept(_curves, title, lines, best and best.epoch)
        chart.draw(figure, key=f"{key}-{title}", where=column)
    st.caption(tr(" ".join(_words(run, best))))


def _words(run: Run, best: summary.Best | None) -> list[str]:
    words = [f"{best.words[0].upper()}{best.words[1:]}."] if best else []
    if run.config.loss != "bce":
        loss = BY_NAME["loss"].choices[run.config.loss]
        words.append(f"Training loss: {loss}; validation loss: binary cross-entropy.")
    return words


def _curves(title: str, lines: Sequence[Sequence], best: int | None) -> go.Figure:
    """`lines` as `_points` gives them; `best` is the epoch that is marked."""
    figure = _figure(title)
    for line in lines:
        _line(figure, *line)
    if best is not None:
        _mark(figure, best)
    return figure


def _mark(figure: go.Figure, epoch: int) -> None:
    figure.add_vline(epoch, line={"dash": "dot", "width": 1, "color": GREY})
    text = f"best epoch {epoch}"
    figure.add_annotation(x=epoch, y=1, yref="paper", yanchor="bottom", text=text)
    figure.update_annotations(showarrow=False)


def overlay(runs: Sequence[Run], key: str) -> None:
    """Draw one measure, which the user chooses, of several runs, a colour each."""
    name = st.segmented_control(
        tr("Which measure"),
        list(MEASURES),
        format_func=in_words(MEASURES.get),
        default="val_loss",
        required=True,
        key=f"{key}-measure",
        persist_state="session",
    )
    where = "" if "loss" in name else ", validation tiles"
    lines = [
        _points(run.history(), name, label(run), RUN_COLOURS[number % len(RUN_COLOURS)])
        for number, run in enumerate(runs)
    ]
    figure = chart.kept(_curves, f"{MEASURES[name]} by epoch{where}", lines, None)
    chart.draw(figure, key=f"{key}-{name}")
    if name == "loss" and len({run.config.loss for run in runs}) > 1:
        st.caption(
            tr("These runs make different losses small: their training losses do not compare.")
        )


def label(run: Run) -> str:
    """Such as 'U-Net · RS · seed 0 · 3f2a': the end of the id tells twins apart."""
    seed = f" · seed {run.config.seed}" if run.config.has_network else ""
    return f"{run.title}{seed} · {run.id.rsplit('-', 1)[-1]}"


def _figure(title: str) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=250,
        margin={"l": 8, "r": 8, "t": 48, "b": 8},
        legend={"orientation": "h", "y": -0.15, "yanchor": "top"},
        xaxis={"rangemode": "tozero"},
        yaxis={"rangemode": "tozero"},
        hovermode="x unified",
    )
    return figure


def _points(history: list[dict], name: str, label: str, colour: str) -> list:
    """[label, colour, epochs, values] of one measure."""
    rows = [row for row in history if name in row]
    return [label, colour, [row["epoch"] for row in rows], [row[name] for row in rows]]


def _line(figure: go.Figure, label: str, colour: str, epochs: list, values: list) -> None:
    if not epochs:
        return
    # A step of a whole number: between two epochs there is none.
    step = math.ceil(epochs[-1] / TICKS)
    figure.update_xaxes(dtick=max(step, figure.layout.xaxis.dtick or 1))
    figure.add_scatter(
        x=epochs,
        y=values,
        name=label,
        mode="lines+markers",
        marker={"size": 4},
        line={"color": colour, "width": 2},
        hovertemplate="%{y:.3f}",
    )
