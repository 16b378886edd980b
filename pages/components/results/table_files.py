"""The tables of this page as files for a text: Word, Excel, LaTeX and CSV."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.language import reader
from core.language.translation import tr
from core.manuscript import tables, writing
from core.manuscript.table import Table
from core.scene.store import Scene

MIMES = {
    "docx": (
        *("Word", writing.word),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "xlsx": (
        *("Excel", writing.excel),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "tex": ("LaTeX", writing.tex, "application/x-tex"),
    "zip": ("CSV, ZIP", writing.csv_zip, "application/zip"),
}


def show(scene: Scene) -> None:
    """Draw a button a format; a file is made when its button is pressed."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            tr("Tables 2 to 4 and those of the factors, as three-line tables"), width="content"
        )
        for kind, (label, write, mime) in MIMES.items():
            st.download_button(
                tr(label),
                partial(_made, scene, write, reader.current()),
                file_name=f"tables-{scene.name}.{kind}",
                mime=mime,
                on_click="ignore",
                key=f"tables-{kind}",
            )


def _made(scene: Scene, write: Callable[[Sequence[Table]], bytes], language: str) -> bytes:
    with reader.speaking(language):
        return write(tables.every(scene))
