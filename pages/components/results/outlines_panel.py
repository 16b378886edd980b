"""For reviewers: how much of a score is owed to outlines that may lie a pixel or two off."""

from typing import Any

import streamlit as st

from core.errors import SlideScopeError
from core.language.translation import tr
from core.learning.prediction import products
from core.learning.request import EvaluateRequest
from core.learning.scores import evaluation, operating_point, outlines
from core.runs.measured import check_current, scene_of
from core.runs.store import Run
from pages.components import field, plain
from pages.components.language import Later
from pages.components.results import background

HEAD = "| Outlines | F1 | Landslide IoU | Recall |\n|:--|--:|--:|--:|"
SHOWN = ("f1", "iou_landslide", "recall")


def show(run: Run) -> None:
    """Ask by how many pixels outlines may be off, and draw the scores against moved ones."""
    st.subheader(tr("What if the outlines lie a little off?"), anchor=False)
    pixels = int(field.show(field.of(EvaluateRequest, "outlines"), "reviewers-outlines"))
    if not pixels:
        st.caption(
            tr(
                "Scores against the reference moved in eight directions, eroded and grown: a "
                "difference between two maps that is smaller than theirs is none that this "
                "inventory can tell."
            )
        )
        return
    threshold = operating_point.kept_threshold(run)
    try:
        check_current(run, run.test_scene)
        found = _asked(run, threshold, pixels)
    except SlideScopeError as error:
        st.caption(plain.sentence(str(error)))
        return
    if found is None:
        return
    lines = [HEAD, _line("as mapped", [f"{found['mapped'][name]:.3f}" for name in SHOWN])]
    for row in found["rows"]:
        by = f"{row['by']} px"
        ends = [f"{low:.3f} to {high:.3f}" for low, high in (row["shifted"][n] for n in SHOWN)]
        lines.append(_line(f"shifted by {by}", ends))
        for kind in ("eroded", "grown"):
            scores = row[kind]
            cells = [f"{scores[name]:.3f}" if scores else "–" for name in SHOWN]
            lines.append(_line(f"{kind} by {by}", cells))
    with st.container(key="metrics-outlines"):
        st.markdown(tr("\n".join(lines)))
    size = f"; a pixel is {found['metres']:g} m" if found["metres"] else ""
    st.caption(tr(f"{found['area_words']}, threshold {threshold:g}{size}."))


def _asked(run: Run, threshold: float, pixels: int) -> dict[str, Any] | None:
    """At once where the scene is small enough, else by a job, None until that is done."""
    scene, made = scene_of(run), run.prediction().stat().st_mtime_ns
    if outlines.is_quick(scene, pixels):
        return _found((run.id, made, scene.fingerprint, threshold, pixels), run)
    request = EvaluateRequest(run.id, threshold=threshold, outlines=pixels)
    title = f"Outlines of {run.title} moved by {pixels} px"
    found = background.measured(request, made / 1e9, title, "Measure with moved outlines")
    return found and {**found["outlines"], "area_words": found["area_words"]}


def _line(label: str, cells: list[str]) -> str:
    return f"| {label} | {' | '.join(cells)} |"


@st.cache_data(max_entries=32, show_spinner=Later("Moving the outlines"))
def _found(state: tuple, _run: Run) -> dict[str, Any]:
    *_, threshold, pixels = state
    scene = scene_of(_run)
    area = evaluation.usual_area(_run)
    _, part = products.load_counts(_run.prediction())
    found = outlines.of_run(_run, scene, area, part, threshold, pixels)
    return {**found, "area_words": evaluation.area_words(_run, scene.name, area)}
