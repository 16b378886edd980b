"""Signing in and out, where the operator has set up a provider."""

import streamlit as st

from core import access
from pages.components import door

WORDS = "This SlideScope is for people who sign in."
NO_ROLE = "You are signed in, and nobody has given you a role here: ask whoever runs it."


def show() -> None:
    """All that somebody sees who is not let in."""
    st.title("SlideScope", anchor=False)
    if st.user.get("is_logged_in"):
        st.warning(NO_ROLE)
        st.button("Sign out", on_click=st.logout)
    else:
        st.write(WORDS)
        st.button("Sign in", type="primary", on_click=st.login)


def line() -> None:
    """Who is signed in, and the way out, in the status line."""
    if door.signs_in():
        who = access.actor()
        st.caption(f"Role **{who.role}**", width="content")
        st.button("Sign out", type="tertiary", on_click=st.logout, help=f"You are {who.name}.")
