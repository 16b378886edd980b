"""The frame of every page: navigation and one slim status line."""

from pathlib import Path

import streamlit as st

from core import access, workspace
from core.jobs import store as jobs
from core.jobs import words
from core.language import joining
from core.language.translation import tr
from core.learning.networks import device
from core.scene import store as scenes
from pages.components import (
    address,
    chart,
    demo,
    door,
    language,
    pick,
    problem,
    sign_in,
)
from pages.components.scene import import_progress

ASSETS = Path(__file__).resolve().parents[1] / "assets"
ICON = str(ASSETS / "icon.png")
POLL_S = 2.0
SCENE = "scene-setup"  # opens what an import made
# Of the menu, what leads out of the machine is left out; the choice of the theme stays.
MENU = {"Get help": None, "Report a bug": None, "About": None}


def show(*pages) -> None:
    """Draw navigation and status line, then the page that the address asks for."""
    st.set_page_config(page_icon=ICON, layout="wide", menu_items=MENU)
    st.logo(ICON, size="large")
    st.html(ASSETS / "frame.css")
    every = (address.script(), chart.script(), language.script())
    scripts = (f"<script>{each}</script>" for each in every)
    st.html("".join(scripts) + language.mark(), unsafe_allow_javascript=True)
    with st.container(key="language", width="content"):
        language.switch()
    with problem.shown():
        let_in = door.let_in() is not None
        page = st.navigation(list(pages), position="top" if let_in else "hidden")
        if not let_in:
            sign_in.show()
            return
        workspace.check()
        st.set_page_config(page_title=tab_title(page.title, pick.current()))
        with problem.shown():
            status_line()
        with problem.shown():
            demo.bar(page.url_path)
        if page.url_path != SCENE:
            import_progress.elsewhere()
        page.run()


def tab_title(page: str, scene: str | None) -> str:
    """What the browser's tab says, the most particular first: tabs are narrow.

    >>> tab_title("Compare", "valley"), tab_title("Overview", None)
    ('Compare · valley · SlideScope', 'Overview · SlideScope')
    """
    return " · ".join(filter(None, (page, scene, "SlideScope")))


def home() -> None:
    """Go to the first page, as its address without a name does."""
    st.switch_page("pages/overview.py", query_params=st.query_params.to_dict())


def status_line() -> None:
    """Scene, dataset, device and the running job; polls only while a job is active."""
    polling = POLL_S if jobs.active() else None
    # Whatever page waits for a scene shows it as soon as it is there.
    first = pick.current() is None

    @st.fragment(run_every=polling)
    @problem.shown()
    def line() -> None:
        jobs.end_overdue()
        active = jobs.active()
        if polling and (not active or (first and pick.current())):
            st.rerun()
        _draw(active)

    line()


def _draw(active: list[jobs.Job]) -> None:
    name = pick.current()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="status"):
        if name is None:
            st.caption(tr("No scene yet"), width="content")
        else:
            _scene(scenes.load(name))
        st.caption(tr(f"Device **{device.detect().name}**"), width="content")
        if access.readonly():
            st.caption(tr("**Read-only**"), width="content")
        sign_in.line()
        if not active:
            st.caption(tr("No job running"), width="content")
            return
        job = words.foremost(active)
        more = f" · {len(active) - 1} more" if len(active) > 1 else ""
        st.page_link("pages/training.py", label=joining.by_parts(words.line(job) + more, job.title))
        if job.progress is not None:
            st.progress(job.progress, width=96)


def _scene(scene: scenes.Scene) -> None:
    name = f"Scene **{scene.name}**"
    kind = f"Scene **{scene.name}** (synthetic)"
    st.caption(tr(kind if scene.synthetic else name), width="content")
    datasets = "RS and RS-DR" if scene.has_deformation else "RS only, no deformation"
    st.caption(tr(f"Dataset **{datasets}**"), width="content")
