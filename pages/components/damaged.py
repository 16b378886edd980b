"""What cannot be read, with its reason and a button that deletes it."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.access import ADMIN
from core.language.translation import tr
from core.stored import Broken
from core.workflows import spoken
from pages.components import allowed, problem

# Each has a button of its own, and a page of a thousand buttons is slow.
MOST = 20


def show(found: Sequence[Broken], delete: Callable[[Broken], None] = Broken.delete) -> None:
    """Draw nothing where nothing is damaged."""
    if not found:
        return
    count = "1 damaged item" if len(found) == 1 else f"{len(found)} damaged items"
    with st.expander(tr(f":material/warning: {count}"), key=f"damaged-{found[0].kind}"):
        for each in found[:MOST]:
            text, button = st.columns([5, 1], vertical_alignment="center")
            # As plain text: a name or a file's content is no markdown.
            text.text(tr(spoken.on_page(each.reason)))
            with button.popover(tr("Delete"), key=f"damaged-{each.kind}-{each.name}"):
                _ask(each, delete)
        if len(found) > MOST:
            st.caption(tr(f"{len(found) - MOST} more follow once these are repaired or deleted."))


def _ask(broken: Broken, delete: Callable[[Broken], None]) -> None:
    st.text(
        tr(f"Delete {broken.kind} {broken.name} with all that it holds? This cannot be undone.")
    )
    key = f"delete-damaged-{broken.kind}-{broken.name}"
    with problem.shown():
        if allowed.button(tr("Delete for good"), ADMIN, key=key):
            delete(broken)
            st.rerun()
