"""Scene: the factors on their grid, and how to bring in one's own."""

import streamlit as st

from core import numerals
from core.language.translation import tr
from core.scene import store
from pages.components import address, damaged, next_step, pick, plain
from pages.components.scene import (
    class_editor,
    factor_card,
    import_progress,
    import_stepper,
    rate_section,
)

LOOK, RATE, IMPORT = "Factors", "Interferograms", "Import"
VIEW = "scene_view"


def main() -> None:
    if import_progress.settle():
        address.go("view", VIEW, LOOK)
        # The frame above was drawn with the scene before.
        st.rerun()
    head = st.columns([2, 3, 2.4], vertical_alignment="bottom")
    head[0].title(tr("Scene"), anchor=False)
    damaged.show(store.listing().damaged)
    if not store.names():
        _import("No scene yet. A scene is a set of factor rasters on one grid; import yours here.")
        return
    with head[1]:
        scene = pick.scene()
    offered = (LOOK, RATE, IMPORT) if rate_section.possible(scene) else (LOOK, IMPORT)
    address.follow("view", VIEW, offered, LOOK)
    with head[2]:
        view = st.segmented_control(
            tr("Show"),
            offered,
            required=True,
            key=VIEW,
            format_func=tr,
            label_visibility="collapsed",
            on_change=address.noted,
            args=("view", VIEW),
        )
    if view == IMPORT:
        _import()
    elif view == RATE:
        # A new mask is an import, and shows as one.
        if not import_progress.show():
            rate_section.show(scene)
    else:
        _look(scene)


def _import(told: str = "") -> None:
    if import_progress.show():
        return
    if told:
        st.info(plain.sentence(told))
    import_stepper.show()


def _look(scene: store.Scene) -> None:
    ready = import_progress.done()
    if ready:
        st.toast(tr(ready))
    st.caption(tr(_facts(scene)))
    factor_card.show(scene)
    class_editor.show(scene)
    if scene.notes:
        with st.expander(tr("Notes of the import")):
            for note in scene.notes:
                st.caption(plain.sentence(note))
    next_step.show("scene", scene)


def _facts(scene: store.Scene) -> str:
    grid = scene.grid
    made_up = "**Synthetic scene.** " if scene.synthetic else ""
    size = f"{numerals.whole(grid.width)} × {numerals.whole(grid.height)} pixels"
    if scene.kind == "tiles":
        size += f", {grid.height // scene.tile} separate tiles"
    elif grid.crs:
        unit = "m" if grid.is_projected else "degrees"
        system = grid.crs if len(grid.crs) < 40 else "own coordinate reference system"
        size += f" of {grid.resolution[0]:.4g} {unit}, {system}"
    parts = [size, f"{len(scene.factors)} factors"]
    if scene.inventory:
        share = numerals.percent(scene.landslide_share)
        parts.append(f"{scene.inventory['polygons']} landslides, {share} of the pixels")
    else:
        parts.append("no landslide inventory")
    return made_up + " · ".join(parts) + f" · imported {scene.created[:10]}"


main()
