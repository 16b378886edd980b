"""What is added to stored statistics on demand: a button that starts the job, or its progress."""

from collections.abc import Sequence

import streamlit as st

from core.analysis import asking
from core.jobs import launcher
from core.jobs import store as jobs
from core.scene.store import Scene
from pages.components import problem

POLL_S = 1.0
TITLES = {"--drop-column": "Drop-column importance", "--significance": "Significance"}
HELP = {
    "--drop-column": "Measure it: forests are grown again without each factor, in the background, "
    "in a few minutes on two cores.",
    "--significance": "In the background, in about a minute.",
}


def show(
    scene: Scene,
    texts: Sequence[str],
    result: dict,
    switch: str,
    label: str,
    kind: str = "secondary",
) -> None:
    """Draw the button `label` of the command with `switch`, or follow the job it started."""
    job = asking.newest(scene, texts, switch)
    if job and job.active:
        _follow(job.id)
        return
    if job and job.state in ("failed", "interrupted"):
        st.error(job.reason)
    if st.button(label, key=f"more{switch}", type=kind, help=HELP[switch]):
        words = asking.argv(scene, texts, result, switch)
        launcher.start(asking.KIND, f"{TITLES[switch]} of {scene.name}", words)
        st.rerun()


@st.fragment(run_every=POLL_S)
@problem.shown()
def _follow(job_id: str) -> None:
    job = jobs.read(job_id)
    if not job.active:
        st.rerun()
    st.progress(job.progress or 0.0, text=job.stage)
    if st.button("Stop", disabled=job.state == "stopping", key=f"stop-{job_id}"):
        jobs.request_stop(job.id)
