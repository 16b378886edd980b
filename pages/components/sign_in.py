"""Signing in and out, where the operator has set up a provider."""

import streamlit as st

from core import access
from core.language.translation import tr
from pages.components import door

WORDS = "This SlideScope is for people who sign in."
NO_ROLE = "You are signed in, and nobody has given you a role here: ask whoever runs it."


def show() -> None:
    """All that somebody sees who is not let in."""
    st.title(tr("SlideScope"), anchor=False)
    if st.user.get("is_logged_in"):
        st.warning(tr(NO_ROLE))
        st.button(tr("Sign out"), on_click=st.logout)
    else:
        st.write(tr(WORDS))
        st.button(tr("Sign in"), type="primary", on_click=st.login)


def line() -> None:
    """Who is signed in, and the way out, in the status line."""
    if door.signs_in():
        who = access.actor()
        st.caption(tr(f"Role **{who.role}**"), width="content")
        st.button(
            tr("Sign out"), type="tertiary", on_click=st.logout, help=tr(f"You are {who.name}.")
        )
