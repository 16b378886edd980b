"""Which language the person reads whom a text is for.

A page asks its session, a route its request, a worker its request's option; where nobody says
anything it is English, so logs and the command line stay as they are.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

ENGLISH = "en"
# Each in its own words, as a reader looks for it.
LANGUAGES = {ENGLISH: "English", "zh": "中文"}
Language = Literal["en", "zh"]
_SPOKEN: ContextVar[str | None] = ContextVar("language", default=None)
_asking: Callable[[], str | None] = lambda: None  # noqa: E731 - replaced as a whole


def found_by(asking: Callable[[], str | None]) -> None:
    """Let `asking` tell the language wherever `speaking` does not."""
    global _asking
    _asking = asking


def current() -> str:
    """The language of whoever reads what is being written just now.

    >>> current()
    'en'
    """
    return _SPOKEN.get() or _asking() or ENGLISH


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write everything of the block in `language`, one of LANGUAGES."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def of_browser(asked: str | None) -> str | None:
    """The first of our languages among those that a browser names, None where there is none.

    >>> of_browser("zh-CN"), of_browser("de, zh-TW;q=0.8, en;q=0.5"), of_browser("fr"), \
of_browser(None)
    ('zh', 'zh', None, None)
    """
    named = (part.split(";")[0].strip().lower() for part in (asked or "").split(","))
    return next((short for name in named if (short := name.split("-")[0]) in LANGUAGES), None)
