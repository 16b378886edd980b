"""Training: choose, start, watch, stop, look at a finished run."""

import streamlit as st

from core.jobs import store
from core.language.translation import tr
from core.runs import store as runs
from core.runs import summary
from core.workflows import damaged as broken
from pages.components import damaged, next_step, pick
from pages.components.training import (
    load_map,
    load_model,
    run_card,
    run_comparison,
    run_progress,
    run_table,
    settings,
)

st.title(tr("Training"), anchor=False)
left, right = st.columns([1, 2], gap="large")
with left:
    scene = pick.scene()
    request = settings.show(scene) if scene else None
    load_model.show()
    if scene and scene.kind == "area":
        load_map.show(scene)
if request:
    store.start(request)
    st.query_params.pop("run", None)
    st.rerun()

with right:
    running = run_progress.show()
    # A finished run takes the place of a running one, and stands below the table beside it.
    beside = st.container()
every = runs.listing()
found = every.items
newest = summary.shown_first(found, scene.name) if scene and not running else None
selected = run_table.show(found, first=newest)
damaged.show(broken.besides_scenes(every), broken.delete)
with st.container() if running else beside:
    if len(selected) == 1:
        run_card.show(selected[0])
    elif selected:
        run_comparison.show(selected)
    elif not running:
        st.info(
            tr(
                "Nothing is being trained. Progress, curves and a stop button appear here after "
                "“Start training”; a training goes on when this page is closed."
            )
        )
if scene:
    next_step.show("training", scene)
