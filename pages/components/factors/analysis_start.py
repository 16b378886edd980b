"""What stands on the Factors page before there are statistics: the job that makes them, or a button
that starts one."""

from collections.abc import Sequence

import streamlit as st

from core.analysis import choice, request, store
from core.analysis.areas.area import Area
from core.jobs import store as jobs
from core.language.translation import tr
from core.scene.store import Scene
from core.workflows.requests import PrepareRequest
from pages.components import allowed, plain, problem
from pages.components.factors import early_view

POLL_S = 1.0
# The first start's command computes those of this scene among other things.
SAMPLE = "sample"
PROMISE = (
    "Here will stand how strongly the factors repeat each other (correlation, VIF, TOL), which of "
    "them tell landslides from the rest (importance), what each of their classes says (frequency "
    "ratio, weights of evidence), and each factor inside and outside landslides. It takes about a "
    "minute on two cores."
)


def show(scene: Scene, area: Area, texts: Sequence[str]) -> None:
    """Draw the empty state of an area of `scene`, or follow the job that computes it."""
    job = _newest(scene, texts)
    if job and job.active:
        early = choice.early(scene, area)
        _follow(job.id, scene, area, early is not None)
        if early:
            early_view.show(early)
        return
    old = store.outdated(scene, area)
    if old:
        st.warning(tr(old))
    else:
        st.info(plain.sentence(f"Not computed yet: {area.words}. {PROMISE}" if texts else PROMISE))
    if job and job.state in ("failed", "interrupted"):
        st.error(plain.sentence(job.reason))
    if allowed.button(tr("Compute the statistics"), type="primary"):
        asked = request.FactorsRequest(scene.name, area=tuple(texts))
        everywhere = f"Factor statistics of {scene.name}"
        title = f"Factor statistics of {scene.name}, {area.words}" if texts else everywhere
        jobs.start(asked, title)
        st.rerun()


def _newest(scene: Scene, texts: Sequence[str]) -> jobs.Job | None:
    """The newest job that computes them."""
    mine = request.newest(scene, texts)
    if (mine and mine.active) or texts or scene.name != SAMPLE:
        return mine
    first = (job for job in jobs.active() if job.action == PrepareRequest.ACTION)
    return next(first, mine)


@st.fragment(run_every=POLL_S)
@problem.shown()
def _follow(job_id: str, scene: Scene, area: Area, early: bool) -> None:
    job = jobs.read(job_id)
    # The first start goes on with other things when the statistics are there.
    if not job.active or store.load(scene, area) is not None:
        st.rerun()
    if not early and store.load_relations(scene, area) is not None:
        st.rerun()
    st.progress(job.progress or 0.0, text=plain.sentence(f"{job.title}: {job.stage}"))
    if job.kind != request.KIND:
        st.caption(tr("The statistics are part of this; they will stand here without your doing."))
    elif allowed.button(tr("Stop"), disabled=job.state == "stopping"):
        jobs.request_stop(job.id)
