"""The API reference: a page for each folder of `core` and for `models`, read from the sources.

A hook of MkDocs. It parses the files and imports none, so it costs two seconds, needs no Keras,
and follows every module that moves. Public is what has a docstring and no leading underscore.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("core", "models")
# What Markdown would take for its own; code in backticks stays as it is.
SPECIAL = re.compile(r"(`[^`]*`)|([<>*_\[\]])")
# A paragraph that is set: doctests, indented lines, columns.
SET = re.compile(r"^(>>>| )|\S {2,}\S", re.MULTILINE)
ENTITIES = {"<": "&lt;", ">": "&gt;"}


def on_files(files: Files, config) -> Files:
    """Add the pages and list them in the navigation."""
    pages = {}
    for place in PLACES:
        for file in sorted((ROOT / place).rglob("*.py")):
            room = ".".join(file.relative_to(ROOT).parent.parts[:2])
            pages.setdefault(room, []).append(module(file))
    for room, modules in pages.items():
        text = f"# {room}\n\n" + "\n".join(filter(None, modules))
        files.append(File.generated(config, f"reference/{room}.md", content=text))
    config.nav.append({"Reference": [{room: f"reference/{room}.md"} for room in pages]})
    return files


def module(file: Path) -> str:
    """What a module says of itself and of its public functions and classes; '' if nothing."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    parts = [said(tree), *(entry(node) for node in public(tree))]
    body = "\n".join(filter(None, parts))
    return f"## {plain(name)}\n\n{body}" if body else ""


def public(node: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The documented public functions and classes directly inside `node`."""
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.ClassDef)
        if named and not child.name.startswith("_") and ast.get_docstring(child):
            yield child


def entry(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Heading, signature and docstring; of a class its fields and methods as well."""
    lines = [f"### {plain(node.name)}\n", fenced(signature(node), "python"), said(node)]
    if isinstance(node, ast.ClassDef):
        lines += [f"{fenced(signature(m), 'python')}\n{said(m)}" for m in public(node)]
    return "\n".join(lines)


def signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    """As it is written in the source, without the body."""
    if isinstance(node, ast.FunctionDef):
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        return f"def {node.name}({ast.unparse(node.args)}){returns}"
    bases = ", ".join(map(ast.unparse, node.bases))
    fields = [ast.unparse(child) for child in node.body if isinstance(child, ast.AnnAssign)]
    return "\n    ".join([f"class {node.name}({bases})".replace("()", ""), *fields])


def said(node: ast.AST) -> str:
    """A docstring: prose as prose; doctests, tables and whatever else is indented as it is set."""
    paragraphs = (ast.get_docstring(node) or "").split("\n\n")
    return "\n".join(
        fenced(text, "text") if SET.search(text) else f"{plain(text)}\n"
        for text in paragraphs
        if text.strip()
    )


def plain(text: str) -> str:
    """`text` with nothing in it that Markdown or HTML would take for its own.

    Code between backticks is left alone.
    """

    def escape(found: re.Match) -> str:
        code, sign = found.groups()
        return code or ENTITIES.get(sign, f"\\{sign}")

    return SPECIAL.sub(escape, text)


def fenced(text: str, kind: str) -> str:
    """`text` as a block of code."""
    return f"~~~{kind}\n{text}\n~~~\n"
