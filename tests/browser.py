"""Fixtures of browser tests: `app_server`, `chromium_page` and `two_runs`, imported where they are
used. The browser itself is `bench.browser`'s; where there is none the tests are skipped, or fail
when CI=true.
"""

import os
from collections.abc import Iterator

import pytest

from bench import browser
from bench.browser import map_frame, opened, serving, wait_until  # noqa: F401
from tests import tiny

# Display value of a made layer at the middle of each (row, column), once its tile is there.
VALUE = """([slot, lat, lng]) => {
  const shown = slidescope.views.slots[slot];
  return shown && shown.current ? shown.current.valueAt(L.latLng(lat, lng)) : null;
}"""


def chromium() -> str:
    """Path of the browser; without one the test is skipped, on CI it fails."""
    sync_api = pytest.importorskip("playwright.sync_api")
    # A machine that is shared answers late; a wait costs nothing where the answer is there.
    sync_api.expect.set_options(timeout=30_000)
    found = browser.path()
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(browser.NONE)
    pytest.skip(browser.NONE)


@pytest.fixture
def app_server(workspace) -> Iterator[str]:
    """Address of the app serving the test's own workspace."""
    with serving(workspace) as address:
        yield address


@pytest.fixture
def chromium_page() -> Iterator:
    """A page of 1280 x 720; `page.outside` lists every request that left this machine.

    The test fails at its end if there was one.
    """
    chromium()
    with opened() as page:
        yield page
        assert page.outside == [], f"requests left the machine: {page.outside}"


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory) -> Iterator[tuple]:
    """Address of Compare on a server with two runs, the scene, and the runs (RS-DR, RS)."""
    chromium()
    folder = tmp_path_factory.mktemp("compare")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        scene = tiny.scene()
        runs = tiny.run(scene, "rs-dr", skill=4.0), tiny.run(scene, "rs", skill=2.0)
        with serving(folder) as address:
            yield f"{address}/map-compare", scene, runs


def choose_first(page):
    """Tick the first row of the drawer's table, which is drawn on a canvas."""
    table = page.locator(".st-key-compare_drawer [data-testid='stDataFrame']").first
    table.scroll_into_view_if_needed()
    table.locator("canvas").first.wait_for()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 14, box["y"] + 52)
