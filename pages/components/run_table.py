"""The table of runs; selecting rows chooses what is shown below it."""

from collections.abc import Sequence

import streamlit as st

from core.jobs import words
from core.runs import summary
from core.runs.store import Run

COLUMNS = {
    "model": "Model",
    "dataset": "Dataset",
    "scene": "Scene",
    "preset": "Preset",
    "split": "Split",
    "state": "State",
    "f1": st.column_config.NumberColumn(
        "F1", format="%.3f", help="threshold 0.5; measured on: see the last column"
    ),
    "average_precision": st.column_config.NumberColumn(
        "AP", format="%.3f", help="measured on: see the last column"
    ),
    "best_epoch": st.column_config.NumberColumn("Best epoch", format="%d"),
    "duration": "Duration",
    "area": "Measured on",
}


def show(runs: Sequence[Run], first: str | None = None) -> list[Run]:
    """Draw the table and return the selected runs.

    At first the run that `?run=` names is selected, else `first`; a single selection is written
    there.
    """
    if not runs:
        return []
    st.subheader("Runs", anchor=False)
    st.caption("Select one to look at it, two or more to lay their curves over each other.")
    ids = [run.id for run in runs]
    chosen = next((i for i in (st.query_params.get("run"), first) if i in ids), None)
    event = st.dataframe(
        [_row(run) for run in runs],
        hide_index=True,
        column_order=list(COLUMNS),
        column_config=COLUMNS,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(chosen)]}} if chosen else None,
        placeholder="–",
        # Other runs are another table: row numbers must not outlive it.
        key=f"runs-{first}-{'-'.join(run_id[-4:] for run_id in ids)}",
    )
    selected = [runs[number] for number in event.selection.rows]
    if len(selected) == 1:
        st.query_params["run"] = selected[0].id
    return selected


def _row(run: Run) -> dict:
    row = summary.row(run)
    seconds = row.pop("seconds")
    return {**row, "duration": words.duration(seconds) if seconds is not None else "–"}
