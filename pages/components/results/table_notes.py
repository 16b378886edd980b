"""Footnotes below a table of metrics."""

from collections.abc import Sequence

import streamlit as st

from core.language.translation import tr
from core.manuscript import table_notes
from core.runs.store import Run
from pages.components import plain


def show(notes: Sequence[str], runs: Sequence[Run]) -> None:
    """Draw the footnotes, ours after the paper's."""
    lines = enumerate(table_notes.notes(notes, runs), start=1)
    st.caption(tr("\n".join(f"{number}. {plain.sentence(line)}" for number, line in lines)))
