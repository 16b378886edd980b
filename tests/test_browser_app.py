"""The app in a real browser without a network: cold deep links, navigation, reload, restart."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.runs.request import TrainRequest
from pages.components.address import STEPS
from tests import browser, tiny
from tests.browser import app_server, chromium, chromium_page, serving  # noqa: F401

pytestmark = pytest.mark.browser

# Address -> a word that only this page says.
PAGES = {
    "": "What InSAR deformation adds",
    "overview": "What InSAR deformation adds",
    "scene-setup": "Scene",
    "relevance": "Factors",
    "learn": "Start training",
    "map-compare": "Scores at threshold",
    "results-table": "Table 3",
}
BROKEN = re.compile("encountered an error|Traceback|Page not found|Exception", re.IGNORECASE)


def settled(page) -> str:
    """Wait until the page's script has ended; return what the page says."""
    page.locator(".st-key-status").wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    return page.locator("body").inner_text()


def answers(page, server: str, address: str) -> None:
    page.goto(f"{server}/{address}")
    page.get_by_text(PAGES[address]).first.wait_for()
    said = settled(page)
    assert "Scene tiny (synthetic)" in said
    assert not BROKEN.search(said)


# A name that is also a page's file, which an old-style app would run alone, and one that is not.
@pytest.mark.parametrize(
    "address", [pytest.param("overview", marks=pytest.mark.sweep), "map-compare"]
)
def test_a_cold_server_answers_a_deep_link(tiny_runs, app_server, chromium_page, address):  # noqa: F811
    answers(chromium_page, app_server, address)


@pytest.fixture(scope="module")
def served(tmp_path_factory, built) -> Iterator[tuple[str, Path]]:
    """Address and workspace of a server with the tiny scene and its runs."""
    browser.needed()
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(built, folder, dirs_exist_ok=True)
    with serving(folder) as address:
        yield address, folder


def test_every_page_answers_and_the_scene_goes_along(served, chromium_page):  # noqa: F811
    page = chromium_page
    for address in PAGES:
        answers(page, served[0], address)
    page.goto(f"{served[0]}/?scene=tiny")
    settled(page)
    for title, address in (("Results", "results-table"), ("Training", "learn")):
        page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        page.wait_for_url(f"**/{address}?*scene=tiny*")
        assert not BROKEN.search(settled(page))


def test_back_leads_to_what_was_open_before_a_step_each(served, chromium_page):  # noqa: F811
    """Pages complete their addresses (scene, view, sides, threshold): none of that is a step."""
    page, (server, _) = chromium_page, served

    page.goto(f"{server}/results-table?scene=tiny")
    settled(page)
    page.get_by_role("tab", name="Experiment").click()
    page.wait_for_url("**/results-table?*tab=experiment*")
    page.get_by_test_id("stTopNavLink").filter(has_text="Compare").click()
    page.wait_for_url("**/map-compare?*threshold*")
    page.get_by_role("radio", name="Objects").click()
    page.wait_for_url("**/map-compare?*drawer=objects*")
    page.locator(".st-key-compare_drawer").wait_for()
    page.go_back()
    page.locator(".st-key-compare_drawer").wait_for(state="detached")
    assert "map-compare" in page.url and "drawer" not in page.url
    page.go_back()
    page.wait_for_url("**/results-table?*tab=experiment*")
    page.get_by_role("tab", name="Experiment", selected=True).wait_for()
    settled(page)
    page.go_back()
    page.get_by_role("tab", name="Tables", selected=True).wait_for()
    assert "tab=tables" in page.url and not BROKEN.search(settled(page))


def test_a_chart_is_saved_as_png_and_svg_without_a_network(served, chromium_page, tmp_path):  # noqa: F811
    server, _ = served
    page = chromium_page
    page.goto(f"{server}/results-table?scene=tiny&tab=figures-and-cost")
    page.locator(".slidescope-svg").first.wait_for(state="attached")
    page.locator(".js-plotly-plot").first.hover()
    saved = {}
    for button in (".slidescope-svg", ".modebar-btn[data-title$=PNG]"):
        with page.expect_download() as download:
            page.locator(button).first.click()
        kind = Path(download.value.suggested_filename).suffix
        saved[kind] = tmp_path / f"chart{kind}"
        download.value.save_as(saved[kind])
    drawn = saved[".svg"].read_text("utf-8")
    assert drawn.startswith("<svg") and ">FCADenseNet</text>" in drawn
    wide = page.locator(".js-plotly-plot").first.bounding_box()["width"]
    with Image.open(saved[".png"]) as image:
        assert image.size[0] == pytest.approx(4 * wide, abs=8)
    assert not page.outside


def test_a_page_that_completes_its_address_before_it_has_its_name_is_one_step(
    served,
    chromium_page,  # noqa: F811
):
    page = chromium_page
    page.route("**/blank", lambda asked: asked.fulfill(body=" ", content_type="text/html"))
    page.goto(f"{served[0]}/blank")
    page.evaluate(STEPS.read_text(encoding="utf-8"))
    steps = page.evaluate(
        """() => {
          const press = () => window.dispatchEvent(new Event("pointerdown"));
          const open = (address) => history.pushState({}, "", address);
          open("/results?tab=tables");
          press(); open("/results?tab=experiment");
          press(); open("/results?left=a"); open("/results?left=a&right=b");
          open("/compare?left=a&right=b"); open("/compare?left=a&right=b&threshold=0.5");
          open("/scene?by=itself");
          return navigation.entries().map((entry) => new URL(entry.url).pathname
            + new URL(entry.url).search);
        }"""
    )
    assert steps[1:] == [
        "/results?tab=tables",
        "/results?tab=experiment",
        "/compare?left=a&right=b&threshold=0.5",
        "/scene?by=itself",
    ]


def test_progress_survives_reload_and_restart(tiny_runs, workspace, chromium_page):  # noqa: F811
    job = jobs.create(TrainRequest("tiny"), "Train FCADenseNet RS-DR on tiny")
    report = JobReport(job.folder)
    report("Training: epoch 2 of 9", 0.25, run=tiny_runs[0].id, epoch=2, epochs=9)
    page = chromium_page
    with serving(workspace) as address:
        page.goto(f"{address}/learn")
        page.get_by_text("2 of 9", exact=True).wait_for()
        page.reload()
        page.get_by_text("2 of 9", exact=True).wait_for()
    with serving(workspace) as address:
        page.goto(f"{address}/learn")
        page.get_by_text("2 of 9", exact=True).wait_for()
        report("Training: epoch 3 of 9", 0.4, epoch=3)
        page.get_by_text("3 of 9", exact=True).wait_for()
        report.end("done")
        page.get_by_text("No job running").wait_for()
        assert not BROKEN.search(settled(page))


def test_the_status_line_follows_the_scene_picked_on_compare(
    served,
    chromium_page,  # noqa: F811
    monkeypatch,
):
    """Last: it adds a scene."""
    address, folder = served
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
    tiny.scene("other")
    page = chromium_page
    page.goto(f"{address}/map-compare?scene=other")
    page.get_by_text("Scene other (synthetic)").wait_for()
    settled(page)
    page.get_by_role("combobox", name=re.compile("Scene")).first.click()
    page.get_by_role("option", name="tiny").click()
    page.get_by_text("Scene tiny (synthetic)").wait_for()
