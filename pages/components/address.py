"""What is open on a page stands in its address: a view, a tab, a drawer.

So a link opens it again, and "Back" leads to what was open before. The widget follows the address:
`follow` stands before it, `noted` is its `on_change`. The steps of "Back" are made in the browser
(pages/assets/steps.js): an address that a page completes by itself is no step of its own.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.language.translation import tr

STEPS = Path(__file__).resolve().parents[1] / "assets" / "steps.js"
_LAST = "address_last"


def word(label: str) -> str:
    """A label as it stands in an address.

    >>> word("Figures and cost"), word("Tables")
    ('figures-and-cost', 'tables')
    """
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def script() -> str:
    """What makes one step of "Back" out of what is one step for people."""
    return STEPS.read_text(encoding="utf-8")


def follow(
    name: str, key: str, offered: Sequence[str], first: str | None, stays: bool = True
) -> Any:
    """Give the widget `key` the one of `offered` that the address calls `name`, and return it.

    Where the address says nothing, it is what was open last (with `stays`), else `first`; None is
    nothing. The address says it from then on.
    """
    asked = st.query_params.get(name)
    known = {word(each): each for each in offered}
    last = st.session_state.get(_LAST, {}).get(key, first) if stays else None
    found = known.get(word(asked)) if asked else last
    if found not in offered:
        found = first
    st.session_state[key] = found
    _write(name, key, found)
    return found


def noted(name: str, key: str) -> None:
    """The widget was used: its choice goes into the address."""
    _write(name, key, st.session_state[key])


def tabs(name: str, key: str, offered: Sequence[str], first: str) -> tuple[str, Any]:
    """Draw tabs that the address follows; return the open one and its place, in the reader's
    language: a tab is known by its label alone."""
    asked = follow(name, key, offered, first)
    labels = {tr(each): each for each in offered}
    st.session_state[key] = tr(asked)

    def turned() -> None:
        _write(name, key, labels.get(st.session_state[key], asked))

    places = st.tabs(list(labels), key=key, on_change=turned)
    return asked, places[offered.index(asked)]


def go(name: str, key: str, label: str | None) -> None:
    """Open `label` from elsewhere on the page, before the widget is drawn."""
    _write(name, key, label)


def _write(name: str, key: str, label: str | None) -> None:
    st.session_state[_LAST] = {**st.session_state.get(_LAST, {}), key: label}
    if label is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != word(label):
        st.query_params[name] = word(label)
