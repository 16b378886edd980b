"""Compare: two layers under a swipe, the scores of both sides above them."""

from pathlib import Path

import streamlit as st

from core import paper
from core.maps import scorecard
from core.maps.measured import measure
from core.maps.sides import circular, sides_of
from pages.components import (
    compare_map,
    drawer,
    map_layers,
    metric_cards,
    pick,
    problem,
    score_settings,
    side_pickers,
)

STYLE = Path(__file__).parent / "assets" / "compare.css"


@st.fragment
@problem.shown()
def compare() -> None:
    with st.container(key="compare_row"):
        controls, scores = st.columns([9, 13], gap="small")
    said = st.container(key="compare_words")
    with controls, st.container(key="compare_scene"):
        top = st.container(horizontal=True, gap="xsmall")
        with top:
            scene = pick.scene()
    if scene is None:
        return
    _follow(scene.name)
    if not map_layers.there(scene):
        return
    map_layers.mend(scene)
    sides = sides_of(scene)
    left, right = side_pickers.chosen(scene, sides)
    with top:
        side_pickers.datasets(sides, right)
        score_settings.show(scene.name, right)
    with controls, st.container(horizontal=True, gap="xsmall"):
        side_pickers.pair(sides, left, right)
    area = score_settings.area()
    measured = measure(left, right, scene, area, compare_map.last(scene).get("bounds"))
    stage = st.container(key="compare_stage")
    with stage:
        threshold = compare_map.show(
            scene,
            left,
            right,
            side_pickers.threshold(),
            goto=drawer.goto(scene),
            outline=drawer.outline(scene),
            sides=sides,
            scores=measured.in_browser(),
            area=area,
            order=score_settings.order(scene.name),
        )
    side_pickers.keep_threshold(threshold)
    if not any(side.run for side in sides.values()):
        with scores:
            metric_cards.show(scorecard.NO_SCORES)
        with said:
            if why := side_pickers.word():
                st.caption(why)
            _no_run()
        return
    _scores(scorecard.compare(left, right, scene, threshold, measured), threshold, scores, said)
    if circular(left, right):
        with st.container(key="compare_note"):
            st.caption(paper.CIRCULARITY)
    with stage:
        drawer.tabs()
        drawer.show(scene, left, right, threshold)


def _scores(found: scorecard.Scorecard, threshold: float, cards, said) -> None:
    with cards:
        metric_cards.show(found.cards)
    with said:
        said_before = side_pickers.word()
        st.caption(" ".join(filter(None, (said_before, scorecard.words(found, threshold)))))


def _no_run() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "No prediction for this scene yet: hillshade against the reference mask. A trained "
            "network's map and six scores appear here.",
            width="content",
        )
        st.page_link("pages/training.py", label="Train a network")


def _follow(name: str) -> None:
    """Another scene changes the status line too, which is outside this fragment."""
    if st.session_state.setdefault("compare_of", name) != name:
        st.session_state["compare_of"] = name
        st.rerun()


st.html(STYLE)
compare()
