"""What stands on the Factors page before there are statistics: one button, then its progress."""

import streamlit as st

from core.jobs import launcher
from core.jobs import store as jobs
from core.scene.store import Scene
from pages.components import problem

POLL_S = 1.0
KIND = "factors"
PROMISE = (
    "Here will stand how strongly the factors repeat each other (correlation, VIF, TOL), which of "
    "them tell landslides from the rest (importance), and each factor inside and outside "
    "landslides. It takes about a minute on two cores."
)


def show(scene: Scene) -> None:
    """Draw the empty state of `scene`, or follow the job that computes its statistics."""
    job = _newest(scene)
    if job and job.active:
        _follow(job.id)
        return
    st.info(PROMISE)
    if job and job.state in ("failed", "interrupted"):
        st.error(job.reason)
    if st.button("Compute the statistics", type="primary"):
        launcher.start(KIND, f"Factor statistics of {scene.name}", [KIND, scene.name])
        st.rerun()


def _newest(scene: Scene) -> jobs.Job | None:
    return next((job for job in jobs.jobs(KIND) if job.argv[1:2] == (scene.name,)), None)


@st.fragment(run_every=POLL_S)
@problem.shown()
def _follow(job_id: str) -> None:
    job = jobs.read(job_id)
    if not job.active:
        st.rerun()
    st.progress(job.progress or 0.0, text=f"{job.title}: {job.stage}")
    if st.button("Stop", disabled=job.state == "stopping"):
        jobs.request_stop(job.id)
