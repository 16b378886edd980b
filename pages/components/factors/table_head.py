"""The head of a panel: its title, its table for download at the right."""

import streamlit as st

from core.language.translation import tr


def show(title: str, csv: str, file: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(tr(title), anchor=False)
        button(csv, file)


def button(csv: str, file: str, label: str = "CSV") -> None:
    """A button that saves `csv` and leaves the page as it is."""
    st.download_button(
        tr(label), csv, file, "text/csv", type="tertiary", key=f"csv-{file}", on_click="ignore"
    )
