"""Results: the paper's tables beside ours, figures, the paired experiment, and the export."""

from collections.abc import Sequence

import streamlit as st

from core.experiments import store as experiments
from core.export import store as exports
from core.language.translation import tr
from core.learning.scores import evaluation
from core.runs import store as runs
from core.runs import tables
from core.runs.store import Run
from core.scene.store import Scene
from core.workflows import damaged as broken
from pages.components import address, damaged, pick
from pages.components.results import (
    collinearity_pair,
    confusion,
    cost_table,
    experiment_panel,
    export_panel,
    figure_panel,
    methods_panel,
    metric_chart,
    reviewers_panel,
    run_overlay,
    split_tables,
    table_files,
    table_pair,
)

TABS = TABLES, FIGURES, REVIEW, EXPERIMENT, EXPORT = (
    "Tables",
    "Figures and cost",
    "For reviewers",
    "Experiment",
    "Export",
)
TAB = "results_tab"


def main() -> None:
    st.title(tr("Results"), anchor=False)
    scene = pick.scene()
    if scene is None:
        return
    every = runs.runs(scene.name)
    evaluation.completed(every)
    measured = [run for run in every if run.metrics()]
    if not measured:
        st.info(
            tr(
                f"Scene '{scene.name}' has no measured run yet: our columns fill when a training "
                "ends. Until then the paper's figures stand alone."
            )
        )
        st.page_link("pages/training.py", label=tr(":primary[Train a network]"))
    asked, place = address.tabs("tab", TAB, TABS, TABLES)
    # What nobody looks at is not drawn.
    with place:
        if asked == TABLES:
            _tables(scene, measured)
        elif asked == FIGURES:
            _figures(scene, every, measured)
        elif asked == REVIEW:
            reviewers_panel.show(scene, measured)
        elif asked == EXPERIMENT:
            experiment_panel.show(scene)
            damaged.show(experiments.listing().damaged)
        else:
            export_panel.show(scene)
            damaged.show(exports.listing(scene).damaged)
            figure_panel.show(scene)
            methods_panel.show(scene)
    if measured and asked != EXPORT:
        _next(scene)


def _tables(scene: Scene, measured: Sequence[Run]) -> None:
    newest = tables.newest(measured)
    table_pair.models(scene, newest)
    table_pair.datasets(scene, newest)
    split_tables.gaps(measured)
    split_tables.folds(measured)
    split_tables.joined(measured)
    split_tables.brought(measured)
    st.download_button(
        tr("Download as CSV"),
        tables.to_csv(measured),
        file_name=f"results-{scene.name}.csv",
        mime="text/csv",
        on_click="ignore",
    )
    st.caption(
        tr(
            "The file holds the paper's rows and every measured run of this scene with its area "
            "and split."
        )
    )
    collinearity_pair.show(scene)
    table_files.show(scene)
    damaged.show(runs.listing().damaged, broken.delete)


def _figures(scene: Scene, every: Sequence[Run], measured: Sequence[Run]) -> None:
    newest = tables.newest(measured)
    shown = tables.in_order(newest)
    metric_chart.show(scene, newest)
    if shown:
        confusion.show(scene, shown)
        cost_table.show(scene, shown)
    run_overlay.show(every, first=shown)


def _next(scene: Scene) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(tr("Next"), width="content")
        query = {"scene": scene.name, "tab": address.word(EXPORT)}
        st.page_link("pages/results.py", label=tr(":primary[Export the map]"), query_params=query)


main()
