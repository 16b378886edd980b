"""What can be done with runs: look on the map, go on, pin, note down, delete."""

from collections.abc import Sequence

import streamlit as st

from core.access import ADMIN
from core.errors import SlideScopeError
from core.jobs import store, words
from core.language.translation import tr
from core.learning.prediction import joined
from core.runs import config, summary
from core.runs import store as runs
from core.runs.request import PredictRequest, TrainRequest
from core.runs.store import Run
from core.workflows import taking
from core.workflows.requests import RunsRequest
from pages.components import allowed, field, job_progress, plain, problem
from pages.components.training import apply_model

_NOTE, _NAME = field.of(RunsRequest, "note"), field.of(RunsRequest, "name")


def show(run: Run) -> None:
    """Draw the actions of one run."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.metrics():
            query = {"scene": run.config.scene, "run": run.id}
            st.page_link(
                "pages/compare.py", label=tr(":primary[See it on the map]"), query_params=query
            )
        pin(run)
        apply_model.download(run)
        delete([run])
    name(run)
    note(run)


def name(run: Run) -> None:
    """What the run is called, saved when the field is left."""
    with problem.shown():
        text = st.text_input(
            field.label(_NAME),
            run.name,
            max_chars=config.LONGEST_NAME,
            placeholder=tr(_NAME.hint),
            key=f"name-{run.id}",
            disabled=allowed.why_not() is not None,
        )
        if text.strip() != run.name:
            summary.name(run, text)
            st.rerun()


def resume(run: Run, place: str = "run", primary: bool = True) -> None:
    """The button that finishes a training which ended early; nothing of another."""
    if not summary.resumable(run):
        return
    help = "Goes on from its last epoch to the same curve."
    kind = "primary" if primary else "secondary"
    if allowed.button(tr("Resume"), key=f"resume-{place}-{run.id}", help=tr(help), type=kind):
        store.start(TrainRequest(resume=run.id), f"Resume {run.title}")
        st.rerun()


def pin(run: Run) -> None:
    pinned = summary.read(run).pinned
    help = "Pinned runs stand first in the table."
    if allowed.button(tr("Unpin" if pinned else "Pin"), key=f"pin-{run.id}", help=tr(help)):
        summary.pin(run, not pinned)
        st.rerun()


def note(run: Run) -> None:
    """The note, saved when the field is left; earlier ones a click away."""
    noted = summary.read(run)
    with problem.shown():
        text = st.text_area(
            field.label(_NOTE),
            noted.text,
            height=68,
            placeholder=tr(_NOTE.hint),
            key=f"note-{run.id}-{len(noted.earlier)}",
            disabled=allowed.why_not() is not None,
        )
        if text.strip() != noted.text:
            summary.write(run, text)
            st.rerun()
    if noted.earlier:
        with st.expander(tr("Earlier notes")):
            for when, said in noted.earlier[::-1]:
                st.caption(tr(f"{when.replace('T', ' ')}: {plain.words(said) or 'empty'}"))


def take_over(run: Run) -> None:
    """Give up a training of another host that is certainly dead, after asking; nothing of one
    here."""
    if not (run.job and run.job.elsewhere):
        return
    st.caption(tr(f"At work elsewhere: {words.where(run.job)}."))
    with st.popover(tr("Take over")), problem.shown():
        st.write(
            tr(
                "Give up what that host is at work on? Only where it is certainly dead. Should it "
                "be there after all, its training ends at its last epoch."
            )
        )
        if allowed.button(tr("Take over at once"), ADMIN, key=f"take-over-{run.id}"):
            taking.take_over(run.id)
            st.rerun()


def average(chosen: Sequence[Run]) -> None:
    """The button that makes a run of the mean of several maps, or why they have none."""
    asked = ",".join(run.id for run in chosen)
    try:
        joined.average([run.id for run in chosen])
    except SlideScopeError as error:
        st.caption(plain.sentence(str(error)))
        return
    running = job_progress.show(apply_model.KIND)
    if allowed.button(tr("Average their maps"), disabled=running, key=f"average-{asked}"):
        store.start(PredictRequest(asked))
        st.rerun()


def delete(chosen: Sequence[Run]) -> None:
    """Delete one run or several, after asking."""
    several = len(chosen) > 1
    what = f"these {len(chosen)} runs with their models" if several else "the run with its model"
    with st.popover(tr(f"Delete {len(chosen)} runs" if several else "Delete")), problem.shown():
        st.write(tr(f"Delete {what} and predictions? This cannot be undone."))
        key = f"delete-{'-'.join(run.id for run in chosen)}"
        if allowed.button(tr("Delete for good"), ADMIN, key=key):
            runs.delete(*(run.id for run in chosen))
            st.query_params.pop("run", None)
            st.rerun()
