"""Factors: how they relate, how they repeat each other, which of them tell landslides."""

import streamlit as st

from core.analysis import choice
from core.analysis.areas import area_text
from core.analysis.areas.area import Area
from core.analysis.store import Stored
from core.errors import SlideScopeError
from core.language import reader
from core.language.translation import tr
from core.numerals import percent, whole
from core.objects import motion
from core.scene.store import Scene
from pages.components import address, next_step, pick, plain, problem
from pages.components.factors import (
    analysis_start,
    area_panel,
    channel_view,
    codings_view,
    dataset_keep,
    evidence_settings,
    evidence_view,
    factor_chips,
    factor_data,
    glance_view,
    motion_view,
    significance_view,
    statistics_view,
    strata_view,
)
from pages.components.factors.factor_audit import Audit

VIEW = "factors_view"
GLANCE, CODINGS, EVIDENCE = "At a glance", "Both codings", "Evidence per class"
STRATA, SIGNIFICANCE, STATISTICS = "Strata", "Significance", "Statistics"
NETWORK = "Trained network"
# Where the scene's rate is made of interferograms.
MOVED = "Displacement"
VIEWS = (GLANCE, CODINGS, EVIDENCE, STRATA, SIGNIFICANCE, STATISTICS, NETWORK)


def main() -> None:
    head = st.columns([2, 3, 2.4], vertical_alignment="bottom")
    head[0].title(tr("Factors"), anchor=False)
    with head[1]:
        scene = pick.scene()
    if scene is None:
        return
    with head[2]:
        area_panel.show(scene)
    texts = area_panel.chosen(scene)
    try:
        area = area_text.parse(scene, texts)
    except SlideScopeError as error:
        st.error(plain.sentence(str(error)))
        st.button(tr("Back to the whole scene"), on_click=area_panel.forget)
        return
    stored = factor_data.stored(scene, area)
    if stored is None:
        analysis_start.show(scene, area, texts)
        if texts:
            st.button(tr("Back to the whole scene"), on_click=area_panel.forget)
        return
    st.caption(tr(_basis(stored.result)))
    _audit(scene, area, texts, stored)
    next_step.show("factors", scene)


def _basis(result: dict) -> str:
    """Which pixels everything stands on, and what was left out."""
    made = "**Synthetic scene.** " if result["synthetic"] else ""
    if result["area"]["parts"]:
        share = percent(result["area"]["share"])
        made += f"**Area: {result['area']['words']}** ({share} of the scene). "
    text = f"{made}{whole(result['n'])} pixels with data in all factors; "
    text += f"{100 * result['dropped_share']:.1f} % dropped for missing data."
    other = result["without_deformation"]
    if other:
        text += f" Without deformation rate {100 * other['dropped_share']:.1f} % would be dropped."
    for row in result["excluded"]:
        text += f" Left out: {row['factor']} ({row['reason']})."
    return text


@st.fragment
@problem.shown()
def _audit(scene: Scene, area: Area, texts: tuple[str, ...], stored: Stored) -> None:
    """Everything that follows a switch without reading the scene again."""
    names = factor_chips.show(scene, stored.result["pearson"]["factors"])
    offered = (*VIEWS, MOVED) if motion.possible(scene) else VIEWS
    address.follow("view", VIEW, offered, NETWORK if "run" in st.query_params else GLANCE)
    with st.container(horizontal=True, vertical_alignment="center"):
        view = st.segmented_control(
            tr("View"),
            offered,
            key=VIEW,
            format_func=tr,
            required=True,
            label_visibility="collapsed",
            on_change=address.noted,
            args=("view", VIEW),
            wrap=True,
        )
        if names:
            dataset_keep.show(scene, names)
            _report(scene, area, stored, names)
    if view == NETWORK:
        channel_view.show(scene, stored.result["importance"])
        return
    if view == MOVED:
        motion_view.show(scene)
        return
    if not names:
        st.info(tr("No factor is switched on: statistics need at least one; switch one on above."))
        return
    evidence, refused = _evidence(scene, area)
    tested = factor_data.significance(scene, area)
    shown = choice.narrowed(scene, stored, names, evidence, tested)
    audit = Audit(scene, area, texts, stored, shown)
    if view == EVIDENCE:
        evidence_view.show(audit, refused)
        return
    views = {GLANCE: glance_view, CODINGS: codings_view, STRATA: strata_view}
    views |= {SIGNIFICANCE: significance_view}
    views.get(view, statistics_view).show(audit)


def _evidence(scene: Scene, area: Area) -> tuple[dict | None, str | None]:
    """The evidence in the classes asked for, or in the first ones and why."""
    try:
        return factor_data.evidence(scene, area, evidence_settings.classing(scene)), None
    except SlideScopeError as error:
        return factor_data.evidence(scene, area, evidence_settings.FIRST), str(error)


def _report(scene: Scene, area: Area, stored: Stored, names: list[str]) -> None:
    """The whole audit as one page, made when it is asked for."""
    language = reader.current()

    def document() -> str:
        from core.export import audit  # here: it draws in what exports need

        evidence, _ = _evidence(scene, area)
        tested = factor_data.significance(scene, area)
        with reader.speaking(language):
            return audit.of_choice(scene, stored, names, evidence, tested)

    st.download_button(
        tr("Report (HTML)"),
        document,
        f"{scene.name}-factors.html",
        "text/html",
        key="report",
        on_click="ignore",
        help=tr("All tables and figures with method notes and references, in one file."),
    )


main()
