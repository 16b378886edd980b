"""What the user can mend, as one sentence in the place where the user looked."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import SlideScopeError


@contextmanager
def shown() -> Iterator[None]:
    """Show a SlideScopeError of the block in a message box; also a decorator.

    Nothing else is caught: a defect reaches the server's log. A fragment needs its own, because
    its reruns do not pass through the page.
    """
    try:
        yield
    except SlideScopeError as error:
        st.error(str(error))
