"""What takes a large scene longer than anybody waits for a page: measured by a job, once."""

import streamlit as st

from core.jobs import store as jobs
from core.language.translation import tr
from core.learning.request import EvaluateRequest
from pages.components import allowed, job_progress, plain


def measured(request: EvaluateRequest, since: float, title: str, label: str) -> dict | None:
    """What the newest job of `request` that began after `since` (epoch seconds) found; until then
    its progress, or the button `label` that starts it, and None."""
    job = next((job for job in jobs.jobs(request.kind) if _fits(job, request, since)), None)
    if job and job.active:
        job_progress.follow(job.id)
        return None
    if job and job.state == "done":
        return job.result
    if job and job.state in ("failed", "interrupted"):
        st.error(plain.sentence(job.reason))
    st.caption(tr("The scene is large: this is measured in the background and then stands here."))
    if allowed.button(tr(label), key=f"background-{title}"):
        jobs.start(request, title)
        st.rerun()
    return None


def _fits(job: jobs.Job, request: EvaluateRequest, since: float) -> bool:
    return job.created > since and job.asked(EvaluateRequest) == request
