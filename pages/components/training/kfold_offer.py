"""Where a test part holds few landslides: why one split tells little, and a button for k-fold."""

import streamlit as st

from core.jobs import launcher
from core.jobs import store as jobs
from core.learning import kfold
from core.runs import evidence
from core.runs import store as runs
from core.runs.store import Run


def show(run: Run) -> None:
    """Draw the sentence and the button for a measured run; nothing where its split is enough."""
    landslides = run.metrics().get("landslides")
    said = evidence.words(run.config, landslides)
    if not said:
        return
    if kfold.of_network(run, runs.runs(run.config.scene)):
        st.caption(
            f"{evidence.why(landslides)}: the k-fold of the same network, on the page Results, "
            "measures every tile once."
        )
        return
    st.caption(said)
    asked = evidence.request(run.config)
    running = any(job.active for job in jobs.jobs(asked.command_word))
    label = f"Measure every tile ({asked.folds} trainings)"
    if st.button(label, disabled=running, key=f"kfold-{run.id}"):
        launcher.start(asked.command_word, asked.title, asked.argv())
        st.rerun()
