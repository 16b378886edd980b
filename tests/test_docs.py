"""The documentation as a site: links follow files, the reference follows the sources."""

import importlib.util
import logging
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def hook(name: str):
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / "hooks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("link", "turned"),
    [
        ("[a](docs/import.md)", "[a](import.md)"),
        ("![a](docs/compare.png)", "![a](compare.png)"),
        ("[a](sample_data/README.md)", "[a](sample-data.md)"),
        ("[a](docs/import.md#speed)", "[a](import.md#speed)"),
        ("[a](LICENSE)", "a"),
        ("[a](https://example.org/b)", "[a](https://example.org/b)"),
    ],
)
def test_a_link_leads_to_the_page_that_the_site_has_for_a_file(link, turned):
    assert hook("carried").turned(link, "README.md", "index.md") == turned


def test_a_link_from_a_folder_is_turned_from_there():
    text = hook("carried").turned(
        "[a](../../docs/import.md)", "models/pretrained/README.md", "shipped/index.md"
    )
    assert text == "[a](../import.md)"


def test_a_link_to_nothing_is_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        hook("carried").turned("[a](docs/nowhere.md)", "README.md", "index.md")
    assert "README.md links to 'docs/nowhere.md'" in caplog.text


@pytest.mark.parametrize(
    ("tag", "fetched"),
    [
        ('<script src="https://cdn.example.org/a.js"></script>', True),
        ('<link href="//fonts.example.org/a" rel="stylesheet">', True),
        ('<img src="compare.png">', False),
        ('<a href="https://example.org">a reader clicks</a>', False),
    ],
)
def test_what_a_browser_would_fetch_from_elsewhere_is_found(tag, fetched):
    assert bool(hook("carried").FETCHED.search(tag)) == fetched


def test_the_reference_has_signature_and_words_of_what_is_public(tmp_path, monkeypatch):
    reference = hook("reference")
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    file = tmp_path / "core" / "area.py"
    file.parent.mkdir()
    file.write_text(
        '"""Areas, by <name>."""\n'
        "def km2(width: int, side: float = 12.5) -> float:\n"
        '    """Square kilometres.\n\n    Of a *square*.\n\n    >>> km2(1)\n    """\n'
        "def _hidden():\n"
        '    """Not shown."""\n'
        "class Grid:\n"
        '    """A grid."""\n'
        "    width: int\n"
    )
    text = reference.module(file)
    assert text.startswith("## core.area\n\nAreas, by &lt;name&gt;.")
    assert "def km2(width: int, side: float=12.5) -> float" in text
    assert "\nOf a \\*square\\*.\n\n~~~text\n>>> km2(1)\n~~~" in text
    assert "class Grid\n    width: int" in text
    assert "hidden" not in text


def test_every_source_that_a_page_names_is_there():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    named = re.compile(r"(?<![\w/])(?:core|models|pages|bench|sample_data|tests)/[\w/]+\.(?:py|js)")
    gone = [
        f"{page.relative_to(ROOT)}: {path}"
        for page in pages
        for path in named.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / path).exists()
    ]
    assert not gone
