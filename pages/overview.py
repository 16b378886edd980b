"""Overview: what this is, how far the scene has come, what to do next."""

import streamlit as st

from core.jobs import store
from core.language.translation import tr
from core.runs import store as runs
from core.scene import store as scenes
from core.workflows import steps
from core.workflows.requests import PrepareRequest
from pages.components import allowed, demo, job_progress, pick, still
from pages.components.overview import changed_files, preparation, run_summary, step_list

st.title(tr("SlideScope"), anchor=False)
left, right = st.columns([5, 4], gap="large")
name = pick.current()
scene = scenes.load(name) if name else None
with left:
    st.markdown(
        tr(
            "Find landslides in factor rasters with deep learning, and see on the map what "
            "InSAR deformation adds."
        )
    )
    if scene:
        scene = pick.scene()
    preparing = preparation.show(whole=scene is None) or job_progress.show(PrepareRequest.KIND)
    if preparing and scene is None:
        preparation.meanwhile()
    found = steps.steps(scene)
    chosen = step_list.show(found, show_button=scene is not None)
    if scene and runs.runs(scene.name):
        demo.start_button()
    changed_files.show()
    if scene is None and not preparing:
        if allowed.button(tr("Prepare the synthetic sample scene"), type="primary"):
            store.start(PrepareRequest())
            st.rerun()
        st.page_link("pages/scene.py", label=tr("or import rasters of your own"))
if chosen:
    st.switch_page(f"pages/{chosen.page}.py")

with right:
    if scene:
        still.show(scene)
        if scene.synthetic:
            st.caption(
                tr(
                    "This scene is synthetic: terrain, factors and landslides are generated. Its "
                    "figures show that the software works, not how well it does on real ground."
                )
            )
    else:
        st.info(
            tr(
                "Here will stand a picture of your scene: hillshade and landslides. The sample "
                "scene is synthetic, generated on this machine in about a minute."
            )
        )
latest = runs.runs(scene.name) if scene else []
if latest:
    st.subheader(tr("Latest runs"), anchor=False)
    run_summary.show(latest)
