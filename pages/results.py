"""Results: our metrics beside the paper's tables 3 and 4, and the paired experiment."""

import streamlit as st

from core.runs import store as runs
from core.runs import tables
from pages.components import experiment_panel, pick, split_tables, table_pair

st.title("Results", anchor=False)
scene = pick.scene()
if scene is None:
    st.stop()
measured = [run for run in runs.runs(scene.name) if run.metrics()]
if not measured:
    st.info(
        f"Scene '{scene.name}' has no measured run yet: our columns fill when a training ends. "
        "Until then the paper's figures stand alone."
    )
    st.page_link("pages/training.py", label=":primary[Train a network]")
newest = tables.newest(measured)
table_pair.models(scene, newest)
table_pair.datasets(scene, newest)
split_tables.gaps(measured)
split_tables.folds(measured)
experiment_panel.show(scene)
st.download_button(
    "Download as CSV",
    tables.to_csv(measured),
    file_name=f"results-{scene.name}.csv",
    mime="text/csv",
    on_click="ignore",
)
st.caption(
    "The file holds the paper's rows and every measured run of this scene with its area and split."
)
