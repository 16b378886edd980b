"""Learning curves of runs that one chooses, over each other."""

from collections.abc import Sequence

import streamlit as st

from core.language.translation import in_words, tr
from core.runs.store import Run
from pages.components import curves, field

MOST = len(curves.RUN_COLOURS)


def show(runs: Sequence[Run], first: Sequence[Run]) -> None:
    """Draw the choice among `runs` (at first `first`) and the curves."""
    st.subheader(tr("Learning curves"), anchor=False)
    by_id = {run.id: run for run in runs if run.course["epochs"]}
    chosen = st.multiselect(
        tr("Runs"),
        list(by_id),
        default=[run.id for run in first if run.id in by_id][:MOST],
        format_func=in_words(lambda run_id: curves.label(by_id[run_id])),
        max_selections=MOST,
        key="overlay-runs",
        **field.PERSIST,
    )
    if not chosen:
        st.caption(tr("Choose one run or more: their curves are laid over each other here."))
        return
    curves.overlay([by_id[run_id] for run_id in chosen], key="results-overlay")
    splits = dict.fromkeys(by_id[run_id].config.split_words for run_id in chosen)
    learned = (by_id[run_id].config.learned_from for run_id in chosen)
    scenes = dict.fromkeys(name for names in learned for name in names)
    st.caption(
        tr(
            f"Learned from {', '.join(scenes)}; {' / '.join(splits)}. Losses of the training and "
            "validation tiles, scores of the validation tiles: they chose the epoch that is kept, "
            "so they are no measure of the network."
        )
    )
