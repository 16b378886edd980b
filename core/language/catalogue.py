"""The catalogues: one `.po` file a language, as gettext has it, read with Babel.

A message is an English text as the code has it; what the code fills in stands as {0}, {1} and so
on. A translation may put these in another order, or leave some out: `tile{s}` needs no s in
Chinese.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
# What only these say, they look up themselves (`words.js`).
SCRIPTS = ("core/maps/assets/", "pages/assets/")


class Message(NamedTuple):
    """An English message, what it is in the other language, and the files that say it."""

    text: str
    other: str
    files: tuple[str, ...]


def file_of(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return FOLDER / f"{language}.po"


def messages(language: str) -> dict[str, str]:
    """English message -> the same in `language`; what is not translated yet is left out."""
    ours = (each for each in _read(language) if not all(f.startswith(SCRIPTS) for f in each.files))
    return {each.text: each.other for each in ours}


def messages_in(language: str, folder: str) -> dict[str, str]:
    """The same of what the files below `folder` say, such as `core/maps/assets/`."""
    found = (each for each in _read(language) if any(f.startswith(folder) for f in each.files))
    return {each.text: each.other for each in found}


@cache
def _read(language: str) -> tuple[Message, ...]:
    path = file_of(language)
    if not path.exists():
        return ()
    from babel.messages.pofile import read_po  # here: most processes speak English alone

    with path.open("rb") as file:
        read = read_po(file, locale=language)
    told = (each for each in read if each.id and each.string and not each.fuzzy)
    return tuple(
        Message(str(each.id), str(each.string), tuple(name for name, _ in each.locations))
        for each in told
    )
