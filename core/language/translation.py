"""A text in the reader's language.

`core` writes English, with f-strings, into errors, files, a job's state; a page or a report turns
it into the reader's language at the last moment. So what was stored by a run of last year is read
in Chinese by one person and in English by the next, and logs and the command line stay one
language. A text that holds figures or names is recognised by the words around them: the message
"{0} of {1} tiles" fits "3 of 8 tiles".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from core.language import catalogue, reader

FIELD = re.compile(r"\{(\d+)\}")
_WORD = re.compile(r"[A-Za-z]{2,}")
# Where one sentence or item may end and the next begins; marks of markdown may stand between.
_ENDS = re.compile(r"((?<=[.:;,!?])[*_]*\s+|\n+|\s+·\s+|\s+\(|\)\s*|\s+and\s+|\s+or\s+)")
_EDGE = re.compile(r"^([\s*_(“\"'`,;:.]*)(.*?)([\s*_)”\"'`,;:.]*)$", re.DOTALL)
# A message of fewer letters than these says too little to be recognised around whole sentences.
_TELLING = 6
# Lists longer than this are no sentences of ours.
_MOST_PARTS = 40


def tr(text: str) -> str:
    """`text`, which is English, in the reader's language; what nobody translated stays as it is."""
    language = reader.current()
    if language == reader.ENGLISH or not text or not _WORD.search(text):
        return text
    return of(language).whole(text)


def shown(words: Callable[[Any], str | None]) -> Callable[[Any], str]:
    """What a widget shows of a choice: `words` of it, in the reader's language."""
    return lambda choice: tr(str(words(choice)))


@cache
def of(language: str) -> "Translator":
    """What translates into `language`."""
    return Translator(catalogue.messages(language))


@dataclass(frozen=True)
class _Message:
    """One message with fields, and what it is in the other language."""

    text: str
    other: str

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """What stands between the fields."""
        return tuple(FIELD.split(self.text)[::2])

    @cached_property
    def anchor(self) -> str:
        """The longest of them: where it is missing the message does not fit."""
        return max(self.literals, key=len)

    @cached_property
    def letters(self) -> int:
        return sum(len(word) for each in self.literals for word in re.findall(r"[A-Za-z]+", each))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        # Around few words only a value fits, no sentence.
        value = r"(.*?)" if self.letters >= _TELLING else r"([^\s]*?)"
        return re.compile(value.join(map(re.escape, self.literals)), re.DOTALL)

    def values(self, text: str) -> dict[str, str] | None:
        """What the fields hold in `text`, None where the message does not fit."""
        found = self.anchor in text and self.pattern.fullmatch(text)
        return dict(zip(FIELD.findall(self.text), found.groups())) if found else None


class Translator:
    """Messages of one language, each English one with its translation."""

    def __init__(self, messages: Mapping[str, str]):
        # The edges of a text are as the page has them: a message is known without them.
        self._exact = {text.strip(): other.strip() for text, other in messages.items()}
        with_fields = [
            _Message(text.strip(), other.strip())
            for text, other in messages.items()
            if FIELD.search(text) and _WORD.search(FIELD.sub("", text))
        ]
        # The message that says most comes first: it is the one that was meant.
        self._with_fields = sorted(with_fields, key=lambda each: (-each.letters, each.text))
        self.whole = lru_cache(maxsize=20_000)(self._whole)

    def _whole(self, text: str) -> str:
        """The text in the other language: as a whole, else by sentences, else as it is."""
        known = self._known(text)
        return known if known is not None else self._by_parts(text)

    def _known(self, text: str) -> str | None:
        """The translation where one message covers the text, edges apart."""
        bare = text.strip()
        found = self._bare(bare)
        if found is None and (edge := _EDGE.match(text)) and edge[2] and edge[2] != bare:
            inner = self._bare(edge[2])
            return None if inner is None else f"{edge[1]}{inner}{edge[3]}"
        return None if found is None else text.replace(bare, found, 1) if bare else text

    def _bare(self, text: str) -> str | None:
        if (found := self._exact.get(text)) is not None:
            return found
        if not _WORD.search(text):
            return None
        for message in self._with_fields:
            values = message.values(text)
            if values is not None:
                told = {name: self._value(value) for name, value in values.items()}
                return FIELD.sub(lambda field, told=told: told.get(field[1], ""), message.other)
        return None

    def _value(self, value: str) -> str:
        """What stands in a field may be words of ours, too."""
        return self.whole(value) if _WORD.search(value) else value

    def _by_parts(self, text: str) -> str:
        """Sentences and items one by one, as many together as one message covers."""
        pieces = _ENDS.split(text)
        if len(pieces) < 3 or len(pieces) > 2 * _MOST_PARTS:
            return text
        return "".join(self._joined(pieces))

    def _joined(self, pieces: list[str]) -> Iterator[str]:
        """`pieces` are texts and, between them, what separates them."""
        at = 0
        while at < len(pieces):
            if at % 2:
                yield self._separator(pieces[at])
                at += 1
                continue
            for end in range(len(pieces), at, -1):
                known = self._known("".join(pieces[at:end])) if (end - at) % 2 else None
                if known is not None and end - at < len(pieces):
                    yield known
                    at = end
                    break
            else:
                yield pieces[at]
                at += 1

    def _separator(self, text: str) -> str:
        bare = text.strip()
        return self._exact.get(bare, text) if bare in ("and", "or") else text
