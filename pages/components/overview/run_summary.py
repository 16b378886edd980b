"""A run in a small card: what it is, how well it did, where to look at it."""

from collections.abc import Sequence

import streamlit as st

from core.language.translation import tr
from core.numerals import fixed, interval
from core.runs import measured as measured_on
from core.runs import summary
from core.runs.store import Run
from core.runs.tables import intervals
from pages.components import plain
from pages.components.training import run_actions

CARDS = 3


def show(runs: Sequence[Run]) -> None:
    """Draw the newest runs as cards."""
    for column, run in zip(st.columns(CARDS), runs[:CARDS]):
        with column.container(border=True, height="stretch"):
            origin = plain.words(tr(run.config.origin_words))
            st.markdown(f"**{tr(run.title)}** :gray[{origin}]")
            _body(run)
            run_actions.resume(run, "card", primary=False)
            st.page_link(
                "pages/training.py", label=tr(":primary[Look at it]"), query_params={"run": run.id}
            )


def _body(run: Run) -> None:
    measured = run.metrics()
    if measured is None:
        st.caption(plain.sentence(summary.state_words(run)))
        return
    shown = {"F1": "f1", "Landslide IoU": "iou_landslide", "AP": "average_precision"}
    for column, (label, name) in zip(st.columns(len(shown)), shown.items()):
        column.metric(tr(label), fixed(measured[name], 3))
        if ends := intervals(measured).get(name):
            column.caption(tr(interval(ends)))
    st.caption(tr(f"{measured_on.area(run)}. {measured_on.sureness(run)}"))
