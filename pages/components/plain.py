"""What core says, in a page's words (`core.workflows.spoken`), and text of files and people in the
places where Streamlit reads markdown: it stays text."""

import re

from core.language.translation import tr
from core.workflows import spoken

_MARKS = r"\`*_{}[]()#+-!|<>$~:"
# What would fetch or be followed: pictures and links, HTML, mathematics.
_ACTIVE = re.compile(r"!\[|\]\(|<(?=[a-zA-Z/!?])|\$")
# A bare address becomes a link whatever is escaped in it; what nobody sees keeps it apart.
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
APART = "\u2060"


def words(text: str) -> str:
    """A name or value, with nothing in it that markdown would read.

    >>> print(words("a_b.tif"))
    a\\_b.tif
    """
    return "".join(f"\\{c}" if c in _MARKS else c for c in _ADDRESS.sub(APART, text))


def sentence(text: str, action: str = "") -> str:
    """A sentence of ours that may hold words of others: options become the labels of their widgets,
    those of `action` first; its own marks stay, such as backticks; pictures, links and HTML become
    text.

    >>> print(sentence("`a` is ![x](http://a) <b>").replace(APART, "~"))
    `a` is !\\[x\\](http:~//a) \\<b>
    """
    said = _ADDRESS.sub(APART, spoken.on_page(tr(text), action))
    return _ACTIVE.sub(lambda found: _escaped(found[0]), said)


def _escaped(mark: str) -> str:
    return {"![": r"!\[", "](": r"\]("}.get(mark, f"\\{mark}")
