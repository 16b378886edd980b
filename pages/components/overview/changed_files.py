"""What the last `verify` found to be other than it was written, and is so still."""

import streamlit as st

from core.language.translation import tr
from core.upkeep import verifying

LISTED = 20


def show() -> None:
    """Draw nothing where nothing was found."""
    found = verifying.last()
    if not found:
        return
    items = len({(each.kind, each.item) for each in found})
    count = "1 changed item" if items == 1 else f"{items} changed items"
    with st.expander(tr(f":material/warning: {count}"), key="changed-files"):
        for each in found[:LISTED]:
            # As plain text: a name is no markdown.
            st.text(tr(f"{each.words[:1].upper()}{each.words[1:]}."))
        if len(found) > LISTED:
            st.text(tr(f"And {len(found) - LISTED} files more."))
        st.caption(
            tr(
                "Found when every file was last checked against its hash. Predict, train or import "
                "it again, or restore it from a backup."
            )
        )
