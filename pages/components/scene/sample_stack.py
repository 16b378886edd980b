"""Interferograms for who has none: the synthetic watershed's, made on this machine."""

from collections.abc import Callable

import streamlit as st

from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.language.translation import tr
from core.workflows.requests import SampleRequest
from pages.components import allowed, job_progress, plain

_OURS, _WHY = "sample_stack_job", "sample_stack_reason"
WORDS = "Try it with the sample's interferograms (synthetic)"


def button() -> None:
    """Make the sample's interferograms, or take them where they are there already."""
    allowed.button(
        tr(WORDS),
        on_click=_start,
        disabled=_job() is not None,
        help=tr(
            "Writes a small synthetic watershed and 63 interferograms of it, about a minute; the "
            "rate that you make of them can be held against the true one."
        ),
    )


def follow(add: Callable[[list[str]], None]) -> None:
    """Draw how far they are; `add` gets the files once they are there."""
    name = st.session_state.get(_OURS)
    if name is None:
        if st.session_state.get(_WHY):
            st.error(plain.sentence(st.session_state[_WHY]))
        return
    job = _job()
    if job is not None and job.active:
        job_progress.follow(job.id)
        return
    del st.session_state[_OURS]
    if job is None or job.state != "done":
        st.session_state[_WHY] = job.reason if job else "The job was deleted."
        st.rerun()
    add(_files())
    st.rerun()


def _start() -> None:
    st.session_state.pop(_WHY, None)
    from core.workflows import sample  # here: it draws in what an import needs

    st.session_state[_OURS] = jobs.start(sample.stack_request()).id


def _files() -> list[str]:
    from core.workflows import sample

    return sample.stack_files()


def _job() -> jobs.Job | None:
    name = st.session_state.get(_OURS)
    try:
        job = jobs.read(name) if name else None
    except SlideScopeError:
        return None
    return job if job and job.asked(SampleRequest) else None
