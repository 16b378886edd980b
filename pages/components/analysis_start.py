"""What stands on the Factors page before there are statistics: the job that makes them, or a button
that starts one."""

import streamlit as st

from core.analysis import store
from core.jobs import launcher
from core.jobs import store as jobs
from core.scene.store import Scene
from pages.components import problem

POLL_S = 1.0
KIND = "factors"
# The first start's command computes those of this scene among other things.
FIRST_START, SAMPLE = ("prepare",), "sample"
PROMISE = (
    "Here will stand how strongly the factors repeat each other (correlation, VIF, TOL), which of "
    "them tell landslides from the rest (importance), and each factor inside and outside "
    "landslides. It takes about a minute on two cores."
)


def show(scene: Scene) -> None:
    """Draw the empty state of `scene`, or follow the job that computes its statistics."""
    job = _newest(scene)
    if job and job.active:
        _follow(job.id, scene)
        return
    st.info(PROMISE)
    if job and job.state in ("failed", "interrupted"):
        st.error(job.reason)
    if st.button("Compute the statistics", type="primary"):
        launcher.start(KIND, f"Factor statistics of {scene.name}", [KIND, scene.name])
        st.rerun()


def _newest(scene: Scene) -> jobs.Job | None:
    """The newest job that computes them."""
    argvs = (KIND, scene.name), FIRST_START if scene.name == SAMPLE else None
    found = [job for job in jobs.jobs() if job.argv[:2] in argvs]
    mine = (job for job in found if job.active or job.argv != FIRST_START)
    return next(mine, None)


@st.fragment(run_every=POLL_S)
@problem.shown()
def _follow(job_id: str, scene: Scene) -> None:
    job = jobs.read(job_id)
    # The first start goes on with other things when the statistics are there.
    if not job.active or store.load(scene) is not None:
        st.rerun()
    st.progress(job.progress or 0.0, text=f"{job.title}: {job.stage}")
    if job.kind != KIND:
        st.caption("The statistics are part of this; they will stand here without your doing.")
    elif st.button("Stop", disabled=job.state == "stopping"):
        jobs.request_stop(job.id)
