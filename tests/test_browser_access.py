"""Every page is accessible, in the light and in the dark theme: axe-core finds nothing serious."""

import shutil
from collections.abc import Iterator
from importlib.resources import files

import pytest

from tests import browser
from tests.browser import chromium, chromium_page, map_frame, serving  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ("overview", "scene-setup", "relevance", "learn", "map-compare", "results-table")
GRAVE = ("serious", "critical")
FOUND = """async () => {
  const { violations } = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
  return violations.map(({ id, impact, nodes }) => ({
    id, impact, nodes: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
  }));
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory, built) -> Iterator[str]:
    browser.needed()
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(built, folder, dirs_exist_ok=True)
    with serving(folder) as address:
        yield address


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.sweep)])
def themed(request, chromium) -> Iterator:  # noqa: F811
    """A page that the system gives this theme; axe is put into it past the page's policy."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 720}, color_scheme=request.param, bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.theme = request.param
    yield page
    context.close()


def grave(frame) -> list[dict]:
    """What axe-core finds in one document that keeps somebody from using it."""
    frame.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    return [found for found in frame.evaluate(FOUND) if found["impact"] in GRAVE]


def drawn(page) -> None:
    """Wait until the page stands still: what is drawn anew is pale for a moment."""
    page.locator('[data-testid="stMain"] :is(h1, iframe)').first.wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(500)


def test_nothing_serious_on_any_page(served, themed):
    for address in PAGES:
        themed.goto(f"{served}/{address}")
        drawn(themed)
        assert grave(themed) == [], f"{address}, {themed.theme}"
        if address == "map-compare":
            frame = map_frame(themed)
            assert frame.evaluate("document.documentElement.dataset.theme") == themed.theme
            assert grave(frame) == [], f"the map, {themed.theme}"


def test_the_tab_says_page_and_scene(served, chromium_page):  # noqa: F811
    chromium_page.goto(f"{served}/learn?scene=tiny")
    drawn(chromium_page)
    assert chromium_page.title() == "Training · tiny · SlideScope"
