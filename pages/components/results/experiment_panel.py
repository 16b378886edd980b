"""The paired experiment on the Results page: progress or start, then the newest table."""

import streamlit as st

from core.experiments import store
from core.experiments.request import ExperimentRequest
from core.experiments.store import Experiment
from core.jobs import store as jobs
from core.jobs import words
from core.language.translation import tr
from core.scene.store import Scene
from pages.components import allowed, field, plain, problem
from pages.components.results import experiment_start, experiment_table

POLL_S = 2.0
KIND = ExperimentRequest.KIND
PROMISE = (
    "Is a gain more than luck? The same training of several networks, {deformation}with several "
    "seeds, gives every gain an interval and a p here."
)
BOTH = "with and without the deformation rate and "


def show(scene: Scene) -> None:
    """Draw the section for `scene`."""
    st.subheader(tr("Paired experiment"), anchor=False)
    found = store.experiments(scene.name)
    tables = {item.id: item.table() for item in found if item.table()}
    running = next((job for job in jobs.jobs(KIND) if job.active), None)
    if running:
        _follow(running.id)
    else:
        if not tables:
            st.caption(tr(PROMISE.format(deformation=BOTH if scene.has_deformation else "")))
        if found and not found[0].table():
            _unfinished(found[0])
        with st.expander(tr("Run a paired experiment"), expanded=not tables):
            wanted = experiment_start.show(scene)
        if wanted:
            jobs.start(wanted)
            st.rerun()
    if tables:
        experiment_table.show(tables[_chosen(list(tables))])


def _chosen(ids: list[str]) -> str:
    if len(ids) == 1:
        return ids[0]
    return st.selectbox(tr("Experiment"), ids, key="experiment", **field.PERSIST)


def _unfinished(experiment: Experiment) -> None:
    reason = experiment.job.reason if experiment.job else ""
    state = words.STATES.get(experiment.state, experiment.state)
    st.warning(plain.sentence(f"The last experiment is {state}. {reason}".strip()))
    if allowed.button(tr("Go on with it")):
        jobs.start(ExperimentRequest(resume=experiment.id), experiment.request.title)
        st.rerun()


@st.fragment(run_every=POLL_S)
@problem.shown()
def _follow(job_id: str) -> None:
    job = jobs.read(job_id)
    if not job.active:
        st.rerun()
    bar, stop = st.columns([4, 1], vertical_alignment="center")
    left = job.figures.get("eta_s")
    more = f", about {words.duration(left)} left" if left else ""
    bar.progress(job.progress or 0.0, text=plain.sentence(f"{job.title}: {job.stage}{more}"))
    stopping = job.state == "stopping"
    if allowed.button(
        tr("Stop"), place=stop, key=f"stop-{job.id}", disabled=stopping, width="stretch"
    ):
        jobs.request_stop(job.id)
    st.caption(tr("Its trainings are runs: their curves stand on the Training page."))
