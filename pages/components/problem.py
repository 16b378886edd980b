"""What the user can put right, as one sentence in the place where the user looked."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core import logs, stored
from core.errors import SlideScopeError
from core.jobs import reasons
from pages.components import plain

DEFECT = (
    "Something failed that should not have: the server's log has the details; reload the page to "
    "go on, and report it if it happens again."
)


def said(error: Exception) -> bool:
    """Show, instead of Streamlit's own words, what reached the server's log.

    Streamlit asks this after logging; True keeps its own message away. An error that a widget's
    callback raised comes here too, and may be one that the user can put right.
    """
    known = str(error) if isinstance(error, SlideScopeError) else reasons.known(error)
    if known is None:
        logs.defect(error, "a page")
    st.error(plain.sentence(known or DEFECT))
    return True


@contextmanager
def shown() -> Iterator[None]:
    """Show a SlideScopeError of the block in a message box; also a decorator.

    Else only what says that a stored raster is damaged, or that nothing can be written, is caught:
    a defect reaches the log. A fragment needs its own, because its reruns do not pass through the
    page.
    """
    try:
        with stored.one_look():
            yield
    except SlideScopeError as error:
        st.error(plain.sentence(str(error)))
    except Exception as error:
        # A raster that cannot be read, wherever it is met.
        known = reasons.known(error)
        if known is None:
            raise
        st.error(plain.sentence(known))
