"""Decide otherwise than a file says: no-data value, unit, scale, sign, place, resampling, fill."""

from collections.abc import Iterable

import streamlit as st

from core.factors import DEFORMATION
from core.language.translation import in_words, tr
from core.scene.files import guard
from core.scene.files.guess import INVENTORY
from core.scene.plan import report_table, units
from core.scene.plan.assignment import Assignment, keys
from core.scene.plan.override import OPTIONS
from core.scene.plan.request import ImportRequest
from pages.components import field, plain
from pages.components.field import PERSIST
from pages.components.scene import decisions, import_check


def show(assignments: list[Assignment]) -> None:
    """Draw the decisions about one file at a time, and those that were taken."""
    files = keys(assignments)
    with st.expander(tr("Decide otherwise, file by file"), key="import_decide"):
        if not files:
            return
        item = st.selectbox(
            tr("File"),
            list(files.values()),
            format_func=in_words(lambda a: f"{report_table.title_of(a.factor)}: {a.row.name}"),
            key="decide_file",
        )
        _fields(item)
        st.caption(
            tr(
                "An empty field leaves it to the file. The report below follows at once; "
                "resampling and what gaps become hold for all files of a factor."
            )
        )
    if problem := decisions.problem():
        st.error(plain.sentence(problem))
    import_check.undoable(assignments)


def _fields(item: Assignment) -> None:
    if item.row.kind == "stack":
        st.caption(
            tr("What is to be decided of interferograms stands under 'How the rate is made'.")
        )
        _choice(item, "sign")
        return
    raster, measured = item.row.kind == "raster", item.row.kind != "vector"
    one, two, three, four = st.columns(4)
    with one:
        if measured:
            _text(item, "nodata")
        _text(item, "crs")
        _text(item, "shift")
        if not raster:
            _text(item, "encoding")
    with two:
        if measured and item.factor in units.KNOWN:
            _choice(item, "unit", units.KNOWN[item.factor])
        if item.factor == DEFORMATION:
            _choice(item, "sign")
    with three:
        if raster and item.use == INVENTORY:
            _text(item, "landslide_value")
        if raster and item.use != INVENTORY:
            asked = field.words(field.of(ImportRequest, "continuous"))
            st.checkbox(key=f"measured:{item.row.key}", **asked, **PERSIST)
        if measured and item.factor != INVENTORY:
            _text(item, "scale")
        if guard.is_points(item.source.leaf):
            _text(item, "columns")
        if item.use == INVENTORY and item.row.kind == "points":
            _text(item, "point_radius")
    with four:
        if item.kernels:
            _choice(item, "kernel", item.kernels)
        if item.factor not in (DEFORMATION, INVENTORY):
            _text(item, "fill")


def _text(item: Assignment, option: str) -> None:
    whom, key = _key(item, option)
    st.text_input(
        value=decisions.about(whom).given().get(option, ""),
        key=key,
        placeholder=tr(OPTIONS[option].hint),
        **field.words(OPTIONS[option]),
        on_change=_changed,
        args=(whom, option, key),
    )


def _choice(item: Assignment, option: str, known: Iterable[str] = ()) -> None:
    """`known`: what is possible for this file, where that is not always the same."""
    asked = OPTIONS[option]
    words = {each: each for each in known} or asked.choices
    whom, key = _key(item, option)
    chosen = decisions.about(whom).given().get(option)
    st.selectbox(
        options=list(words),
        index=list(words).index(chosen) if chosen in words else None,
        format_func=in_words(words.get),
        key=key,
        placeholder=tr(asked.hint),
        **field.words(asked),
        on_change=_changed,
        args=(whom, option, key),
    )


def _key(item: Assignment, option: str) -> tuple[str, str]:
    whom = decisions.owner(option, item.row.key, item.factor)
    return whom, f"decide:{option}:{whom}"


def _changed(whom: str, option: str, key: str) -> None:
    decisions.put(whom, option, st.session_state[key] or "")
