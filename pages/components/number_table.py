"""Tables of numbers: shown as `core.numerals` writes them, sorted and copied as numbers."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.language.translation import tr
from core.numerals import NONE, written

# Values and how they are written (`core.numerals.written`), None of what is no number.
Column = tuple[Sequence[Any], str | None]


def show(columns: Mapping[str, Column], **more: Any) -> Any:
    """Draw `columns` {title: column} as a table; `more` is of `st.dataframe`, whose answer is
    returned."""
    frame = pd.DataFrame({tr(title): _told(values) for title, (values, _) in columns.items()})
    forms = {tr(title): partial(written, form=form) for title, (_, form) in columns.items() if form}
    return st.dataframe(frame.style.format(forms, na_rep=NONE), hide_index=True, **more)


def _told(values: Sequence[Any]) -> list[Any]:
    """Words in the reader's language, numbers as they are."""
    return [tr(value) if isinstance(value, str) else value for value in values]
