"""Where scores are taken, and the threshold that a run is to be used at."""

import streamlit as st

from core.errors import SlideScopeError
from core.learning.scores import operating_point
from core.maps.measured import Area
from core.maps.sides import Side
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
}
_AREA, _ORDER, _KIND, _RECALL = "score_area", "score_order", "score_kind", "score_recall"
_REFUSED = "score_refused"


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
    with st.popover("Scores", width="content"):
        st.session_state[_AREA] = area()
        st.selectbox(
            "Area of the scores",
            list(AREAS),
            format_func=AREAS.get,
            key=_AREA,
            on_change=_area_chosen,
            help="Only the test part tells how good a network is. Map extent sums the tiles that "
            "touch the view.",
        )
        if right.run is None or right.baseline:
            st.caption("An operating point belongs to a network on the right side.")
            return
        kept = operating_point.load(right.run)
        st.selectbox(f"Threshold of {right.title}", list(KINDS), format_func=KINDS.get, key=_KIND)
        kind = st.session_state[_KIND]
        if kind == "recall":
            st.number_input("Wanted recall", 0.05, 1.0, 0.8, 0.05, key=_RECALL)
        st.button("Use and keep with the run", on_click=_use, args=(scene, right, kind))
        if refused := st.session_state.pop(_REFUSED, None):
            st.error(refused)
        if kept:
            st.caption(f"Kept with the run: {KINDS[kept.kind]}, threshold {kept.threshold:.3f}.")
        st.caption("Chosen on the validation part, never on the test part.")


def _area_chosen() -> None:
    chosen = st.session_state[_AREA]
    if chosen == "test":
        st.query_params.pop("area", None)
    else:
        st.query_params["area"] = chosen


def _use(scene: str, right: Side, kind: str) -> None:
    wanted = st.session_state.get(_RECALL) if kind == "recall" else None
    try:
        point = operating_point.choose(right.run, kind, wanted)
    except SlideScopeError as error:
        st.session_state[_REFUSED] = str(error)
        return
    operating_point.store(right.run, point)
    before = order(scene)
    token = before["token"] + 1 if before else 1
    told = {"token": token, "threshold": point.threshold}
    st.session_state[_ORDER] = {"scene": scene, "order": told}
    side_pickers.keep_threshold(point.threshold)
