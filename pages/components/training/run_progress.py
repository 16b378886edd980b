"""What is being trained: stage in words, progress, figures, curves, stop; and what waits."""

import time

import streamlit as st

from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs import words
from core.language import joining
from core.language.translation import tr
from core.runs import store as runs
from pages.components import allowed, curves, plain, problem

POLL_S = 2.0
REFUSAL_SHOWN_S = 3600.0


def show() -> bool:
    """Draw the active trainings and follow them; False where there is none."""
    drawn = _active()
    if not drawn:
        _refused()
        return False

    @st.fragment(run_every=POLL_S)
    @problem.shown()
    def live() -> None:
        active = _active()
        if [job.id for job in active] != [job.id for job in drawn]:
            st.rerun()
        running = words.foremost(active)
        _running(running)
        others = [job for job in active[::-1] if job is not running]
        _others("Running beside it:", [job for job in others if job.state != "queued"], "Stop")
        waiting = "One training runs at a time on a device. Waiting:"
        _others(waiting, [job for job in others if job.state == "queued"], "Take out")

    live()
    return True


def _active() -> list[jobs.Job]:
    """Active trainings, the newest first."""
    active = jobs.active()
    # A k-fold trains its folds as jobs of their own; it is shown itself before and between them.
    trainings = [job for job in active if job.kind == "train"]
    return trainings or [job for job in active if job.kind == "kfold"]


def _refused() -> None:
    """Why the latest training ended before there was a run that could say so."""
    latest = next(iter(jobs.jobs("train")), None)
    if latest is None or latest.state != "failed" or "run" in latest.figures:
        return
    told = any(run.job and run.job.id == latest.id for run in runs.runs())
    if told or time.time() - latest.updated > REFUSAL_SHOWN_S:
        return
    st.error(plain.sentence(f"{latest.title}: {latest.reason}"))
    with st.expander(tr("Log of the worker")):
        st.code(jobs.log_tail(latest) or "The worker printed nothing.", language=None)


def _running(job: jobs.Job) -> None:
    title, stop = st.columns([4, 1], vertical_alignment="center")
    title.subheader(tr(job.title), anchor=False)
    _stop_button(stop, job, "Stop")
    stage = "Stopping after this step" if job.state == "stopping" else joining.capital(job.stage)
    st.progress(job.progress or 0.0, text=plain.sentence(stage))
    _figures(job)
    if job.elsewhere:
        st.caption(tr(f"At work elsewhere: {words.where(job)}."))
    run = _run_of(job)
    if run is None:
        st.caption(tr("The curves begin with the end of the first epoch."))
    else:
        curves.show(run, key="live")


def _figures(job: jobs.Job) -> None:
    """Epoch, time left, device and speed; a dash keeps the place of what is not known yet."""
    known = job.figures
    epoch = f"{known['epoch']} of {known['epochs']}" if known.get("epoch") else "–"
    left = words.duration(known["eta_s"]) if known.get("eta_s") is not None else "–"
    speed = f"{known['tiles_per_s']:.1f}" if known.get("tiles_per_s") else "–"
    shown = {
        "Epoch": epoch,
        "Time left": left,
        "Tiles per second": speed,
        "Best epoch": str(known.get("best_epoch") or "–"),
        "Device": known.get("device", "–"),
    }
    for column, (label, value) in zip(st.columns([2, 2, 2, 2, 3]), shown.items()):
        column.caption(tr(label))
        column.markdown(tr(f"**{value}**"))


def _others(said: str, others: list[jobs.Job], stop: str) -> None:
    if not others:
        return
    st.caption(tr(said))
    for job in others:
        title, button = st.columns([4, 1], vertical_alignment="center")
        title.write(joining.by_parts(words.line(job), job.title))
        _stop_button(button, job, stop)


def _stop_button(place, job: jobs.Job, label: str) -> None:
    stopping = job.state == "stopping"
    pressed = allowed.button(
        tr(label), place=place, key=f"stop-{job.id}", disabled=stopping, width="stretch"
    )
    if pressed:
        jobs.request_stop(job.id)
        st.rerun()


def _run_of(job: jobs.Job) -> runs.Run | None:
    """The run a job works on, None before the worker has made it."""
    try:
        return runs.load(job.figures["run"]) if "run" in job.figures else None
    except SlideScopeError:
        return None
