"""Every page in a real browser that asks for Chinese: no English sentence of ours, no reload."""

import pytest

from bench.browser import page_of
from tests import chinese
from tests.browser import chromium, started, two_runs  # noqa: F401
from tests.test_browser_app import PAGES, settled

pytestmark = pytest.mark.browser

ADDRESSES = (*PAGES, "scene-setup?view=import", "relevance?view=trained-network")
TABS = ("figures-and-cost", "for-reviewers", "experiment", "export")
# Streamlit's own words, which no page can change (docs/languages.md).
STREAMLIT = ("Skip to main content", "per file")


@pytest.fixture
def in_chinese(chromium):  # noqa: F811
    with page_of(chromium, locale="zh-CN") as page:
        yield page


def left(text: str) -> list[str]:
    lines = (line for line in text.splitlines() if not any(word in line for word in STREAMLIT))
    return [found for line in lines for found in chinese.english(line)]


def test_no_page_has_an_english_sentence(two_runs, in_chinese):  # noqa: F811
    server = two_runs[0].removesuffix("/map-compare")
    for address in (*ADDRESSES, *(f"results-table?tab={tab}" for tab in TABS)):
        in_chinese.goto(f"{server}/{address}")
        in_chinese.locator('html[lang="zh"]').wait_for(state="attached")
        assert not left(settled(in_chinese)), address


def test_the_map_and_its_drawer_are_chinese(two_runs, in_chinese):  # noqa: F811
    in_chinese.goto(two_runs[0])
    frame = started(in_chinese)
    frame.locator(".ss-panel").wait_for()
    assert not left(frame.locator("body").inner_text())
    assert frame.evaluate("document.documentElement.lang").startswith("zh")
    for name in ("对象", "复核", "量测"):
        in_chinese.get_by_text(name, exact=True).first.click()
        assert not left(settled(in_chinese)), name


def test_a_choice_holds_on_every_page_and_after_a_reload(two_runs, in_chinese):  # noqa: F811
    server = two_runs[0].removesuffix("/map-compare")
    in_chinese.goto(f"{server}/?lang=zh")
    in_chinese.get_by_text("概览", exact=True).first.wait_for()
    in_chinese.locator(".st-key-language").get_by_text("English").click()
    in_chinese.get_by_text("Overview", exact=True).first.wait_for()
    settled(in_chinese)
    assert "lang" not in in_chinese.url
    in_chinese.wait_for_function("() => document.cookie.includes('slidescope_language=en')")
    in_chinese.goto(f"{server}/learn")
    in_chinese.get_by_text("Start training").wait_for()
