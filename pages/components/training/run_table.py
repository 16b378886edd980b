"""The table of runs; selecting rows chooses what is shown below it."""

from collections.abc import Sequence
from typing import Any
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
NAMED = "name"
# What core says in words; the rest are names and numbers.
WORDS = ("pinned", "scene", "preset", "split", "state", "area")


def columns() -> dict[str, Any]:
    """The columns in the reader's language."""
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    chosen = "The epoch that is kept, and the validation measure that chose it."
    sure = "90 % interval of F1, bootstrap over the blocks it was measured on"
    at = f"at the threshold kept with the run, else 0.5; {ON}"
    return {
        "pinned": text(tr("Pin"), width=60),
        NAMED: text(tr("Name"), width=130),
        "model": tr("Model"),
        "dataset": tr("Dataset"),
        "scene": tr("Scene"),
        "preset": tr("Preset"),
        "split": tr("Split"),
        # The whole reason of a failure stands in the run's card.
        "state": text(tr("State"), width=130),
        "f1": number("F1", format="%.3f", help=tr(at)),
        "sure": text("90 %", width=90, help=tr(sure)),
        "average_precision": number("AP", format="%.3f", help=tr(ON)),
        "best": text(tr("Best epoch"), help=tr(chosen)),
        "note": text(tr("Note"), width=170),
        "duration": tr("Duration"),
        "area": tr("Measured on"),
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
        column_order=[key for key in columns() if named or key != NAMED],
        column_config=columns(),
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
    told = {key: tr(value) for key, value in row.items() if key in WORDS and value}
    return {
        **row,
        **told,
        "sure": interval(sure) if sure else None,
        "best": f"{best.epoch} ({tr(CHOSEN_BY[best.monitor])})" if best else None,
        "duration": tr(words.duration(seconds)) if seconds is not None else "–",
    }
