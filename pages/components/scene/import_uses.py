"""Step 2 of the import: what each file and band is."""

from pathlib import Path

import streamlit as st

from core import paths
from core.errors import SlideScopeError
from core.factors import factor
from core.language.translation import in_words, tr
from core.scene.files import uploads
from core.scene.files.guess import INVENTORY
from core.scene.plan import assignment
from core.scene.plan.request import ImportRequest
from pages.components import field, plain
from pages.components.field import PERSIST
from pages.components.language import Later
from pages.components.scene import decisions, import_files

WORDS = {
    assignment.LEAVE_OUT: "Leave out",
    INVENTORY: "Landslide inventory",
    assignment.MARKS: "Landslide points, for statistics",
    assignment.AWAY: "Distance to its features",
    assignment.OTHER: "Another factor",
}


def show(chosen: list[str]) -> list[assignment.Assignment]:
    """Draw a line for every band; return what the user settled."""
    found = []
    for path in chosen:
        try:
            rows = _rows(path, Path(path).stat().st_mtime_ns)
        except (SlideScopeError, FileNotFoundError) as error:
            _broken(path, error)
            continue
        listed = [each for row in rows for each in (_of_many(row) if row.many else [row])]
        found += [_line(row, first=n == 0 and row == rows[0]) for n, row in enumerate(listed)]
    return found


def _of_many(row: uploads.Row) -> list[uploads.Row]:
    """One line for a file of more bands than can be listed; the rows of those that are chosen."""
    about, use, _, out = _columns()
    about.markdown(f"**{plain.words(row.name)}**  \n:gray[{plain.words(tr(row.facts))}]")
    text = use.text_input(
        tr(f"Bands of {plain.words(row.name)}"),
        key=f"bands:{row.key}",
        placeholder=tr("Bands to use, such as 3, 8"),
        label_visibility="collapsed",
        **PERSIST,
    )
    out.button(
        tr("Remove"),
        key=f"out:{row.key}",
        type="tertiary",
        on_click=import_files.remove,
        args=(row.path,),
    )
    try:
        return uploads.chosen_bands(row, text)
    except SlideScopeError as error:
        st.error(plain.sentence(str(error)))
        return []


@st.cache_data(max_entries=256, show_spinner=Later("Looking at the files"))
def _rows(path: str, written: int) -> list[uploads.Row]:
    """`written` makes the cache forget a file that has changed."""
    return uploads.described(path, paths.data_folders())


def _columns() -> list:
    return st.columns([5, 3, 3, 1.2], vertical_alignment="center")


def _broken(path: str, error: Exception) -> None:
    gone = f"'{Path(path).name}' is gone: upload it again or take it out."
    with st.container():
        told, _, _, out = _columns()
        told.error(plain.sentence(str(error) if isinstance(error, SlideScopeError) else gone))
        out.button(tr("Remove"), key=f"out:{path}", on_click=import_files.remove, args=(path,))


def _line(row: uploads.Row, first: bool) -> assignment.Assignment:
    guessed = assignment.suggested(row)
    about, use, other, out = _columns()
    made_up = " · synthetic" if row.synthetic else ""
    facts = plain.words(tr(row.facts)) + tr(made_up)
    about.markdown(f"**{plain.words(row.name)}**  \n:gray[{facts}]")
    chosen = use.selectbox(
        tr(f"What {plain.words(row.name)} is"),
        assignment.USES,
        index=assignment.USES.index(guessed.use),
        format_func=in_words(_title),
        label_visibility="collapsed",
        key=f"use:{row.key}",
        **PERSIST,
    )
    name, classes = "", False
    if chosen == assignment.AWAY:
        with other:
            name = _far_from(row)
    if chosen == assignment.OTHER:
        with other.container(horizontal=True, vertical_alignment="center"):
            name, classes = _unknown(row, guessed)
    if first:
        out.button(
            tr("Remove"),
            key=f"out:{row.key}",
            type="tertiary",
            on_click=import_files.remove,
            args=(row.path,),
        )
    asked = chosen and chosen != assignment.AWAY and row.fields
    attribute = _attribute(row, chosen, other) if asked else None
    override = decisions.about(row.key)
    measured = bool(st.session_state.get(f"measured:{row.key}"))
    return assignment.Assignment(row, chosen, name, classes, attribute, measured, override)


def _attribute(row: uploads.Row, chosen: str, where) -> str | None:
    """The attribute of the classes, the column of the rate, or the value that the landslides of an
    inventory have; None chooses it by its name."""
    if chosen == INVENTORY and row.choices:
        return where.selectbox(
            tr(f"Landslides of {plain.words(row.name)}"),
            row.choices,
            index=None,
            placeholder=tr("All that are landslides by name"),
            label_visibility="collapsed",
            key=f"landslides:{row.key}",
            **PERSIST,
        )
    if chosen in (INVENTORY, assignment.MARKS) or len(row.fields) < 2:
        return None
    what = "Classes" if row.kind == "vector" else "Rate"
    return where.selectbox(
        tr(f"{what} of {plain.words(row.name)}"),
        row.fields,
        index=None,
        placeholder=tr(f"{what} by: chosen by name"),
        label_visibility="collapsed",
        key=f"attribute:{row.key}",
        **PERSIST,
    )


def _far_from(row: uploads.Row) -> str:
    """What the layer holds, such as faults: the factor is called by it."""
    return st.text_input(
        tr(f"What lies in {plain.words(row.name)}"),
        assignment.name_of(row.path),
        label_visibility="collapsed",
        key=f"away:{row.key}",
        **PERSIST,
    )


def _unknown(row: uploads.Row, guessed: assignment.Assignment) -> tuple[str, bool]:
    name = st.text_input(
        tr(f"Name of the factor in {plain.words(row.name)}"),
        guessed.name,
        label_visibility="collapsed",
        key=f"name:{row.key}",
        **PERSIST,
    )
    if row.band_count == 0:
        return name, True
    asked = field.label(field.of(ImportRequest, "categorical"))
    classes = st.checkbox(tr(asked), guessed.categorical, key=f"classes:{row.key}", **PERSIST)
    return name, classes


def _title(use: str) -> str:
    return WORDS.get(use) or factor(use).title
