"""Fixtures of browser tests: `app_server`, `chromium_page` and `two_runs`, imported where they are
used, with the `chromium` that they stand on: one browser a file. The browser itself is
`bench.browser`'s; where there is none the tests are skipped, or fail
when CI=true.
"""

import os
import shutil
from collections.abc import Iterator

import pytest

from bench import browser
from bench.browser import (  # noqa: F401
    launched,
    map_frame,
    opened,
    page_of,
    serving,
    wait_until,
)
from core.runs import store as runs
from core.scene import store as scenes

# Display value of a made layer at the middle of each (row, column), once its tile is there.
VALUE = """([slot, lat, lng]) => {
  const shown = slidescope.views.slots[slot];
  return shown && shown.current ? shown.current.valueAt(L.latLng(lat, lng)) : null;
}"""


def needed() -> None:
    """Without a browser the test is skipped, on CI it fails."""
    sync_api = pytest.importorskip("playwright.sync_api")
    # A machine that is shared answers late; a wait costs nothing where the answer is there.
    sync_api.expect.set_options(timeout=30_000)
    if browser.path():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(browser.NONE)
    pytest.skip(browser.NONE)


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """A browser for a file of tests: starting one takes longer than most tests."""
    needed()
    with launched() as found:
        yield found


@pytest.fixture
def app_server(workspace) -> Iterator[str]:
    """Address of the app serving the test's own workspace."""
    with serving(workspace) as address:
        yield address


@pytest.fixture
def chromium_page(chromium) -> Iterator:
    """A page of 1280 x 720; `page.outside` lists every request that left this machine.

    The test fails at its end if there was one.
    """
    with page_of(chromium) as page:
        yield page
        assert page.outside == [], f"requests left the machine: {page.outside}"


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory, built) -> Iterator[tuple]:
    """Address of Compare on a server with two runs, the scene, and the runs (RS-DR, RS)."""
    needed()
    folder = tmp_path_factory.mktemp("compare")
    shutil.copytree(built, folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        made = tuple(runs.load(f"tiny-fcadensenet-{d}-made-up") for d in ("rs-dr", "rs"))
        with serving(folder) as address:
            yield f"{address}/map-compare", scenes.load("tiny"), made


def open_map(page, address: str, **query):
    """Open Compare with a view as its address holds it; return the started map's frame."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    page.goto(f"{address}?{asked}")
    page.locator("iframe").first.wait_for()
    return started(page)


def started(page):
    """The frame of the map, once it has started."""
    frame = wait_until(
        page, lambda: next((f for f in page.frames if "st_folium" in f.url), None), "map frame"
    )
    frame.wait_for_function("() => window.slidescope && slidescope.started")
    return frame


def choose_first(page):
    """Tick the first row of the drawer's table, which is drawn on a canvas."""
    table = page.locator(".st-key-compare_drawer [data-testid='stDataFrame']").first
    table.scroll_into_view_if_needed()
    table.locator("canvas").first.wait_for()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 14, box["y"] + 52)
