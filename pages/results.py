"""Results: our metrics beside the paper's tables 3 and 4."""

import streamlit as st

from core import paper
from core.runs import store as runs
from core.runs import tables
from pages.components import metric_table, pick, table_notes

st.title("Results", anchor=False)
scene = pick.scene()
if scene is None:
    st.stop()
measured = [run for run in runs.runs(scene.name) if run.metrics()]
newest = tables.newest(measured)
if not measured:
    st.info(
        f"Scene '{scene.name}' has no measured run yet: our columns fill when a training ends. "
        "Until then the paper's figures stand alone."
    )
    st.page_link("pages/training.py", label=":primary[Train a network]")

three = tables.our_models(newest)
st.subheader("Table 3. The four models on RS-DR", anchor=False)
left, right = st.columns(2, gap="medium")
with left:
    metric_table.show(tables.paper_models(), tables.PRINTED, f"Paper, table 3: {paper.AREA_WORDS}.")
with right:
    chosen = [run for (_, dataset), run in newest.items() if dataset == "rs-dr"]
    metric_table.show(three, tuple(tables.METRICS), table_notes.caption(scene, chosen))
table_notes.show(paper.NOTES_3, chosen)

four = tables.our_datasets(newest)
st.subheader("Table 4. FCADenseNet without and with the deformation rate", anchor=False)
left, right = st.columns(2, gap="medium")
with left:
    rows = tables.paper_datasets()
    caption = f"Paper, table 4: {paper.AREA_WORDS}."
    metric_table.show(rows, tables.PRINTED, caption, tables.gain(rows))
with right:
    chosen = [run for (model, _), run in newest.items() if model == paper.TABLE_4_MODEL]
    metric_table.show(
        four, tuple(tables.METRICS), table_notes.caption(scene, chosen), tables.gain(four)
    )
table_notes.show(paper.NOTES_4, chosen)

st.download_button(
    "Download as CSV",
    tables.to_csv(measured),
    file_name=f"results-{scene.name}.csv",
    mime="text/csv",
)
st.caption(
    "The file holds the paper's rows and every measured run of this scene with its area and split."
)
