"""Objects and review in a real browser: choose an object, see it, decide about it."""

import numpy as np
import pytest
import rasterio
from playwright.sync_api import expect

from core.review import decisions
from tests import browser, tiny
from tests.browser import choose_first, chromium, chromium_page, wait_until  # noqa: F401

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def compare(tmp_path_factory):
    """Address of Compare on a server with one run that has one planted false object."""
    browser.needed()
    folder = tmp_path_factory.mktemp("review")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        run = tiny.run(tiny.scene(), "rs-dr", skill=9.0)
        with rasterio.open(run.prediction() / "probability.tif", "r+") as raster:
            values = raster.read(1)
            values[np.isfinite(values) & (values < 0.5)] = 0.1
            values[150:156, 200:206] = 0.8
            raster.write(values, 1)
        with browser.serving(folder) as address:
            yield f"{address}/map-compare?area=all"


def opened(page, address, tab):
    page.goto(address)
    frame = browser.map_frame(page)
    page.locator('[data-testid="stMetric"]').nth(5).wait_for()
    page.get_by_role("radio", name=tab).click()
    page.locator(".st-key-compare_drawer").wait_for()
    return frame


def centre_pixel(frame) -> tuple[float, float]:
    """(row, column) of the middle of the place that the map went to."""
    lat, lng = frame.evaluate(
        "(() => { const c = slidescope.mark.getBounds().getCenter(); return [c.lat, c.lng]; })()"
    )
    from rasterio.warp import transform

    (x,), (y,) = transform("EPSG:4326", "EPSG:32648", [lng], [lat])
    return (3020000 - y) / 12.5, (x - 240000) / 12.5


@pytest.mark.sweep
def test_a_chosen_object_takes_the_map_there_and_says_why(chromium_page, compare):  # noqa: F811
    page, frame = chromium_page, opened(chromium_page, compare, "Objects")
    before = page.locator("iframe").first.bounding_box()
    assert before["height"] >= 0.7 * 720
    page.locator(".st-key-compare_drawer table").wait_for()
    expect(page.locator(".st-key-compare_drawer table")).to_contain_text("small: under 1 ha")
    page.get_by_role("radio", name="False").click()
    page.get_by_text("1 by area × mean probability").wait_for()
    frame.evaluate("window.told = 1")
    choose_first(page)
    frame.wait_for_function("() => Boolean(slidescope.mark)")
    row, column = centre_pixel(frame)
    assert abs(row - 153) < 2 and abs(column - 203) < 2
    # It was told, not built anew, and shows what was asked for.
    assert frame.evaluate("window.told") == 1
    inside = "slidescope.map.getBounds().contains(slidescope.mark.getBounds())"
    assert frame.evaluate(inside)
    page.locator(".st-key-compare_drawer .js-plotly-plot").wait_for()
    expect(page.locator(".st-key-compare_drawer")).to_contain_text("Why here?")
    # The same tab closes the drawer and gives the map its width back.
    narrow = page.locator("iframe").first.bounding_box()["width"]
    page.get_by_role("radio", name="Objects").click()
    page.locator(".st-key-compare_drawer").wait_for(state="detached")
    wider = page.locator("iframe").first
    wait_until(page, lambda: wider.bounding_box()["width"] > narrow + 300, "the wider map")
    assert frame.evaluate("window.told") == 1


def test_accept_undo_and_version_from_the_drawer(chromium_page, compare):  # noqa: F811
    page = chromium_page
    opened(page, compare, "Review")
    page.get_by_label("Your name").fill("R. Roe")
    page.get_by_label("Your name").press("Enter")
    choose_first(page)
    page.get_by_role("button", name="Accept", exact=True).click()
    page.get_by_text("accepted by R. Roe").wait_for()
    page.get_by_text("Decisions (1)").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Decisions (2)").wait_for()
    page.get_by_role("button", name="Accept", exact=True).click()
    page.get_by_text("Decisions (3)").wait_for()
    page.get_by_role("button", name="Make inventory version 2").click()
    page.get_by_text("Newest version: 2, 6 landslides").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "tiny-review.gpkg"
    done = [d.action for d in decisions.read("tiny")]
    assert done == ["accept", "undo", "accept", "version"]
