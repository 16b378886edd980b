"""What was decided so far, undo, export, and the next version of the inventory."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.language.translation import message, tr
from core.review import decisions, reviewing
from core.scene import inventory
from core.scene.store import Scene
from pages.components import allowed, plain

SHOWN = 8
# What a line of the log did.
DID = {
    "accept": message("accept"),
    "reject": message("reject"),
    "comment": message("comment"),
    "undo": message("undo"),
    "version": message("version"),
}


def show(scene: Scene, undo: Callable[[str], None]) -> None:
    """The newest decisions, a button to take each back that stands."""
    log = decisions.read(scene.name)
    if not log:
        return
    standing_ids = {each.id for each in decisions.effective(log)}
    with st.expander(tr(f"Decisions ({len(log)})")):
        for each in log[::-1][:SHOWN]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                what = plain.words(each.item or (f"version {each.version}" if each.version else ""))
                when = each.time[:16].replace("T", " ")
                said = f": {plain.words(each.comment)}" if each.comment else ""
                did = tr(DID.get(each.action, each.action))
                st.caption(
                    f"{when} **{plain.words(each.author)}** {did} {tr(what)}{said}",
                    width="stretch",
                )
                if each.id in standing_ids:
                    allowed.button(
                        tr("Undo"), key=f"undo-{each.id}", on_click=undo, args=(each.id,)
                    )
        st.caption(tr("Undo adds a line and deletes none."))


def version(scene: Scene, make: Callable[[], None]) -> None:
    """Make the next version; what there is; take everything away as a file."""
    log = decisions.read(scene.name)
    accepted, known = len(decisions.accepted(log)), inventory.numbers(scene)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        title = f"Make inventory version {known[-1] + 1}"
        allowed.button(tr(title), on_click=make, disabled=not log)
        st.download_button(
            tr("Export"),
            lambda: _packed(scene),
            file_name=f"{scene.name}-review.gpkg",
            mime="application/geopackage+sqlite3",
            on_click="ignore",
        )
    newest = inventory.at(scene, known[-1]).inventory
    st.caption(
        tr(
            f"Accepted outlines that stand: {accepted}. Newest version: {known[-1]}, "
            f"{newest['polygons']} landslides. The Training page trains on any version; runs keep "
            "the one they were trained on."
        )
    )


def _packed(scene: Scene) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        reviewing.write(scene, Path(folder))
        return (Path(folder) / reviewing.GEOPACKAGE).read_bytes()
