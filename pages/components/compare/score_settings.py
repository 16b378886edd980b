"""Where scores are taken, and the threshold that a run is to be used at."""

import streamlit as st

from core.errors import SlideScopeError
from core.language.translation import in_words, tr
from core.learning.request import EvaluateRequest
from core.learning.scores import evaluation, guarantee, operating_point
from core.maps.measured import Area
from core.maps.sides import Side
from pages.components import allowed, field, plain
from pages.components.compare import side_pickers

AREAS = {
    "test": "Test part (held out)",
    "validation": "Validation part",
    "all": "All, training included",
    "extent": "Map extent",
}
KINDS = {
    "half": "0.5",
    "best-f1": "best F1 on validation",
    "recall": "a wanted recall on validation",
    "guarantee": "a guaranteed recall on held-out blocks",
}
ASKED = {"recall": 0.8, "guarantee": 0.9}
_AREA, _ORDER, _KIND, _RECALL = "score_area", "score_order", "score_kind", "score_recall"
_REFUSED = "score_refused"
_START = "score_start"


def start(scene: str, left: Side, right: Side) -> operating_point.OperatingPoint:
    """Where the map of these sides opens: by the right one's network, else by the left one's."""
    run = next((side.run for side in (right, left) if side.run and not side.baseline), None)
    if run is None:
        return operating_point.OperatingPoint("half", operating_point.HALF)
    known = st.session_state.get(_START)
    key = (scene, run.id)
    if known is None or known[0] != key:
        known = key, operating_point.start(run)
        st.session_state[_START] = known
    return known[1]


def words(scene: str, left: Side, right: Side, threshold: float) -> str:
    """How the threshold was chosen, as long as nobody moved it."""
    point = start(scene, left, right)
    return operating_point.words(point) if point.threshold == threshold else ""


def area() -> Area:
    """The area of the scores: the address's, else the test part."""
    asked = st.query_params.get("area", "test")
    return asked if asked in AREAS else "test"


def order(scene: str) -> dict | None:
    """The threshold last asked for here, {token, threshold}, for the live map."""
    found = st.session_state.get(_ORDER)
    return found["order"] if found and found["scene"] == scene else None


def show(scene: str, right: Side) -> None:
    """A closed drawer with both settings."""
    with st.popover(tr("Scores"), width="content"):
        st.session_state[_AREA] = area()
        st.selectbox(
            options=list(AREAS),
            format_func=in_words(AREAS.get),
            key=_AREA,
            on_change=_area_chosen,
            **field.words(field.of(EvaluateRequest, "area")),
        )
        if right.run is None or right.baseline:
            st.caption(tr("An operating point belongs to a network on the right side."))
            return
        kept = operating_point.load(right.run)
        st.selectbox(
            tr(f"Threshold of {right.title}"),
            list(KINDS),
            format_func=in_words(KINDS.get),
            key=_KIND,
        )
        kind = st.session_state[_KIND]
        if kind in ASKED:
            key = f"{_RECALL}-{kind}"
            st.number_input(tr("Wanted recall"), 0.05, 1.0, ASKED[kind], 0.05, key=key)
        allowed.button(tr("Use and keep with the run"), on_click=_use, args=(scene, right, kind))
        if refused := st.session_state.pop(_REFUSED, None):
            st.error(plain.sentence(refused))
        if kept:
            st.caption(
                tr(f"Kept with the run: {KINDS[kept.kind]}, threshold {kept.threshold:.3f}.")
            )
        st.caption(tr(_chosen_on(kind)))


def _chosen_on(kind: str) -> str:
    if kind != "guarantee":
        return "Chosen on the validation part, never on the test part."
    return (
        "Half of the held-out blocks choose it, the other half checks it. A block like these then "
        "has at least this recall in the mean; of other ground it is a hope."
    )


def _area_chosen() -> None:
    chosen = st.session_state[_AREA]
    if chosen == "test":
        st.query_params.pop("area", None)
    else:
        st.query_params["area"] = chosen


def _use(scene: str, right: Side, kind: str) -> None:
    wanted = st.session_state.get(f"{_RECALL}-{kind}")
    try:
        if kind == "guarantee":
            point = guarantee.of_run(right.run, wanted, scene).point
        else:
            point = operating_point.choose(right.run, kind, wanted)
    except SlideScopeError as error:
        st.session_state[_REFUSED] = str(error)
        return
    evaluation.keep(right.run, point)
    before = order(scene)
    token = before["token"] + 1 if before else 1
    st.session_state.pop(_START, None)
    told = {"token": token, "threshold": point.threshold}
    st.session_state[_ORDER] = {"scene": scene, "order": told}
    side_pickers.keep_threshold(point.threshold)
