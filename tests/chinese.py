"""What a page says, and which of it is English."""

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

# Fields of a widget that nobody reads.
UNREAD = re.compile(
    r"^(id|url|key|hash|mime|icon|type|style|config|query|format|language|locale|element|form)$"
    r"|(Id|Url|Hash|Path|Key|Type|Format|Icon|Data)$|^(arrow|data)"
)
# Names, which every language writes so, and what a user types.
NAMES = re.compile(
    r"`[^`]*`|python -m core [^\n。]*"
    r"|\b[\w./-]+\.(tif|gpkg|json|csv|html|docx|xlsx|md|txt|shp|png|svg)\b"
    r"|https?://\S+|Remote Sensing|WGS 84 / UTM zone \d+N|Dark Matter|U-Net|FC_DenseNet|FCADenseNet"
    r"|\bnull\b|png, svg, pdf|[{(][^)}]*et al[^)}]*[)}]"
)
_WORD = r"[A-Za-z][a-z'’]+"
ENGLISH = re.compile(rf"(?:{_WORD}[ ,;:]+){{2,}}{_WORD}")


def english(text: str) -> list[str]:
    """Runs of three English words or more.

    >>> english("运行 `python -m core runs` 查看; no such run here, U-Net quick")
    ['no such run here']
    """
    shown = re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", "\n", text, flags=re.DOTALL)
    bare = NAMES.sub(" · ", shown)
    return [found[0] for found in ENGLISH.finditer(bare)]


def said(app: AppTest) -> Iterator[tuple[str, str]]:
    """Every text of the page's elements: (kind of the element, text)."""
    yield from _walk(app._tree)


def _walk(block: Any) -> Iterator[tuple[str, str]]:
    for child in getattr(block, "children", {}).values():
        proto = getattr(child, "proto", None)
        if proto is not None:
            kind = type(proto).__name__
            if kind == "Code":  # what is copied has a language of its own
                continue
            for text in _texts(MessageToDict(proto), ""):
                yield kind, text
            if "rame" in kind:  # of pandas; the titles of columns are told apart
                yield kind, _table(child)
        yield from _walk(child)


def _table(child: Any) -> str:
    try:
        return child.value.to_csv(header=False)
    except (AttributeError, ValueError):
        return ""


def _texts(value: Any, field: str) -> Iterator[str]:
    if isinstance(value, str):
        if not UNREAD.search(field):
            yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, field)
