"""Which runs the table shows: one row of choices, only among what there is."""

from collections.abc import Sequence

import streamlit as st

from core.jobs.words import STATES
from core.language.translation import in_words, tr
from core.request import options
from core.runs.config import MODEL_TITLES
from core.runs.store import Run
from core.runs.summary import Filter
from core.workflows.requests import RunsRequest
from pages.components import field

_ASKED = options(RunsRequest)
# Fewer can be seen at a glance.
WORTH_IT = 2


def show(runs: Sequence[Run]) -> Filter:
    """Draw the filter; an empty one where there is nothing to choose."""
    if len(runs) < WORTH_IT:
        return Filter()
    columns = st.columns([3, 2, 2, 2, 2])
    text = columns[0].text_input(
        field.label(_ASKED["text"]),
        placeholder=tr(_ASKED["text"].hint),
        key="runs-text",
        label_visibility="collapsed",
    )
    choices = {
        "scene": ("Every scene", {name: name for run in runs for name in run.scenes}),
        "model": ("Every model", {run.config.model: run.config.model_title for run in runs}),
        "dataset": ("Both datasets", {r.config.dataset: r.config.dataset.upper() for r in runs}),
        "state": ("Every state", {run.state: STATES[run.state].capitalize() for run in runs}),
    }
    chosen = {
        name: _choice(column, name, every, _in_order(words))
        for column, (name, (every, words)) in zip(columns[1:], choices.items())
    }
    return Filter(text=text, **chosen)


def _choice(column, name: str, every: str, words: dict[str, str]) -> str | None:
    # None among the options would give the box a cross to clear it.
    chosen = column.selectbox(
        field.label(_ASKED[name]),
        ["", *words],
        format_func=in_words(lambda value: words.get(value, value) or every),
        key=f"runs-{name}",
        label_visibility="collapsed",
    )
    return chosen or None


def _in_order(words: dict[str, str]) -> dict[str, str]:
    """
    >>> list(_in_order({"unet": "U-Net", "fcn": "FCN"}))
    ['fcn', 'unet']
    """
    known = [*MODEL_TITLES, *STATES]
    return dict(sorted(words.items(), key=lambda i: (i[0] in known and known.index(i[0]), i[0])))
