"""The reader's language: what they chose, else what their browser asks for.

An address may name it (`?lang=zh`), so that a link opens as it was meant; a choice stays in a
cookie of the browser (pages/assets/language.js).
"""

from pathlib import Path
from urllib.parse import unquote

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.language import reader
from core.language.reader import ENGLISH, LANGUAGES
from core.language.translation import tr

SCRIPT = Path(__file__).resolve().parents[1] / "assets" / "language.js"
COOKIE, ASKED = "slidescope_language", "lang"
_CHOSEN, _WIDGET = "language", "language_switch"


class Later(str):
    """A text that is told when it is shown, for what is written down before there is a reader."""

    __slots__ = ()

    def __str__(self) -> str:
        return tr(self[:])


def script() -> str:
    """What keeps the choice in the browser and tells it which language the page is in."""
    return SCRIPT.read_text(encoding="utf-8")


def current() -> str | None:
    """Language of the page that runs just now, one of LANGUAGES; None where no page runs."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    asked = st.query_params.get(ASKED)
    if asked in LANGUAGES:
        st.session_state[_CHOSEN] = asked
    if _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = _of_browser()
    return st.session_state[_CHOSEN]


def _of_browser() -> str:
    kept = unquote(st.context.cookies.get(COOKIE, ""))
    if kept in LANGUAGES:
        return kept
    asked = st.context.locale or st.context.headers.get("Accept-Language")
    return reader.of_browser(asked) or ENGLISH


def switch() -> None:
    """The choice, in the frame of every page; what is shown is written in it at once."""
    st.session_state[_WIDGET] = reader.current()
    st.segmented_control(
        "Language / 语言",
        list(LANGUAGES),
        key=_WIDGET,
        format_func=LANGUAGES.get,
        required=True,
        label_visibility="collapsed",
        on_change=_chosen,
    )


def mark() -> str:
    """What tells the script above which language this page is in."""
    return f'<span class="slidescope-language" lang="{reader.current()}"></span>'


def _chosen() -> None:
    st.session_state[_CHOSEN] = st.session_state[_WIDGET]
    st.query_params.pop(ASKED, None)
