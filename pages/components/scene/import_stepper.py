"""Import a scene: files, what each is, grid and check, start."""

from dataclasses import replace

import streamlit as st

from core.access import EDITOR
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.language.translation import tr
from core.request import options
from core.scene import store
from core.scene.plan import assignment
from core.scene.plan.request import GridChoice, ImportRequest
from pages.components import allowed, field, plain
from pages.components.field import PERSIST
from pages.components.scene import (
    import_check,
    import_decide,
    import_files,
    import_grid,
    import_more,
    import_progress,
    import_tiles,
    import_uses,
    rate_settings,
)


def show() -> None:
    """Draw the steps that can be taken so far."""
    st.subheader(tr("1  Files"), anchor=False)
    chosen = import_files.show()
    if import_tiles.chosen():
        st.subheader(tr("2  Import"), anchor=False)
        name, over = _name()
        asked = import_tiles.show(name, over)
        _start(asked if over or name not in store.names() else None)
        return
    if not chosen:
        st.caption(
            tr(
                "A scene needs at least one raster, best an elevation: slope, aspect and curvature "
                "are derived from it. Landslide polygons, or a mask raster, make it trainable."
            )
        )
        return
    st.subheader(tr("2  What each is"), anchor=False)
    settled = import_uses.show(chosen)
    further = import_more.show(settled)
    if any(item.row.kind == "stack" and item.use for item in settled):
        further = replace(further, rate=rate_settings.show())
    st.subheader(tr("3  Grid"), anchor=False)
    grid = import_grid.show(settled)
    st.subheader(tr("4  Check"), anchor=False)
    import_decide.show(settled)
    # The check stands above the name, and needs it.
    check = st.container()
    st.subheader(tr("5  Import"), anchor=False)
    name, over = _name()
    with check:
        request = _checked(name, settled, grid, over, further)
    _start(request)


def _name() -> tuple[str, bool]:
    left, right = st.columns([2, 3], vertical_alignment="bottom", gap="large")
    asked = options(ImportRequest)
    name = left.text_input(
        field.label(asked["name"]), "my-scene", key="import_name", **PERSIST
    ).strip()
    taken = name in store.names()
    with right:
        over = taken and st.checkbox(
            tr(f"{field.label(asked['replace'])} '{name}'"), key="import_replace"
        )
    if taken and not over:
        st.warning(
            tr(f"A scene named '{name}' exists already: choose another name, or write over it.")
        )
    return name, over


def _checked(
    name: str,
    settled: list[assignment.Assignment],
    grid: GridChoice,
    over: bool,
    further: assignment.Further,
) -> ImportRequest | None:
    """Show what would be done, or the sentence that stands against it."""
    try:
        request = assignment.request_of(name, settled, grid, over, further)
        import_check.show(request, settled)
    except SlideScopeError as error:
        st.error(plain.sentence(str(error)))
        return None
    return request if over or name not in store.names() else None


def _start(request: ImportRequest | None) -> None:
    failed = import_progress.reason()
    if failed:
        st.error(plain.sentence(failed))
    role = request.needs if request else EDITOR
    if allowed.button(tr("Start import"), role, type="primary", disabled=request is None):
        job = jobs.start(request)
        import_progress.begun(job)
        st.rerun()
