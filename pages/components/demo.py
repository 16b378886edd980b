"""The demo: Scene, Factors and Compare in a minute, a caption on each, keys to lead it.

Its state lies in the session; the page that is open counts the time, so nothing runs behind it.
"""

import os
import time
from dataclasses import dataclass

import streamlit as st

from core.language.translation import tr
from core.maps import telling
from core.scene import store as scenes
from pages.components import pick

SECONDS = 20.0  # a step
FASTER = "SLIDESCOPE_DEMO_SECONDS"  # of a step, where a test has less time
TICK_S = 1.0
_STATE = "demo"


@dataclass(frozen=True)
class Step:
    """A page by the name in its address, and what is said over it; `plain` where the scene has no
    deformation rate."""

    page: str
    url: str
    caption: str
    plain: str = ""


STEPS = (
    Step(
        "pages/scene.py",
        "scene-setup",
        "The scene: what is known of every pixel, as rasters on one grid. Terrain, rock and "
        "vegetation are remote sensing (RS); deformation is how fast the ground moves, from radar "
        "(InSAR).",
        "The scene: what is known of every pixel, as rasters on one grid: terrain, rock and "
        "vegetation, from remote sensing (RS).",
    ),
    Step(
        "pages/factors.py",
        "relevance",
        "The factors: what tells landslides from stable ground, and which factors say the same "
        "thing twice. This is looked at before any network is trained.",
    ),
    Step(
        "pages/compare.py",
        "map-compare",
        "The comparison: left without, right with InSAR deformation (RS-DR). Over the "
        "handle lies the largest landslide that only the right side finds, where there is one; "
        "the sentence over the map counts them all.",
        "The comparison: two maps of the same ground. Over the handle lies the largest landslide "
        "that only the right side finds, where there is one; the sentence over the map counts "
        "them all.",
    ),
)


def start_button() -> None:
    """'Play demo' on Overview."""
    words = "One minute: Scene, Factors, Compare. Keys: space, arrows, Esc."
    if st.button(tr("Play demo"), help=tr(words)):
        _go(0)


def bar(url: str) -> None:
    """The caption over the page `url` of a demo that plays; another page than its own ends it."""
    state = st.session_state.get(_STATE)
    if state is None:
        return
    if STEPS[state["step"]].url != url:
        # The page before may ask once more before the browser has left it.
        if time.monotonic() - state["since"] > pick.ON_ITS_WAY_S:
            st.session_state.pop(_STATE)
        return
    ticking = None if state["left"] is not None else TICK_S

    @st.fragment(run_every=ticking)
    def shown() -> None:
        _draw()

    with st.container(key="demo_bar"):
        shown()


def _draw() -> None:
    state = st.session_state.get(_STATE)
    if state is None:
        return
    step, over = state["step"], _remaining(state) <= 0
    last = step == len(STEPS) - 1
    if over and not last:
        _go(step + 1)
    if over and state["left"] is None:
        state["left"] = 0.0
        st.rerun()  # the clock stops
    about = STEPS[step]
    words = about.plain if state["plain"] and about.plain else about.caption
    st.markdown(tr(f"**{step + 1} of {len(STEPS)}**  {words}"))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if st.button(tr("Back"), key="demo_back", shortcut="Left", disabled=not step):
            _go(step - 1)
        if over:
            st.caption(tr("The end of the demo."), width="content")
        else:
            words = "Go on" if state["left"] is not None else "Pause"
            st.button(tr(words), key="demo_pause", shortcut="Space", on_click=_pause)
        if st.button(tr("Next"), key="demo_next", shortcut="Right", disabled=last):
            _go(step + 1)
        if st.button(tr("Leave"), key="demo_leave", shortcut="Esc"):
            st.session_state.pop(_STATE)
            st.rerun()


def _remaining(state: dict) -> float:
    return state["left"] if state["left"] is not None else state["until"] - time.monotonic()


def _pause() -> None:
    """Stop the clock, or let it go on from where it stood."""
    state = st.session_state[_STATE]
    if state["left"] is None:
        state["left"] = max(0.0, _remaining(state))
    else:
        state.update(until=time.monotonic() + state["left"], left=None)


def _go(step: int) -> None:
    seconds = float(os.environ.get(FASTER, SECONDS))
    name = pick.current()
    scene = scenes.load(name) if name else None
    query, plain = {}, scene is not None and not scene.has_deformation
    if scene:
        query = {"scene": scene.name}
    if scene and STEPS[step].url == "map-compare":
        query |= telling.view(scene)
    now = time.monotonic()
    clock = {"since": now, "until": now + seconds, "left": None}
    st.session_state[_STATE] = {"step": step, "plain": plain, **clock}
    st.switch_page(STEPS[step].page, query_params=query)
