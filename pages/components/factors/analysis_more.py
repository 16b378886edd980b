"""What is added to stored statistics on demand: a button that starts the job, or its progress."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.analysis import request
from core.jobs import store
from core.language.translation import tr
from core.scene.store import Scene
from pages.components import allowed, field, job_progress, plain

TITLES = {
    "drop_column": "Drop-column importance",
    "significance": "Significance",
    "by": "Strata",
}


def show(
    scene: Scene,
    texts: Sequence[str],
    result: dict,
    more: tuple[str, Any],
    label: str,
    kind: str = "secondary",
) -> None:
    """Draw the button `label` that asks for `more` (an option and its value), or follow its job."""
    what, value = more
    job = request.newest(scene, texts, lambda asked: getattr(asked, what) == value)
    if job and job.active:
        job_progress.follow(job.id, titled=False)
        return
    if job and job.state in ("failed", "interrupted"):
        st.error(plain.sentence(job.reason))
    help = field.of(request.FactorsRequest, what).help
    if allowed.button(tr(label), key=f"more-{what}-{value}", type=kind, help=tr(help)):
        asked = request.FactorsRequest(scene.name, area=tuple(texts))
        store.start(asked.adding(result, **{what: value}), f"{TITLES[what]} of {scene.name}")
        st.rerun()
