"""Which texts of the source are words for people: what a catalogue has to hold.

A way for Babel to read Python (`babel.cfg`): where gettext asks for a mark around each text, here
whatever reads like words is taken, because most of our sentences are f-strings of `core`, which
speaks no other language itself (`core.language.translation`). So no text can be forgotten: what is
new fails the test of the catalogues until it is translated.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

# What nobody reads on a page or in a report: the command line and its help, logs, the gate.
SILENT = ("log", "logs", "info", "debug", "warning", "exception")
NO_READER = ("re.compile", "compile", "ValueError", "TypeError", "RuntimeError", "KeyError")
NO_READER_TOO = ("AssertionError", "NotImplementedError", "getLogger", "warn", "add_argument")
# What they hold is a message, whatever it looks like.
MARKED = ("tr", "message", "messages", "named")
_TWO_WORDS = re.compile(
    r"(?:[A-Za-z]{2,}|\}|[A-Za-z0-9])[.,;:)*%’']*(?: ·)? +[(*“\"'`]*(?:[A-Za-z]{2,}|[A-Z]\d|\})"
)
_LABEL = re.compile(r"[A-Z][a-z]{2,}|[A-Z][a-z]+-[a-z]+")
_WORD = re.compile(r"[A-Za-z]{2,}")
_LETTERS = re.compile(r"[A-Za-z]{3,}")
_CODE = re.compile(
    r"</|/>|://|\{%|\\[dwsbS(]|__|=>|\d(?:px|em|rem)\b|^[a-z-]+: [^;]*;$|^[a-z_.]+\($|^\.[a-z]"
    r"|^#[\w-]|^[<>@|]|default-src|: [a-z-]+;|\bvar\(--|^--?[a-z][\w=-]*$|SELECT |rgba?\("
)


@dataclass(frozen=True)
class Message:
    """A text of the source; `values` says what stands in each field."""

    line: int
    text: str
    values: tuple[str, ...] = ()


def python(
    file: BinaryIO, keywords: Any = (), comment_tags: Any = (), options: Any = None
) -> Iterator[tuple[int, str, str, list[str]]]:
    """The texts of a Python file as Babel takes them."""
    for each in of_source(file.read().decode()):
        notes = [f"{{{n}}}: {value}" for n, value in enumerate(each.values)]
        yield each.line, "", each.text, notes


def of_source(source: str) -> list[Message]:
    """The messages of one file, in its order, each once."""
    found: dict[str, Message] = {}
    _look(ast.parse(source), found, False)
    return list(found.values())


def _look(node: ast.AST, found: dict[str, Message], shown: bool) -> None:
    """Collect the texts below `node`; `shown`: whatever has letters is part of a text."""
    if _silent(node):
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] in MARKED:
        for each in node.args:
            _look_marked(each, found)
        return
    if isinstance(node, ast.JoinedStr):
        _take(_joined(node), found, shown)
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                _look(each.value, found, True)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        _take(Message(node.lineno, node.value), found, shown)
        return
    for child in ast.iter_child_nodes(node):
        if not _is_docstring(child):
            _look(child, found, shown and isinstance(node, (ast.IfExp, ast.BinOp)))


def _look_marked(node: ast.AST, found: dict[str, Message]) -> None:
    """Collect what is marked as a message, however short it is."""
    inner = node.value if isinstance(node, ast.Starred) else node
    for each in inner.elts if isinstance(inner, ast.Tuple) else [inner]:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            found.setdefault(each.value.strip(), Message(each.lineno, each.value.strip()))
        else:
            _look(each, found, True)


def _take(message: Message, found: dict[str, Message], shown: bool) -> None:
    text = message.text.strip()
    if text.startswith("|"):
        # A row of a table is read cell by cell.
        for cell in filter(str.strip, text.split("|")):
            _take(Message(message.line, cell), found, shown)
        return
    if reads_like_words(text) or (shown and _LETTERS.search(text) and not _CODE.search(text)):
        found.setdefault(text, Message(message.line, text, message.values))


# Marks of a chart's text, which may stand between words.
_CHART = re.compile(r"<br>|</?b>|</?i>|</?sup>|<extra>.*?</extra>|%\{[^}]*\}")


def reads_like_words(text: str) -> bool:
    """
    >>> [reads_like_words(t) for t in ("Slope", "No scene yet", "{0} tiles", "tile_px", "a.b")]
    [True, True, True, False, False]
    """
    bare = re.sub(r"\{\d+\}", "}", _CHART.sub(" ", text).strip())
    if _CODE.search(bare) or not _WORD.search(bare):
        return False
    return bool(_TWO_WORDS.search(bare) or _LABEL.fullmatch(bare))


def _joined(node: ast.JoinedStr) -> Message:
    """An f-string with its fields numbered."""
    parts: list[str] = []
    values: list[str] = []
    for each in node.values:
        if isinstance(each, ast.Constant):
            parts.append(str(each.value))
        elif isinstance(each, ast.FormattedValue):
            parts.append(f"{{{len(values)}}}")
            values.append(ast.unparse(each.value))
    return Message(node.lineno, "".join(parts), tuple(values))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _silent(node: ast.AST) -> bool:
    """Whether what the node holds is for a log, a pattern or a defect."""
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func)
    last = name.rsplit(".", 1)[-1]
    logged = ".log." in f".{name}" and last in SILENT
    return logged or name in NO_READER or last in (*NO_READER_TOO, "compile")
