"""Decide otherwise than a file says: no-data value, unit, scale, sign, place, resampling, fill."""

import streamlit as st

from core.factors import DEFORMATION
from core.scene.files import guard
from core.scene.files.guess import INVENTORY
from core.scene.plan import report_table, units
from core.scene.plan.assignment import Assignment, keys
from pages.components.scene import decisions, import_check

SIGNS = {"towards": "towards the satellite", "away": "away from the satellite"}


def show(assignments: list[Assignment]) -> None:
    """Draw the decisions about one file at a time, and those that were taken."""
    files = keys(assignments)
    with st.expander("Decide otherwise, file by file", key="import_decide"):
        if not files:
            return
        item = st.selectbox(
            "File",
            list(files.values()),
            format_func=lambda a: f"{report_table.title_of(a.factor)}: {a.row.name}",
            key="decide_file",
        )
        _fields(item)
        st.caption(
            "An empty field leaves it to the file. The report below follows at once; resampling "
            "and what gaps become hold for all files of a factor."
        )
    if decisions.problem():
        st.error(decisions.problem())
    import_check.undoable(assignments)


def _fields(item: Assignment) -> None:
    if item.row.kind == "stack":
        st.caption("What is to be decided of interferograms stands under 'How the rate is made'.")
        _choice(item, "sign", "A positive rate means", SIGNS)
        return
    raster, measured = item.row.kind == "raster", item.row.kind != "vector"
    one, two, three, four = st.columns(4)
    with one:
        if measured:
            _text(item, "nodata", "No-data value", "a number, or none: every value counts")
        _text(item, "crs", "Reference system", "EPSG:32643")
        _text(item, "shift", "Moved by, m", "east, north; or dx, dy, dz")
        if not raster:
            _text(item, "encoding", "Encoding of its text", "gbk")
    with two:
        if measured and item.factor in units.KNOWN:
            _choice(item, "unit", "Unit of the file", {u: u for u in units.KNOWN[item.factor]})
        if item.factor == DEFORMATION:
            _choice(item, "sign", "A positive rate means", SIGNS)
    with three:
        if raster and item.use == INVENTORY:
            _text(item, "landslide_value", "Landslide is", "1, or any: every value but 0")
        if raster and item.use != INVENTORY:
            st.checkbox(
                "Measured",
                key=f"measured:{item.row.key}",
                help="Measurements, even where name or values look like classes.",
                persist_state="session",
            )
        if measured and item.factor != INVENTORY:
            _text(item, "scale", "Scale, offset", "0.1, -5")
        if guard.is_points(item.source.leaf):
            _text(item, "columns", "Columns", "lon=POINT_X,lat=POINT_Y,rate=v")
        if item.use == INVENTORY and item.row.kind == "points":
            _text(item, "point_radius", "Radius of its points, m", "30")
    with four:
        if item.kernels:
            _choice(item, "kernel", "Resampling", {k: k for k in item.kernels})
        if item.factor not in (DEFORMATION, INVENTORY):
            _text(item, "fill", "Gaps become", "they stay no data")


def _text(item: Assignment, option: str, label: str, hint: str) -> None:
    whom, key = _key(item, option)
    st.text_input(
        label,
        decisions.about(whom).given().get(option, ""),
        key=key,
        placeholder=hint,
        on_change=_changed,
        args=(whom, option, key),
    )


def _choice(item: Assignment, option: str, label: str, words: dict[str, str]) -> None:
    whom, key = _key(item, option)
    chosen = decisions.about(whom).given().get(option)
    st.selectbox(
        label,
        list(words),
        index=list(words).index(chosen) if chosen in words else None,
        format_func=words.get,
        key=key,
        placeholder="as usual" if option == "kernel" else "as found",
        on_change=_changed,
        args=(whom, option, key),
    )


def _key(item: Assignment, option: str) -> tuple[str, str]:
    whom = decisions.owner(option, item.row.key, item.factor)
    return whom, f"decide:{option}:{whom}"


def _changed(whom: str, option: str, key: str) -> None:
    decisions.put(whom, option, st.session_state[key] or "")
