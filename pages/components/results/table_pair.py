"""A table of the paper and ours beside it, with captions and footnotes."""

from collections.abc import Callable, Sequence

import streamlit as st

from core import paper
from core.language.translation import tr
from core.manuscript import table_notes as said
from core.runs import tables
from core.runs.store import Run
from core.runs.tables import Gain, Row
from core.scene.store import Scene
from pages.components.results import metric_table, table_notes

# Ours has a column more.
WIDTHS = (7, 8)


def models(scene: Scene, newest: dict[tuple[str, str], Run]) -> None:
    """Table 3: the four models on RS-DR (on RS without deformation), and what CBAM adds."""
    on = tables.dataset_of(scene, newest)
    runs = [run for (_, dataset), run in newest.items() if dataset == on]
    st.subheader(tr(f"Table 3. The four models on {on.upper()}"), anchor=False)
    if on == "rs":
        st.caption(tr(f"Scene '{scene.name}' has no deformation rate: RS, the paper's RS-DR."))
    rows = tables.paper_models(), tables.our_models(newest, on)
    _pair(3, *rows, scene, runs, tables.attention_gain, "Over FC_DenseNet")
    table_notes.show(paper.NOTES_3, runs)


def datasets(scene: Scene, newest: dict[tuple[str, str], Run]) -> None:
    """Table 4: one model on RS and RS-DR, and the gain; nothing where there is no RS-DR."""
    if tables.dataset_of(scene, newest) == "rs":
        return
    runs = [run for (model, _), run in newest.items() if model == paper.TABLE_4_MODEL]
    st.subheader(tr("Table 4. FCADenseNet without and with the deformation rate"), anchor=False)
    rows = tables.paper_datasets(), tables.our_datasets(newest)
    _pair(4, *rows, scene, runs, tables.gain, "Gain")
    table_notes.show(paper.NOTES_4, runs)


def _pair(
    number: int,
    theirs: Sequence[Row],
    ours: Sequence[Row],
    scene: Scene,
    runs: Sequence[Run],
    gain: Callable[[Sequence[Row]], Gain | None],
    gained: str,
) -> None:
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        caption = f"Paper, table {number}: {paper.AREA_WORDS}."
        key = f"paper-{number}"
        metric_table.show(key, theirs, tables.PRINTED, caption, gain(theirs), gained)
    with right:
        caption = said.caption(scene, runs)
        key, metrics = f"ours-{number}", tuple(tables.METRICS)
        metric_table.show(key, ours, metrics, caption, gain(ours), gained)
