"""A widget for one option of a request: label, unit, bounds, help and hint are those of the option
(`core.request`), so that an option that is new or called otherwise touches no page.

`show` draws the usual widget. Where a page needs another one, or has values of its own to choose
from, it takes `words` and `bounds` for it.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import SlideScopeError
from core.language import reader
from core.language.translation import in_words, tr
from core.request import Option, options
from pages.components import plain

PERSIST: dict[str, Any] = {"persist_state": "session"}
YES_NO = {True: "yes", False: "no"}


def of(request: type, name: str) -> Option:
    """The option of that name; `request` is any class that has options."""
    return options(request)[name]


def label(each: Option) -> str:
    """
    >>> label(Option("", title="Largest error", unit="mm/yr"))
    'Largest error, mm/yr'
    >>> label(Option("", title="Batch, tiles", paper="8"))
    'Batch, tiles :gray[paper: 8]'
    """
    # A title that names its unit has a word for it.
    unit = f", {each.unit}" if each.unit and "," not in each.title else ""
    paper = tr(f" :gray[paper: {each.paper}]") if each.paper else ""
    return f"{tr(each.title)}{unit}{paper}"


def words(each: Option) -> dict[str, Any]:
    """Label and help, as every widget takes them."""
    return {"label": label(each), "help": tr(each.help)}


def bounds(each: Option, most: float | None = None) -> dict[str, Any]:
    """Ends and step of a number; `most` where the data allow less than the option."""
    most = each.most if most is None else most
    known = {"min_value": each.least, "max_value": most, "step": each.step}
    return {name: each.kind(value) for name, value in known.items() if value is not None}


def show(
    each: Option,
    key: str,
    start: Any = None,
    left_to: str = "",
    most: float | None = None,
    where: Any = st,
    **more: Any,
) -> Any:
    """Draw the option and return its value, beginning with `start` or its default.

    With `left_to` it begins undecided, which is None, and that says what it is then.
    """
    start = None if left_to else each.default if start is None else start
    about = {**words(each), "key": key, **PERSIST, **more}
    if each.choices or (each.kind is bool and left_to):
        return _choice(each.choices or YES_NO, start, left_to, where, about)
    if each.kind is bool:
        return where.checkbox(value=start, **about)
    if each.kind in (int, float) and not each.read:
        hint = left_to or each.hint or "none"
        about = {"format": "%g" if each.kind is float else "%d", **about}
        return where.number_input(value=start, placeholder=tr(hint), **bounds(each, most), **about)
    return _text(each, start, where, about)


def language(each: Option, key: str, **more: Any) -> str:
    """The language of what is written, at first the reader's; one that reads another from now on
    finds that one."""
    reads = reader.current()
    return show(each, key if reads == reader.ENGLISH else f"{key}-{reads}", reads, **more)


def _choice(
    choices: Mapping[Any, str], start: Any, left_to: str, where: Any, about: dict[str, Any]
) -> Any:
    named = {None: left_to, **choices} if left_to else choices
    known = list(named)
    first = known.index(start) if start in known else 0
    return where.selectbox(options=known, index=first, format_func=in_words(named.get), **about)


def _text(each: Option, start: Any, where: Any, about: dict[str, Any]) -> Any:
    """What is written, read as the command line reads it; nothing is the default, what makes no
    sense is said in place."""
    begun = start if isinstance(start, str) else ""
    text = where.text_input(
        value=begun, placeholder=tr(each.hint or each.metavar or ""), **about
    ).strip()
    if not text:
        return each.default
    try:
        return each.read(text) if each.read else text
    except SlideScopeError as error:
        st.error(plain.sentence(str(error)))
        return each.default
