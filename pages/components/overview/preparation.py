"""The sample while it is being prepared: how far it has come, and what one can do meanwhile."""

import time

import streamlit as st

from core.jobs import store as jobs
from core.jobs import words
from core.language import joining
from core.language.translation import named, tr
from core.workflows import prepare
from core.workflows.requests import PrepareRequest
from pages.components import demo, plain, problem

POLL_S = 2.0
BADGES = {"done": "green", "now": "orange", "then": "gray"}


def show(whole: bool) -> bool:
    """Draw the preparation and follow it to its end, `whole` with what is done and to come; False
    where none is under way."""
    job = _active()
    if job is None:
        return False

    @st.fragment(run_every=POLL_S)
    @problem.shown()
    def live() -> None:
        found = _active()
        if found is None:
            st.rerun()
        _draw(found, whole)

    live()
    return True


def meanwhile() -> None:
    """What one can do before there is a scene."""
    st.markdown(tr("**Meanwhile**"))
    st.page_link("pages/scene.py", label=tr(":primary[Import rasters of your own]"))
    with st.expander(tr("What you are going to see")):
        for step in demo.STEPS:
            st.caption(tr(step.caption))


def _active() -> jobs.Job | None:
    return next((job for job in jobs.jobs(PrepareRequest.KIND) if job.active), None)


def _draw(job: jobs.Job, whole: bool) -> None:
    passed = words.duration(max(0.0, time.time() - job.created))
    said = joining.titled(plain.sentence(job.title), plain.sentence(job.stage))
    st.progress(job.progress or 0.0, text=f"{said} · {named('for {0}', tr(passed))}")
    for stage in prepare.stages(job.progress or 0.0) if whole else ():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(tr(stage.state), color=BADGES[stage.state])
            st.caption(tr(stage.words), width="content")
