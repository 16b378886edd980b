"""A long action of one kind: its stage and progress while it runs, its reason where it failed."""

import streamlit as st

from core.jobs import store as jobs
from core.jobs import words
from core.language import joining
from core.language.translation import tr
from pages.components import allowed, plain, problem

POLL_S = 1.0


def show(kind: str) -> bool:
    """Draw the newest active job of `kind` and follow it; False where there is none.

    Where the newest job has failed, its reason is shown.
    """
    newest = next(iter(jobs.jobs(kind)), None)
    if newest is None:
        return False
    if not newest.active:
        if newest.state in ("failed", "interrupted"):
            st.error(plain.sentence(joining.titled(tr(newest.title), tr(newest.reason)), kind))
        return False

    @st.fragment(run_every=POLL_S)
    @problem.shown()
    def live() -> None:
        job = jobs.read(newest.id)
        if not job.active:
            st.rerun()
        said = joining.titled(tr(job.title), tr(_stage(job)))
        st.progress(job.progress or 0.0, text=plain.sentence(said))

    live()
    return True


def _stage(job: jobs.Job) -> str:
    """Its stage, and where it is at work if that is not here."""
    return f"{job.stage} · {words.where(job)}" if job.elsewhere else job.stage


@st.fragment(run_every=1.0)
@problem.shown()
def follow(job_id: str, titled: bool = True) -> None:
    """Draw one job's progress with a button that stops it, until it ends."""
    job = jobs.read(job_id)
    if not job.active:
        st.rerun()
    said = joining.titled(tr(job.title), tr(_stage(job))) if titled else _stage(job)
    st.progress(job.progress or 0.0, text=plain.sentence(said))
    if allowed.button(tr("Stop"), disabled=job.state == "stopping", key=f"stop-{job_id}"):
        jobs.request_stop(job.id)
