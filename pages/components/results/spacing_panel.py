"""For reviewers: whether held-out ground lies far enough from the ground that was learned from."""

from typing import Any

import streamlit as st

from core.errors import SlideScopeError
from core.factors import factor
from core.language.translation import tr
from core.learning.request import EvaluateRequest
from core.learning.split import spacing
from core.learning.tiles import plots
from core.numerals import number
from core.runs.measured import check_current, scene_of
from core.runs.store import Run
from pages.components import plain
from pages.components.language import Later
from pages.components.results import background

MEASURE = "Measure the distances"
PROMISE = (
    "Scores are optimistic where held-out ground lies within the distance over which ground is "
    "alike: here stand both, once measured, and how wide a block has to be."
)
HEAD = "| Factor | Alike over |\n|:--|--:|"


def show(run: Run) -> None:
    """Draw the check of the run's own split; one sentence where there is nothing to check."""
    st.subheader(tr("Is held-out ground far enough?"), anchor=False)
    if run.config.brought:
        st.caption(tr("Where this map was trained is not known, so there is no distance to tell."))
        return
    if run.config.test_scene or run.test_scene not in run.config.learned_from:
        st.caption(tr("The map is tested on ground that the network has not seen at all."))
        return
    try:
        check_current(run, run.test_scene)
        found = _asked(run)
    except SlideScopeError as error:
        st.caption(plain.sentence(str(error)))
        return
    if found is None:
        return
    st.markdown(plain.sentence(found["words"]))
    with st.expander(tr("Range of each factor")):
        lines = [HEAD]
        for row in found["ranges"]:
            title = "Landslides" if row["factor"] == "landslides" else factor(row["factor"]).title
            more = "more than " if row["beyond"] else ""
            far = f"{more}{number(row['metres'], row['metres'])} {found['unit']}"
            lines.append(f"| {plain.words(title)} | {far} |")
        st.markdown(tr("\n".join(lines)))
        st.caption(
            tr("Range of a spherical variogram: beyond it two pixels tell each other nothing.")
        )


def _asked(run: Run) -> dict[str, Any] | None:
    """What was found, None until somebody wants it: it reads the whole scene."""
    scene, asked = scene_of(run), f"spacing-{run.id}"
    if not spacing.is_quick(scene):
        made, title = run.prediction().stat().st_mtime, f"Distances of {run.title}"
        st.caption(tr(PROMISE))
        request = EvaluateRequest(run.id, spacing=True)
        found = background.measured(request, made, title, MEASURE)
        return found and found["spacing"]
    if not st.session_state.get(asked):
        st.caption(tr(PROMISE))
        st.button(tr(MEASURE), on_click=st.session_state.update, args=({asked: True},))
        return None
    return _checked((run.id, scene.fingerprint), run)


@st.cache_data(max_entries=64, show_spinner=Later("Measuring over what distance ground is alike"))
def _checked(state: tuple, _run: Run) -> dict[str, Any]:
    scene = scene_of(_run)
    return spacing.check(scene, plots.split_on(_run, scene), _run.config.split)
