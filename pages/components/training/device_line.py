"""One line: on which device a training will run, with which backend, and why not on a GPU."""

import streamlit as st

from core.language.translation import tr
from core.learning.networks import device


def show(slow: bool) -> None:
    """Draw the line; `slow` trainings take hours on a processor."""
    found = device.detect()
    hours = " Expect hours." if slow and found.kind == "cpu" else ""
    why = f" {found.why}" if found.why else ""
    st.caption(tr(f"Will run on: {found.name}, Keras on {device.backend_title()}.{why}{hours}"))
