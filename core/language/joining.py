"""How a language puts texts together: between sentences and items, in a date, on a line.

The texts are in the reader's language already.
"""

from collections.abc import Iterable
from datetime import datetime

from core.language import reader
from core.language.translation import messages, tr

# What stands between items of a list.
JOINTS = messages("and", "or")
# Simplified Chinese, so that a browser takes the letters of that and not those of Japan.
_TAGS = {"zh": "zh-CN"}
# Signs as wide as they are high.
_WIDE = "\u2e80"


def tag() -> str:
    """The reader's language as HTML and Word name it.

    >>> tag()
    'en'
    """
    return _TAGS.get(reader.current(), reader.current())


def paragraph(said: Iterable[str]) -> str:
    """Sentences one after the other.

    >>> paragraph(["One.", "Two."])
    'One. Two.'
    """
    return (" " if reader.current() == reader.ENGLISH else "").join(said)


def items(said: Iterable[str]) -> str:
    """Items of a sentence.

    >>> items(["one", "two"])
    'one; two'
    """
    return ("; " if reader.current() == reader.ENGLISH else "；").join(said)


def comma() -> str:
    """What stands before a unit."""
    return ", " if reader.current() == reader.ENGLISH else "，"


def titled(title: str, text: str) -> str:
    """A text and what it is about.

    >>> titled("Figure of sample", "starting")
    'Figure of sample: starting'
    """
    return f"{title}{': ' if reader.current() == reader.ENGLISH else '：'}{text}"


def spread(text: str) -> str:
    """From one figure to another.

    >>> spread("−4.58 to −3.04")
    '−4.58 to −3.04'
    """
    return text if reader.current() == reader.ENGLISH else text.replace(" to ", "～")


def by_parts(line: str, title: str = "") -> str:
    """A line of several texts with a dot between them, in the reader's language: none of them ends
    in the next. `title` comes first and may have such dots itself.

    >>> by_parts("Map of U-Net · RS · starting · 8 %", "Map of U-Net · RS")
    'Map of U-Net · RS · starting · 8 %'
    """
    return tr(title) + " · ".join(map(tr, line.removeprefix(title).split(" · ")))


def capital(text: str) -> str:
    """A text as it begins a line: names in it keep their letters.

    >>> capital("starting Keras")
    'Starting Keras'
    """
    return text[:1].upper() + text[1:]


def month() -> str:
    """How a chart writes a month.

    >>> month()
    '%b %Y'
    """
    return "%b %Y" if reader.current() == reader.ENGLISH else "%Y-%m"


def day() -> str:
    """How a chart writes a day.

    >>> day()
    '%d %b %Y'
    """
    return "%d %b %Y" if reader.current() == reader.ENGLISH else "%Y-%m-%d"


def stop() -> str:
    """What ends a sentence."""
    return "." if reader.current() == reader.ENGLISH else "。"


def moment(written: str) -> str:
    """A day and time, in English as ISO has it.

    >>> moment("2026-11-30 09:35:00")
    '2026-11-30 09:35:00'
    """
    if reader.current() == reader.ENGLISH:
        return written
    from babel.dates import format_datetime  # here: most processes speak English alone

    return format_datetime(datetime.fromisoformat(written), locale=reader.current())


def is_wide(sign: str) -> bool:
    """
    >>> is_wide("坡"), is_wide("s")
    (True, False)
    """
    return sign >= _WIDE


def breadth(text: str) -> int:
    """How many letters of a Latin script are as wide as the text.

    >>> breadth("slope"), breadth("坡度")
    (5, 4)
    """
    return sum(2 if is_wide(sign) else 1 for sign in text)
