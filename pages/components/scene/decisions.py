"""What the user decides otherwise than the files say, kept for this session."""

import streamlit as st

from core.errors import SlideScopeError
from core.scene.plan import overrides
from core.scene.plan.override import Override
from core.scene.plan.overrides import OF_FACTOR

DECIDED, PROBLEM = "import_decisions", "import_decision_problem"


def about(owner: str) -> Override:
    """Decisions about a file (its row's key), or a factor as a whole (its name)."""
    return st.session_state.setdefault(DECIDED, {}).get(owner, Override())


def owner(option: str, row_key: str, factor: str) -> str:
    """Whom an option belongs to: resampling and fill are the factor's, all else the file's."""
    return factor if option in OF_FACTOR else row_key


def put(whom: str, option: str, text: str) -> None:
    """Decide, or with an empty text leave it to the file; what makes no sense is kept to be said
    in place, until the next try."""
    st.session_state.pop(PROBLEM, None)
    old = about(whom)
    try:
        new = overrides.put(old, option, text) if text.strip() else old.without((option,))
    except SlideScopeError as error:
        st.session_state[PROBLEM] = str(error)
        return
    st.session_state[DECIDED][whom] = new


def undo(whom: str, option: str) -> None:
    """Leave it to the file again; the widget that showed it starts anew."""
    put(whom, option, "")
    for part in ("", ":times", ":plus"):
        st.session_state.pop(f"decide:{option}:{whom}{part}", None)


def clear() -> None:
    st.session_state.pop(DECIDED, None)
    st.session_state.pop(PROBLEM, None)


def problem() -> str | None:
    return st.session_state.get(PROBLEM)
