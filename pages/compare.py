"""Compare: two layers under a swipe, the scores of both sides above them."""

from pathlib import Path

import streamlit as st

from core import paper
from core.language.translation import tr
from core.maps import scorecard
from core.maps.measured import measure
from core.maps.sides import Side, Sides, circular, sides_of
from core.scene import store as scenes
from core.scene.store import Scene
from pages.components import compare_map, next_step, pick, problem
from pages.components.compare import drawer, map_layers, metric_cards, score_settings, side_pickers

STYLE = Path(__file__).parent / "assets" / "compare.css"


@st.fragment
@problem.shown()
def compare() -> None:
    # One grid: the scores lie beside the settings and yet are drawn with the map.
    with st.container(key="compare_grid"):
        with st.container(key="compare_row"):
            top = st.container(horizontal=True, gap="xsmall")
            with top:
                scene = pick.scene()
            if scene is None:
                return
            _follow(scene.name)
            if not map_layers.there(scene):
                return
            map_layers.repair(scene)
            sides = sides_of(scene)
            left, right = side_pickers.chosen(scene, sides)
            with top:
                side_pickers.datasets(scene, sides, right)
                score_settings.show(scene.name, right)
            with st.container(horizontal=True, gap="xsmall"):
                side_pickers.pair(sides, left, right)
        _stage(scene, sides, left, right)


@st.fragment
@problem.shown()
def _stage(scene: Scene, sides: Sides, left: Side, right: Side) -> None:
    """Scores, map and drawer: what follows the map's threshold. A fragment of its own, because
    the map stutters while the browser draws the settings anew."""
    if any(side.run and not side.run.path.exists() for side in (left, right)):
        st.rerun()  # deleted in another tab: the pickers above have to choose anew
    cards, said = st.container(key="compare_scores"), st.container(key="compare_words")
    area = score_settings.area()
    measured = measure(left, right, scene, area, compare_map.last(scene).get("bounds"))
    stage = st.container(key="compare_stage")
    panels = drawer.follow(scene, predicted=any(side.run for side in sides.values()))
    with stage:
        threshold = compare_map.show(
            scene,
            left,
            right,
            side_pickers.threshold(score_settings.start(scene.name, left, right).threshold),
            goto=drawer.goto(scene),
            outline=drawer.outline(scene),
            spots=drawer.marks(scene),
            measure=drawer.measure(scene),
            sides=sides,
            scores=measured.in_browser(),
            area=area,
            order=score_settings.order(scene.name),
        )
    side_pickers.keep_threshold(threshold)
    if not any(side.run for side in sides.values()):
        with cards:
            metric_cards.show(scorecard.NO_SCORES)
        with said:
            if why := side_pickers.word():
                st.caption(tr(why))
            _no_run()
        with stage:
            drawer.tabs(panels)
            drawer.show(scene, left, right, threshold)
        return
    with cards:
        found = scorecard.compare(left, right, scene, threshold, measured)
        metric_cards.show(found.cards)
    with said:
        chosen = score_settings.words(scene.name, left, right, threshold)
        parts = (side_pickers.word(), scorecard.words(found, threshold, chosen))
        st.caption(tr(" ".join(filter(None, parts))))
    if circular(left, right):
        with st.container(key="compare_note"):
            st.caption(tr(paper.CIRCULARITY))
    with stage:
        drawer.tabs(panels)
        drawer.show(scene, left, right, threshold)


def _no_run() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            tr(
                "No prediction for this scene yet: hillshade against the reference mask. A trained "
                "network's map and six scores appear here."
            ),
            width="content",
        )
        st.page_link("pages/training.py", label=tr("Train a network"))


def _follow(name: str) -> None:
    """Another scene changes the status line too, which is outside this fragment."""
    if st.session_state.setdefault("compare_of", name) != name:
        st.session_state["compare_of"] = name
        st.rerun()


st.html(STYLE)
compare()
if name := pick.current():
    next_step.show("compare", scenes.load(name))
