"""No sentence of core reaches a page with words of the command line."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.workflows import spoken
from tests.test_page_words import OF_A_COMMAND

CORE = Path(__file__).resolve().parents[1] / "core"
PAGES = CORE.with_name("pages")
# What speaks on a terminal alone: rooms, and words that pages have words of their own for.
ROOMS = ("commands", "doctor")
ALONE = ("python -m core", "store the factors left", "Something failed that should not have")
# A command of GDAL's, to be copied.
GDAL = re.compile(r"`gdal[^`]*`")


def sentences() -> Iterator[tuple[str, str]]:
    """(file, text) of everything with a space in it that core says; what is put in is called so."""
    for path in sorted(CORE.rglob("*.py")):
        if path.relative_to(CORE).parts[0] in ROOMS:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
        documents = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            if id(node) in parts | documents:
                continue
            text = _text(node)
            if " " in text.strip() and OF_A_COMMAND.search(text):
                yield f"{path.relative_to(CORE)}:{node.lineno}", text


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(each) or "crs" for each in node.values)
    return ""


def test_sentences_with_options_are_found():
    assert len(list(sentences())) > 150


def test_no_sentence_reaches_a_page_with_words_of_the_command_line():
    said = {
        where: GDAL.sub("", spoken.on_page(text))
        for where, text in sentences()
        if not text.startswith(ALONE)
    }
    assert {where: text for where, text in said.items() if OF_A_COMMAND.search(text)} == {}


@pytest.mark.parametrize(
    "sentence, said",
    {
        "give it again with --inventory.": "give it again with “Landslide inventory”.",
        "--like and --resolution contradict": "“File” and “Pixel size” contradict",
        "with --max-days 24 or --drop 20210109_20210121.": (
            "with “Longest pairs, days: 24” or “Pairs left out: 20210109_20210121”."
        ),
        "give --shift dem=100,-20.5 (metres)": "give “Moved by, m: 100,-20.5” for dem (metres)",
        "name it with --crs NAME=EPSG:n.": "name it with “Reference system: EPSG:n”.",
        "give --landslide-value VALUE[,VALUE...]": "give “Landslide is”",
        "choose --split paper besides": "choose “Split of the tiles: paper” besides",
        "leave --split out": "leave “Split of the tiles” out",
        "run `python -m core kfold` to train them anew.": "go to the Training page to train them "
        "anew.",
        "`slidescope scenes` and `slidescope runs` list them.": "the Scene page and the Training "
        "page list them.",
        "predict it again with `python -m core predict a --scene b`, or": "predict it again on the "
        "Training page, or",
        "--what-is-no-option, a--b and `warp`": "--what-is-no-option, a--b and `warp`",
    }.items(),
)
def test_an_option_is_its_label_and_a_command_its_page(sentence, said):
    assert spoken.on_page(sentence) == said


def test_an_action_s_own_label_comes_first():
    assert "A positive" not in spoken.on_page("give --scale 255", "load-map")
    assert spoken.on_page("give --scale 255", "load-map").startswith(
        "give “Value that means a prob"
    )
    assert spoken.on_page("give --scale 255") == "give “Scale, offset: 255”"


def test_pages_show_what_core_says_by_the_one_way():
    """`plain.sentence`, which asks `spoken`."""
    shown = ("st.error(str(", "st.warning(str(", "st.info(str(", "st.caption(str(", ".text(each.re")
    found = [
        f"{path.relative_to(PAGES)}: {line.strip()}"
        for path in sorted(PAGES.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(each in line for each in shown)
    ]
    assert found == []
