"""What is added to stored statistics on demand: a button that starts the job, or its progress."""

from collections.abc import Sequence

import streamlit as st

from core.analysis import request
from core.jobs import launcher
from core.scene.store import Scene
from pages.components import job_progress

TITLES = {
    "--drop-column": "Drop-column importance",
    "--significance": "Significance",
    "--by": "Strata",
}
HELP = {
    "--drop-column": "Measure it: forests are grown again without each factor, in the background, "
    "in a few minutes on two cores.",
    "--significance": "In the background, in about a minute.",
    "--by": "In the background, one pass over the pixels a class.",
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
    job = request.newest(scene, texts, switch)
    if job and job.active:
        job_progress.follow(job.id, titled=False)
        return
    if job and job.state in ("failed", "interrupted"):
        st.error(job.reason)
    what = switch.partition("=")[0]
    if st.button(label, key=f"more{switch}", type=kind, help=HELP[what]):
        words = request.argv(scene, texts, result, switch)
        launcher.start(request.KIND, f"{TITLES[what]} of {scene.name}", words)
        st.rerun()
