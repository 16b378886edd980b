"""The table of runs; selecting rows chooses what is shown below it."""

from collections.abc import Sequence
from zlib import crc32

import streamlit as st

from core.jobs import words
from core.language.translation import tr
from core.numerals import interval
from core.runs import summary
from core.runs.store import Run
from pages.components.training import run_filter

CHOSEN_BY = {"val_loss": "loss", "val_iou": "IoU", "val_ap": "AP", "last": "last"}
_NOTED, _TURN = "runs_noted", "runs_turn"
ON = "the last column says on what it was measured"
COLUMNS = {
    "pinned": st.column_config.TextColumn(tr("Pin"), width=60),
    "name": st.column_config.TextColumn(tr("Name"), width=130),
    "model": "Model",
    "dataset": "Dataset",
    "scene": "Scene",
    "preset": "Preset",
    "split": "Split",
    # The whole reason of a failure stands in the run's card.
    "state": st.column_config.TextColumn(tr("State"), width=130),
    "f1": st.column_config.NumberColumn(
        "F1", format="%.3f", help=tr(f"at the threshold kept with the run, else 0.5; {ON}")
    ),
    "sure": st.column_config.TextColumn(
        "90 %",
        width=90,
        help=tr("90 % interval of F1, bootstrap over the blocks it was measured on"),
    ),
    "average_precision": st.column_config.NumberColumn(tr("AP"), format="%.3f", help=tr(ON)),
    "best": st.column_config.TextColumn(
        tr("Best epoch"),
        help=tr("The epoch that is kept, and the validation measure that chose it."),
    ),
    "note": st.column_config.TextColumn(tr("Note"), width=170),
    "duration": "Duration",
    "area": "Measured on",
}


def show(runs: Sequence[Run], first: str | None = None) -> list[Run]:
    """Draw filter and table; return the selected runs.

    At first the run that `?run=` names is selected, else `first`; a single selection is written
    there.
    """
    if not runs:
        return []
    st.subheader(tr("Runs"), anchor=False)
    shown = summary.listed(runs, run_filter.show(runs))
    if not shown:
        st.info(tr(f"None of the {len(runs)} runs is like that: ask for less above."))
        return []
    selected = _table(shown, first)
    if len(selected) == 1:
        st.query_params["run"] = st.session_state[_NOTED] = selected[0].id
    return selected


def _table(runs: Sequence[Run], first: str | None) -> list[Run]:
    st.caption(tr("Select one to look at it, two or more to lay their curves over each other."))
    named = any(run.name for run in runs)
    ids = [run.id for run in runs]
    chosen = next((i for i in (st.query_params.get("run"), first) if i in ids), None)
    if "run" in st.query_params and st.query_params["run"] != st.session_state.get(_NOTED):
        # "Back", or a link: a table of its own, whose first selection is the address's.
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    turn = st.session_state.get(_TURN, 0)
    event = st.dataframe(
        [_row(run) for run in runs],
        hide_index=True,
        column_order=[key for key in COLUMNS if named or key != "name"],
        column_config=COLUMNS,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(chosen)]}} if chosen else None,
        placeholder="–",
        # Other runs are another table: row numbers must not outlive it.
        key=f"runs-{first}-{named:d}-{crc32(' '.join(ids).encode()):08x}-{turn}",
    )
    return [runs[number] for number in event.selection.rows]


def _row(run: Run) -> dict:
    row, best = summary.row(run), summary.best(run)
    seconds, sure = row.pop("seconds"), row.pop("f1_interval")
    return {
        **row,
        "sure": interval(sure) if sure else None,
        "best": f"{best.epoch} ({CHOSEN_BY[best.monitor]})" if best else None,
        "duration": words.duration(seconds) if seconds is not None else "–",
    }
