"""Load: weights that somebody has become a run."""

import streamlit as st

from core.jobs import store as jobs
from core.language.translation import tr
from core.learning.networks import bundle
from core.learning.request import LoadRequest
from pages.components import allowed, field, job_progress, problem

ROUND = "load_round"
KIND = LoadRequest.KIND


def show() -> None:
    """Draw the uploader; what was loaded stands in the table of runs."""
    with st.expander(tr("Load a network")), problem.shown():
        round_ = st.session_state.setdefault(ROUND, 0)
        files = st.file_uploader(
            type=[e.lstrip(".") for e in bundle.EXTENSIONS],
            accept_multiple_files=True,
            key=f"load_files_{round_}",
            disabled=allowed.why_not() is not None,
            **field.words(field.of(LoadRequest, "file")),
        )
        if allowed.button(tr("Load"), disabled=not files):
            source = bundle.keep([(file.name, file.getvalue()) for file in files])
            jobs.start(LoadRequest(str(source)))
            st.session_state[ROUND] = round_ + 1
            st.rerun()
        if not job_progress.show(KIND):
            _newest()


def _newest() -> None:
    """What the last loading gave."""
    newest = next(iter(jobs.jobs(KIND)), None)
    if newest is None or newest.state != "done" or not newest.result:
        return
    found = newest.result
    fits = ", ".join(found["fits"])
    can = f"can be applied to {fits}" if fits else "fits none of the stored scenes"
    st.caption(tr(f"Loaded as **{found['run']}**; it {can}."))
    st.page_link(
        "pages/training.py", label=tr(":primary[Look at it]"), query_params={"run": found["run"]}
    )
