"""Results: the paper's tables beside ours, figures, the paired experiment, and the export."""

import streamlit as st

from core.experiments import store as experiments
from core.export import store as exports
from core.learning.scores import evaluation
from core.runs import store as runs
from core.runs import tables
from core.workflows import damaged as broken
from pages.components import damaged, pick
from pages.components.results import (
    collinearity_pair,
    confusion,
    cost_table,
    experiment_panel,
    export_panel,
    metric_chart,
    reviewers_panel,
    run_overlay,
    split_tables,
    table_pair,
)

st.title("Results", anchor=False)
scene = pick.scene()
if scene is None:
    st.stop()
every = runs.runs(scene.name)
evaluation.completed(every)
measured = [run for run in every if run.metrics()]
if not measured:
    st.info(
        f"Scene '{scene.name}' has no measured run yet: our columns fill when a training ends. "
        "Until then the paper's figures stand alone."
    )
    st.page_link("pages/training.py", label=":primary[Train a network]")
newest = tables.newest(measured)
shown = tables.in_order(newest)
TABS = ("Tables", "Figures and cost", "For reviewers", "Experiment", "Export")
asked = st.query_params.get("tab")
in_tables, in_figures, in_review, in_experiment, in_export = st.tabs(
    TABS, default=asked if asked in TABS else None
)
with in_tables:
    table_pair.models(scene, newest)
    table_pair.datasets(scene, newest)
    split_tables.gaps(measured)
    split_tables.folds(measured)
    split_tables.joined(measured)
    split_tables.brought(measured)
    st.download_button(
        "Download as CSV",
        tables.to_csv(measured),
        file_name=f"results-{scene.name}.csv",
        mime="text/csv",
        on_click="ignore",
    )
    st.caption(
        "The file holds the paper's rows and every measured run of this scene with its area and "
        "split."
    )
    collinearity_pair.show(scene)
with in_figures:
    metric_chart.show(scene, newest)
    if shown:
        confusion.show(scene, shown)
        cost_table.show(scene, shown)
    run_overlay.show(every, first=shown)
with in_review:
    reviewers_panel.show(scene, measured)
with in_experiment:
    experiment_panel.show(scene)
    damaged.show(experiments.listing().damaged)
with in_export:
    export_panel.show(scene)
    damaged.show(exports.listing(scene).damaged)
with in_tables:
    damaged.show(runs.listing().damaged, broken.delete)
if measured:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Next", width="content")
        query = {"scene": scene.name, "tab": TABS[-1]}
        label = ":primary[Export the map]"
        st.page_link("pages/results.py", label=label, query_params=query)
