"""The five steps with their state, and one button: what to do next."""

from collections.abc import Sequence

import streamlit as st

from core.language.translation import tr
from core.workflows.steps import Step, next_step

# Said in words as well as colour; the primary one is no chip, in the dark its words would be faint.
BADGES = {"done": "green", "next": "orange", "open": "gray", "locked": "gray"}


def show(steps: Sequence[Step], show_button: bool = True) -> Step | None:
    """Draw the steps; return the one to go to when the button is pressed."""
    for number, step in enumerate(steps, start=1):
        _row(number, step)
    due = next_step(steps) or steps[-1]
    if show_button and st.button(tr(due.action), type="primary"):
        return due
    return None


def _row(number: int, step: Step) -> None:
    name, state, words = st.columns([3, 2, 9], vertical_alignment="center", gap="small")
    label = f"{number}  {tr(step.title)}"
    name.page_link(f"pages/{step.page}.py", label=label, disabled=step.state == "locked")
    state.badge(tr(step.state), color=BADGES[step.state])
    words.caption(tr(step.words))
