"""Widgets that change something: they rest where whoever looks may not, and say why.

Only so that nobody presses in vain: `core.access` refuses whatever a page lets through.
"""

from typing import Any

import streamlit as st

from core import access
from core.access import EDITOR
from core.language.translation import tr


def button(
    label: str, role: str = EDITOR, place: Any = st, disabled: bool = False, **more: Any
) -> bool:
    """A button of Streamlit's on `place`, for who has that role."""
    why = why_not(role)
    if why:
        more["help"] = why
    return place.button(label, disabled=disabled or why is not None, **more)


def why_not(role: str = EDITOR) -> str | None:
    """Why whoever looks may not do what needs `role`; None where they may."""
    if access.may(role):
        return None
    if access.readonly():
        return tr("This SlideScope is read-only.")
    return f"This needs the role {role}; you are signed in as {access.actor().role}."
