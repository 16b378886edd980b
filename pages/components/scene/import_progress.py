"""A running import: stage in words, progress, stop; and what became of it."""

from contextlib import suppress

import streamlit as st

from core import access
from core.analysis import store as analyses
from core.analysis.request import FactorsRequest
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.language import joining
from core.language.translation import tr
from core.scene import store as scenes
from pages.components import allowed, pick, plain, problem

POLL_S = 1.0
OURS, REASON, DONE = "import_job", "import_reason", "import_done"
_BEGUN = "import_statistics"


def begun(job: jobs.Job) -> None:
    """Follow `job` as this session's import."""
    st.session_state[OURS] = job.id
    st.session_state.pop(REASON, None)


def settle() -> str | None:
    """Where this session's import has ended well, choose its scene, begin its statistics and return
    its name."""
    name = st.session_state.get(OURS)
    job = _read(name) if name else None
    if name is None or (job and job.active):
        return None
    del st.session_state[OURS]
    if job is None or job.state != "done":
        st.session_state[REASON] = job.reason if job else "The import's job was deleted."
        return None
    made = job.result["scene"]
    pick.arrive(made)
    st.session_state[DONE] = f"Scene '{made}' is ready.{_statistics(job)}"
    return made


def elsewhere() -> None:
    """Where this session's import ends while another page is looked at: say so and begin its
    statistics; what is looked at stays open, the scene opens on its own page."""
    name = st.session_state.get(OURS)
    job = _read(name) if name else None
    if job is None or job.state != "done" or st.session_state.get(_BEGUN) == job.id:
        return
    made = job.result["scene"]
    st.toast(tr(f"Scene '{made}' is ready: it opens on the page Scene.{_statistics(job)}"))


def _statistics(job: jobs.Job) -> str:
    """Begin, once, what the page Factors shows of the scene of an import, and say so; where that
    cannot begin, the page says why."""
    if st.session_state.get(_BEGUN) != job.id:
        st.session_state[_BEGUN] = job.id
        with suppress(SlideScopeError):
            name = job.result["scene"]
            if access.may() and analyses.load(scenes.load(name)) is None:
                jobs.start(FactorsRequest(name))
                return " Its factor statistics are being computed."
    return ""


def show() -> bool:
    """Draw the active import and follow it; False where there is none."""
    active = [job for job in jobs.active() if job.kind == "import"]
    if not active:
        return False
    drawn = active[-1]

    @st.fragment(run_every=POLL_S)
    @problem.shown()
    def live() -> None:
        job = jobs.read(drawn.id)
        if not job.active:
            st.rerun()
        title, stop = st.columns([5, 1], vertical_alignment="center")
        title.subheader(tr(job.title), anchor=False)
        stopping = job.state == "stopping"
        pressed = allowed.button(
            tr("Stop"), place=stop, key=f"stop-{job.id}", disabled=stopping, width="stretch"
        )
        if pressed:
            jobs.request_stop(job.id)
            st.rerun()
        stage = "Stopping" if stopping else joining.capital(job.stage)
        st.progress(job.progress or 0.0, text=plain.sentence(stage))

    live()
    st.caption(tr("The import goes on when this page is closed. What you chose is kept."))
    return True


def reason() -> str | None:
    """Why this session's last import failed, until the next is started."""
    return st.session_state.get(REASON)


def done() -> str | None:
    """A sentence about an import that has just ended well, once."""
    return st.session_state.pop(DONE, None)


def _read(job_id: str) -> jobs.Job | None:
    try:
        return jobs.read(job_id)
    except SlideScopeError:
        return None
