"""Finds the message whose words stand around what a text holds: {0} of {1} tiles in 3 of 8 tiles.

Of all messages that fit, and of all ways to read a text as several messages, the one that knows
most letters of it is taken.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from core.language import points

# {0} of an f-string, {name} and {} of what is filled in later.
FIELD = re.compile(r"\{(\w*)(?:[:!][^{}]*)?\}")
WORD = re.compile(r"[A-Za-z]{2,}")
_LOWER = re.compile(r"\b[a-z]{2,}\b")
# A number before its noun.
_COUNTED = re.compile(r"([\d\u2009.]+) ([a-z].*)", re.DOTALL)
_LETTER = re.compile(r"[A-Za-z]")
# Where one sentence or item may end and the next begins; marks of markdown may stand between.
_ENDS = re.compile(r"((?<=[.:;,!?])[*_]*\s+|\s*\|\s*|\s+·\s+|\s+\(|\)\s*|\s+and\s+|\s+or\s+)")
# What may stand around a message: spaces, the end of a sentence, quotes and marks.
_SPACE = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)
_STOP = re.compile(r"^(\s*)(.*?)([.,:;]?\s*)$", re.DOTALL)
_EDGE = re.compile(r"^(:[a-z-]+\[|[\s*_(\[“\"'`,;:.]*)(.*?)([\s*_)\]”\"'`,;:.]*)$", re.DOTALL)
_QUOTES = ("'", '"', "“", "`")
_BEFORE_NAMES = (*_QUOTES, "it has ", "it also has ", "its layers are ")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]* $")
_SUBJECT = re.compile(r"'([^']+)' (.+)", re.DOTALL)
# A field holds no more than one sentence.
_SENTENCES = re.compile(r"[.!?][)*”\"]*\s+[A-Z*(\d]|\n")
_STOPS = (".", ",", ":", ";")
_JOINTS = " ,;:.(，；：。（"
# A message of fewer letters than these says too little to be recognised around whole sentences.
_TELLING = 5
# So many sentences and items together are looked for as one message, and lists longer than the
# second are no sentences of ours.
_TOGETHER, _MOST_PARTS = 20, 60
# Of the messages that fit, the ones that say most, of which the best is taken.
_CANDIDATES = 4
# Longer texts are no sentences of ours.
_LONGEST = 4000


def _with_name(text: str) -> str:
    return text.replace("NAME=", "{NAME}=")


def _names(text: str) -> Iterator[str]:
    """What the fields of a message are called; those without a name by their place."""
    return (name or f"#{n}" for n, name in enumerate(FIELD.findall(text)))


def _is_name(before: str) -> bool:
    """Whether what stands after a literal is a name: a quoted one, one of an option, a part of
    a file, one of a list to choose from.

    >>> _is_name("scene '"), _is_name("give --unit "), _is_name(":"), _is_name("; it also has ")
    (True, True, True, True)
    >>> _is_name("of "), _is_name(": ")
    (False, False)
    """
    return before == ":" or before.endswith(_BEFORE_NAMES) or bool(_OPTION.search(before))


def _exactly(literal: str) -> str:
    """A pattern of what stands between two fields; a point there is not that of a number."""
    return f"{re.escape(literal)}(?!\\d)" if literal.endswith(".") else re.escape(literal)


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
    def quoted(self) -> frozenset[str]:
        """The fields in quotes and those of an option: they hold names, which stay as they are."""
        pairs = zip(_names(self.text), self.literals)
        return frozenset(name for name, before in pairs if _is_name(before))

    @cached_property
    def anchor(self) -> str:
        """The longest of them: where it is missing the message does not fit."""
        first, *more = self.literals
        return max(first[1:], *more, key=len)

    @cached_property
    def letters(self) -> int:
        return sum(len(word) for each in self.literals for word in re.findall(r"[A-Za-z]+", each))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        # Around few words only a value fits, no sentence.
        value = r"(.*?)" if self.letters >= _TELLING else r"([\d\u2009.,%×−–-]*|[\w-]+)"
        first, *more = map(_exactly, self.literals)
        if first[:1].isalpha():
            # What begins a sentence may be in the middle of one in the code.
            first = f"[{first[0]}{first[0].swapcase()}]{first[1:]}"
        return re.compile(value.join([first, *more]), re.DOTALL)

    def values(self, text: str) -> dict[str, str] | None:
        """What the fields hold in `text`, None where the message does not fit."""
        found = self.pattern.fullmatch(text)
        if found is None or any(map(_SENTENCES.search, found.groups())):
            return None
        # The point after a field is the sentence's, not the field's.
        if not self.literals[-1] and found[found.re.groups][-1:] in _STOPS:
            return None
        return dict(zip(_names(self.text), found.groups()))

    def filled(self, values: Mapping[str, str]) -> str:
        """The translation with what the fields hold."""
        names = _names(self.other)
        return FIELD.sub(lambda _: values.get(next(names), ""), self.other)


@dataclass(frozen=True)
class _Found:
    """A text in the other language; `covered` counts the English letters that a message knew."""

    text: str
    covered: int = 0


class Translator:
    """Messages of one language, each English one with its translation."""

    def __init__(self, messages: Mapping[str, str]):
        # A message that is a part of a sentence is known without what joins it to the rest, too.
        bare = {text.strip(_JOINTS): other.strip(_JOINTS) for text, other in messages.items()}
        self._exact = bare | {text.strip(): other.strip() for text, other in messages.items()}
        # What a sentence calls NAME is called by its name before it is shown.
        named = (pair for pair in self._exact.items() if "NAME=" in pair[0])
        self._exact |= {_with_name(text): _with_name(other) for text, other in named}
        with_fields = [
            _Message(text, other)
            for text, other in self._exact.items()
            if FIELD.search(text) and WORD.search(FIELD.sub("", text))
        ]
        # The message that says most comes first.
        self._with_fields = sorted(
            with_fields, key=lambda each: (-each.letters, -len(each.text), each.text)
        )
        self._found = lru_cache(maxsize=20_000)(self._find)

    def whole(self, text: str) -> str:
        """The text in the other language; line by line where no message has all of it."""
        return self._found(text).text

    def _find(self, text: str) -> _Found:
        """As one message or as several, whichever knows more of the text."""
        fitting = [each for each in self._with_fields if each.anchor in text]
        table = text.lstrip().startswith("|")
        one = None if table or len(text) > _LONGEST else self._known(text, fitting)
        if "\n" in text:
            lines = [self._found(line) for line in text.split("\n")]
            parts = _Found("\n".join(each.text for each in lines), _sum(lines))
        elif table:
            cells = [self._found(cell) for cell in text.split("|")]
            parts = _Found("|".join(each.text for each in cells), _sum(cells))
        else:
            parts = max(self._by_parts(text, fitting), self._of_subject(text), key=_covered)
            # Half a sentence in each language says less than one of either.
            if one is None and 2 * parts.covered < sum(map(len, _LOWER.findall(text))):
                return _Found(text)
        best = parts if one is None or parts.covered > one.covered else one
        return _Found(points.chinese(best.text), best.covered) if best.covered else best

    def _known(self, text: str, fitting: Sequence[_Message]) -> _Found | None:
        """The translation where one message covers the text, edges apart."""
        best = None
        for edges in (_SPACE, _STOP, _EDGE):
            before, bare, after = edges.fullmatch(text).groups()  # type: ignore[union-attr]
            found = self._bare(bare, fitting) if bare else None
            if found and (best is None or found.covered > best.covered):
                best = _Found(f"{before}{found.text}{after}", found.covered)
        return best

    def _bare(self, text: str, fitting: Sequence[_Message]) -> _Found | None:
        # What begins a sentence may be in the middle of one in the code.
        for each in (text, text[:1].swapcase() + text[1:]):
            if (exact := self._exact.get(each)) is not None:
                return _Found(exact, len(_LETTER.findall(text)))
        best = None
        for message in self._fits(text, fitting):
            values = message.values(text) or {}
            named = message.quoted
            told = {n: _Found(v) if n in named else self._value(v) for n, v in values.items()}
            covered = message.letters + _sum(told.values())
            if best is None or covered > best.covered:
                words = {name: each.text for name, each in told.items()}
                best = _Found(message.filled(words), covered)
        counted = None if best else _COUNTED.fullmatch(text)
        if counted and (one := self._bare(counted[2], fitting)):
            return _Found(f"{counted[1]}{one.text}", one.covered)
        return best

    def _fits(self, text: str, fitting: Sequence[_Message]) -> Iterator[_Message]:
        if WORD.search(text):
            yield from islice((m for m in fitting if m.values(text) is not None), _CANDIDATES)

    def _value(self, value: str) -> _Found:
        """What stands in a field may be words of ours, too."""
        return self._found(value) if WORD.search(value) else _Found(value)

    def _of_subject(self, text: str) -> _Found:
        """What is said of a file or name in quotes, which comes first in every language."""
        found = _SUBJECT.match(text)
        if found is None:
            return _Found(text)
        rest = self._found(found[2])
        return _Found(f"“{found[1]}”{rest.text}", rest.covered) if rest.covered else _Found(text)

    def _by_parts(self, text: str, fitting: Sequence[_Message]) -> _Found:
        """Sentences and items one by one, as many together as one message knows."""
        pieces = _ENDS.split(text)
        count = len(pieces)
        if count < 3 or count > 2 * _MOST_PARTS:
            return _Found(text)
        # From the end: the best of all ways to go on from piece `at`; pieces are texts and, between
        # them, what separates them.
        best = [_Found("")] * (count + 1)
        for at in range(count - 1, -1, -1):
            alone = self._separator(pieces[at]) if at % 2 else pieces[at]
            best[at] = _Found(alone + best[at + 1].text, best[at + 1].covered)
            for end in range(at + 1, min(count, at + 2 * _TOGETHER) + 1, 2) if not at % 2 else ():
                if end - at == count:
                    continue
                known = self._known("".join(pieces[at:end]), fitting)
                if known and known.covered + best[end].covered > best[at].covered:
                    text = known.text + best[end].text
                    best[at] = _Found(text, known.covered + best[end].covered)
        return best[0]

    def _separator(self, text: str) -> str:
        """`and` and `or` between words of ours; `of` has another order in every language."""
        bare = text.strip()
        return self._exact.get(bare, text) if bare in ("and", "or") else text


def _covered(found: _Found) -> int:
    return found.covered


def _sum(found: Iterable[_Found]) -> int:
    return sum(each.covered for each in found)
