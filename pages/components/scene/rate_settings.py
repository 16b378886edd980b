"""How a rate is made of interferograms: every step of the chain as a widget of its option."""

from typing import Any

import streamlit as st

from core.errors import SlideScopeError
from core.request import Option, options
from core.scene.plan.request import ImportRequest

PERSIST = {"persist_state": "session"}
GROUPS = {
    "Pairs": ("max_days", "drop", "wavelength"),
    "Inversion": ("cycles", "weights", "gaps", "series"),
    "Datum": ("reference_pixel", "datum", "height_delay", "ramp", "annual"),
    "What is kept": ("min_temporal_coherence", "min_pairs", "max_rate_error", "islands"),
}
MASK = GROUPS["What is kept"]


def show() -> dict[str, Any]:
    """Draw the options, folded; return the values that the request takes."""
    found = {}
    known = options(ImportRequest)
    with st.expander("How the rate is made", key="rate_settings"):
        for column, (title, names) in zip(st.columns(4, gap="medium"), GROUPS.items()):
            with column:
                st.markdown(f"**{title}**")
                found |= {name: widget(known[name]) for name in names}
    return found


def widget(each: Option, start: Any = None, key: str = "rate") -> Any:
    """Draw one option, beginning with `start` or its default, and return its value."""
    start = each.default if start is None else start
    about = {"help": f"{each.words[0].upper()}{each.words[1:]}.", "key": f"{key}_{each.name}"}
    unit = f", {each.unit}" if each.unit and each.unit not in each.title else ""
    label = f"{each.title}{unit}"
    if each.choices:
        known = list(each.choices)
        return st.selectbox(
            label, known, known.index(start), format_func=each.choices.get, **about, **PERSIST
        )
    if each.kind is bool:
        return st.checkbox(label, start, **about, **PERSIST)
    if each.whole:
        return _text(each, label, about)
    return _number(each, label, start, about)


def _text(each: Option, label: str, about: dict[str, Any]) -> Any:
    text = st.text_input(label, "", placeholder=each.metavar, **about, **PERSIST)
    if not text.strip() or each.read is None:
        return each.default
    try:
        return each.read(text)
    except SlideScopeError as error:
        st.error(str(error))
        return each.default


def _number(each: Option, label: str, start: Any, about: dict[str, Any]) -> float | None:
    bounds = {"min_value": each.least, "max_value": each.most}
    bounds = {name: each.kind(bound) for name, bound in bounds.items() if bound is not None}
    return st.number_input(
        label,
        value=start,
        step=each.step,
        format="%g" if each.kind is float else "%d",
        placeholder="none" if each.name != "wavelength" else "as found",
        **bounds,
        **about,
        **PERSIST,
    )
