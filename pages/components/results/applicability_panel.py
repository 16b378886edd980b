"""For reviewers: where a network meets ground like that which it learned from, and what it scores
there and elsewhere."""

from typing import Any

import streamlit as st

from core.jobs import store as jobs
from core.language.translation import tr
from core.learning.request import ApplicabilityRequest
from core.learning.scores import inside, operating_point
from core.numerals import fixed, percent
from core.runs import applicability, run_files
from core.runs.store import Run
from pages.components import allowed, job_progress, plain

KIND = ApplicabilityRequest.KIND
PROMISE = (
    "A network answers everywhere, and its scores hold only where the factors look as they did in "
    "training. Here will stand how much of the map is such ground, with the scores inside and "
    "outside; Compare gets a layer of it."
)
HEAD = "| | Share of pixels | Pre | Rec | F1 | AP |\n|:--|--:|--:|--:|--:|--:|"


def show(run: Run) -> None:
    """Draw the figures of `run`, the job that measures them, or what they would be."""
    st.subheader(tr("Where does the network know the ground?"), anchor=False)
    job = next((job for job in jobs.jobs(KIND) if _is_of(job, run)), None)
    if job and job.active:
        job_progress.follow(job.id)
        return
    found = _scores(_state(run), run)
    if found is None:
        _start(run, job)
        return
    lines = [HEAD, _line("like the training ground", found["inside"])]
    lines.append(_line("unlike it", found["outside"]))
    with st.container(key="metrics-applicability"):
        st.markdown(tr("\n".join(lines)))
    place = run.prediction().name
    st.caption(
        tr(
            f"{percent(found['inside_share'])} of {place} is like the training ground: its "
            f"dissimilarity index is at most {found['index_threshold']:.3f}, which training points "
            f"reach among themselves. Scores: {found['area_words']}, threshold "
            f"{found['threshold']:g}."
        )
    )
    layer = f"applicability:{run.id}"
    query = {"scene": place, "right": layer}
    label = ":primary[Unlike ground on the map]"
    st.page_link("pages/compare.py", label=tr(label), query_params=query)


def _state(run: Run) -> tuple:
    """What the scores depend on, None in it where nothing was measured."""
    files = [run.prediction() / name for name in (run_files.COUNTS, applicability.ABOUT)]
    times = [file.stat().st_mtime_ns if file.is_file() else None for file in files]
    return (run.id, operating_point.kept_threshold(run), *times)


@st.cache_data(max_entries=64, show_spinner=False)
def _scores(state: tuple, _run: Run) -> dict[str, Any] | None:
    return inside.scores(_run)


def _line(label: str, side: dict) -> str:
    if not side["pixels"]:
        return f"| {label} | 0 % | – | – | – | – |"
    names = ("precision", "recall", "f1", "average_precision")
    cells = " | ".join(fixed(side[name], 3) for name in names)
    return f"| {label} | {percent(side['share'])} | {cells} |"


def _start(run: Run, job: jobs.Job | None) -> None:
    if not run.config.has_network or run.loaded:
        st.caption(
            tr(
                "The ground that this map's network learned from is not here, so nothing can be "
                "measured from it."
            )
        )
        return
    st.caption(tr(PROMISE))
    if job and job.state in ("failed", "interrupted"):
        st.error(plain.sentence(job.reason))
    if allowed.button(tr("Measure where it applies")):
        jobs.start(ApplicabilityRequest(run.id), f"Applicability of {run.title}")
        st.rerun()


def _is_of(job: jobs.Job, run: Run) -> bool:
    asked = job.asked(ApplicabilityRequest)
    return asked is not None and asked.run_id == run.id and not asked.scene
