"""A text in the reader's language.

`core` writes English, with f-strings, into errors, files, a job's state; a page or a report turns
it into the reader's language at the last moment. So what was stored by a run of last year is read
in Chinese by one person and in English by the next, and logs and the command line stay one
language. A text that holds figures or names is recognised by the words around them
(`core.language.matching`).
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from core.language import catalogue, points, reader
from core.language.matching import WORD, Translator


class Own(str):
    """A name, an identifier, a command: what stays as it is in every language."""


def message(text: str) -> str:
    """A text for people that does not look like one to the catalogues, such as a single word in
    small letters; it is translated where it is shown."""
    return text


def messages(*texts: str) -> tuple[str, ...]:
    """Several such texts."""
    return texts


def tr(text: str) -> str:
    """`text`, which is English, in the reader's language; what nobody translated stays as it is."""
    language = reader.current()
    if language == reader.ENGLISH or isinstance(text, Own) or not text or not WORD.search(text):
        return text
    return of(language).whole(text)


def named(text: str, *names: str) -> Own:
    """A text with fields {0}, {1}, which hold names: these stay as they are.

    >>> named("Factors of {0}", "Slope")
    'Factors of Slope'
    """
    return Own(tr(text).format(*names))


def sentences(*texts: str) -> str:
    """One after the other, each in the reader's language: no message has all of them."""
    told = " ".join(map(tr, texts))
    return told if reader.current() == reader.ENGLISH else points.chinese(told)


def in_words(words: Callable[[Any], str | None]) -> Callable[[Any], str]:
    """What a widget shows of a choice: `words` of it, in the reader's language."""
    return lambda choice: tr(str(words(choice)))


@cache
def of(language: str) -> Translator:
    """What translates into `language`."""
    return Translator(catalogue.messages(language))
