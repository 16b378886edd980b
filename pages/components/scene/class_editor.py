"""Names and colours of a categorical factor's classes: a table to edit, or a file to take them
from."""

import streamlit as st

from core import access
from core.errors import SlideScopeError
from core.language.translation import in_words, tr
from core.maps import layers
from core.scene import class_looks
from core.scene.files import class_table
from core.scene.store import Scene
from pages.components import plain

SAID = "classes_said"


def show(scene: Scene) -> None:
    """Draw nothing where the scene has no classes to name."""
    found = [item for item in scene.factors if item.kind == "categorical" and item.legend]
    if not found or not access.may():
        return
    with st.expander(tr("Names and colours of classes")):
        titles = {item.name: item.known.title for item in found}
        name = st.selectbox(
            tr("Factor"),
            list(titles),
            format_func=in_words(titles.get),
            key="classes-of",
            width=260,
        )
        if name:
            _edit(scene, name)
            _take(scene, name)
        if said := st.session_state.pop(SAID, None):
            st.success(tr(said))


def _edit(scene: Scene, name: str) -> None:
    item = scene.factor(name)
    rows = [
        {"code": code, "name": item.called[code], "colour": colour}
        for code, colour in layers.class_colours(scene, name).items()
    ]
    columns = {
        "code": st.column_config.TextColumn(tr("Code"), disabled=True, width=80),
        "name": st.column_config.TextColumn(tr("Name"), max_chars=class_table.LONGEST, width=260),
        "colour": st.column_config.TextColumn(
            tr("Colour"), max_chars=7, width=110, help=tr("# and six digits, such as #a34a28")
        ),
    }
    # Of this import: what was typed over the classes of one before is not laid over these.
    key = f"classes-{scene.name}-{scene.created}-{name}"
    edited = st.data_editor(rows, column_config=columns, hide_index=True, width=500, key=key)
    if st.button(tr("Keep"), disabled=edited == rows, key="classes-keep"):
        was = {row["code"]: row["colour"] for row in rows}
        own = item.colours or {}
        names = {row["code"]: row["name"] or "" for row in edited}
        # A colour nobody touched stays the palette's.
        shades = {
            row["code"]: row["colour"] or ""
            for row in edited
            if row["code"] in own or (row["colour"] or "") != was[row["code"]]
        }
        class_looks.keep(scene, name, names, shades)
        _done()


def _take(scene: Scene, name: str) -> None:
    endings = [ending.removeprefix(".") for ending in class_table.ENDINGS]
    given = st.file_uploader(
        tr("or take them from a file: CSV (value, name, colour), .qml, .clr, .vat.dbf, .aux.xml"),
        endings,
        max_upload_size=class_table.LARGEST >> 20,
        key=f"classes-file-{scene.name}-{scene.created}-{name}",
    )
    if given is None or not st.button(tr("Take from the file"), key="classes-take"):
        return
    try:
        class_table.check_size(given.name, given.size)
        class_looks.take(scene, name, class_table.parsed(given.name, given.getvalue()))
    except SlideScopeError as error:
        st.error(plain.sentence(str(error)))
        return
    _done()


def _done() -> None:
    st.session_state[SAID] = "Kept: map, cards, tables and reports say it so from now on."
    st.rerun()
