"""Several runs side by side: curves of one measure, and the settings in which they differ."""

from collections.abc import Sequence

import streamlit as st

from core.language.translation import tr
from core.numerals import interval
from core.runs import differences, summary
from core.runs.store import Run
from core.runs.tables import intervals
from pages.components import curves
from pages.components.training import run_actions

SCORES = {"F1": "f1", "Landslide IoU": "iou_landslide", "AP": "average_precision"}


def show(runs: Sequence[Run]) -> None:
    """Draw the runs, at least two."""
    st.subheader(tr(f"{len(runs)} runs compared"), anchor=False)
    curves.overlay(runs, key="overlay")
    found = differences.differing(runs)
    labels = [tr(curves.label(run)) for run in runs]
    rows = [_row(d.title, labels, d.values, named=d.name in differences.NAMED) for d in found]
    rows += [*_kept(runs, labels), *_scores(runs, labels)]
    st.dataframe(rows, hide_index=True)
    same = "" if found else "Their settings are the same. "
    st.caption(
        tr(
            f"{same}Settings that are not listed are the same in all. Scores are of the held-out "
            "tiles at the threshold kept with each run, else 0.5; 90 % intervals in brackets."
        )
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        run_actions.average(runs)
        run_actions.delete(runs)


def _row(title: str, labels: list[str], values: Sequence[str], named: bool = False) -> dict:
    """A line of the table; values that are `named` by people or files stay as they are."""
    told = values if named else map(tr, values)
    return {tr("Setting"): tr(title), **dict(zip(labels, told))}


def _kept(runs: Sequence[Run], labels: list[str]) -> list[dict]:
    bests = [summary.best(run) for run in runs]
    epochs = [str(b.epoch) if b else "–" for b in bests]
    reasons = [b.chosen_by if b else "–" for b in bests]
    return [_row("Epoch that is kept", labels, epochs), _row("Chosen by", labels, reasons)]


def _scores(runs: Sequence[Run], labels: list[str]) -> list[dict]:
    measured = [run.metrics() or {} for run in runs]
    return [
        _row(title, labels, [_score(m, name) for m in measured]) for title, name in SCORES.items()
    ]


def _score(measured: dict, name: str) -> str:
    """Value and, where there is one, interval."""
    if name not in measured:
        return "–"
    ends = intervals(measured).get(name)
    return f"{measured[name]:.3f} ({interval(ends)})" if ends else f"{measured[name]:.3f}"
