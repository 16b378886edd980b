"""The catalogues: one `.po` file a language, as gettext has it, read with Babel.

A message is an English text as the code has it; what the code fills in stands as {0}, {1} and so
on. A translation may put these in another order, or leave some out: `tile{s}` needs no s in
Chinese.
"""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


def file_of(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return FOLDER / f"{language}.po"


@cache
def messages(language: str) -> dict[str, str]:
    """English message -> the same in `language`; what is not translated yet is left out."""
    path = file_of(language)
    if not path.exists():
        return {}
    from babel.messages.pofile import read_po  # here: most processes speak English alone

    with path.open("rb") as file:
        read = read_po(file, locale=language)
    told = (each for each in read if each.id and each.string and not each.fuzzy)
    return {str(each.id): str(each.string) for each in told}
