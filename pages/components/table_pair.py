"""A table of the paper and ours beside it, with captions and footnotes."""

from collections.abc import Sequence

import streamlit as st

from core import paper
from core.runs import tables
from core.runs.store import Run
from core.runs.tables import Row
from core.scene.store import Scene
from pages.components import metric_table, table_notes

# Ours has a column more.
WIDTHS = (7, 8)


def models(scene: Scene, newest: dict[tuple[str, str], Run]) -> None:
    """Table 3: the four models on RS-DR."""
    runs = [run for (_, dataset), run in newest.items() if dataset == "rs-dr"]
    st.subheader("Table 3. The four models on RS-DR", anchor=False)
    _pair(3, tables.paper_models(), tables.our_models(newest), scene, runs)
    table_notes.show(paper.NOTES_3, runs)


def datasets(scene: Scene, newest: dict[tuple[str, str], Run]) -> None:
    """Table 4: one model on RS and RS-DR, and the gain."""
    runs = [run for (model, _), run in newest.items() if model == paper.TABLE_4_MODEL]
    st.subheader("Table 4. FCADenseNet without and with the deformation rate", anchor=False)
    _pair(4, tables.paper_datasets(), tables.our_datasets(newest), scene, runs, with_gain=True)
    table_notes.show(paper.NOTES_4, runs)


def _pair(
    number: int,
    theirs: Sequence[Row],
    ours: Sequence[Row],
    scene: Scene,
    runs: Sequence[Run],
    with_gain: bool = False,
) -> None:
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        caption = f"Paper, table {number}: {paper.AREA_WORDS}."
        gain = tables.gain(theirs) if with_gain else None
        metric_table.show(f"paper-{number}", theirs, tables.PRINTED, caption, gain)
    with right:
        gain = tables.gain(ours) if with_gain else None
        caption = table_notes.caption(scene, runs)
        metric_table.show(f"ours-{number}", ours, tuple(tables.METRICS), caption, gain)
