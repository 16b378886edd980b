"""Every page in the reader's language: no English sentence of ours is left on it."""

import pytest

from core.language import reader
from tests import chinese
from tests.page import texts, visit

FACTOR_VIEWS = ("both-codings", "evidence-per-class", "strata", "significance", "statistics")
OPENED = (
    *((page, {}) for page in ("overview", "scene", "factors", "training", "compare", "results")),
    ("scene", {"view": "import"}),
    *(("factors", {"view": view}) for view in (*FACTOR_VIEWS, "trained-network")),
    *(("results", {"tab": tab}) for tab in ("figures-and-cost", "for-reviewers", "experiment")),
    ("results", {"tab": "export"}),
)
# The map's script has its own words; a table of files or classes has theirs.
OF_OTHERS = ("ComponentInstance",)


@pytest.mark.parametrize("page, query", OPENED)
def test_no_english_sentence_is_left(tiny_runs, page, query):
    app = visit(page, lang="zh", **query)
    left = [
        (kind, found)
        for kind, text in chinese.said(app)
        if kind not in OF_OTHERS
        for found in chinese.english(text)
    ]
    assert not left


def test_pages_without_a_scene_are_chinese_too(workspace):
    for page in ("overview", "scene", "factors", "training", "compare", "results"):
        app = visit(page, lang="zh")
        left = [found for _, text in chinese.said(app) for found in chinese.english(text)]
        assert not left, page


def test_an_error_is_told_in_the_language_of_the_page(tiny_runs):
    app = visit("overview", lang="zh", scene="nowhere")
    assert "没有名为“nowhere”的场景" in texts(app)


def test_the_address_chooses_the_language_and_the_switch_changes_it(tiny_runs):
    app = visit("overview", lang="zh")
    assert "利用深度学习" in texts(app)
    switch = next(each for each in app.button_group if each.key == "language_switch")
    switch.set_value("en").run()
    assert "with deep learning" in texts(app)
    assert "lang" not in app.query_params
    assert reader.current() == "en"
