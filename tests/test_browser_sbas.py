"""A rate from the sample's interferograms, made through the page and looked at in a browser."""

import re

import pytest

from core.objects import motion
from core.scene import store
from core.workflows import sample
from tests.browser import app_server, chromium, chromium_page, started, wait_until  # noqa: F401

# Two minutes: tests/test_page_sbas.py and test_sbas_chain.py hold the same figures each time.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sweep]
SIZE, SEED = 256, 3
# An import is a process that loads everything, on a machine that others use as well.
PATIENT_MS = 240_000


@pytest.fixture
def files(workspace, monkeypatch):
    """Elevation, inventory and interferograms of a watershed of 256 pixels, which pages may open;
    the files lie in the workspace's samples."""
    made = sample.files(SIZE, SEED)
    stack = workspace / "samples" / "stack"
    told = sample.interferograms_in(stack, SIZE, SEED)
    folder = workspace / "samples" / f"watershed-{SIZE}-{SEED}"
    assert made["out"] == str(folder) and told["pairs"] == 63
    return [folder / "DEM.tif", folder / "inventory.gpkg", stack]


def enter(page, path) -> None:
    box = page.get_by_role("textbox", name="Or a file or folder on this machine")
    box.fill(str(path))
    box.press("Enter")
    page.get_by_text(path.name, exact=True).first.wait_for()


def test_a_rate_is_made_of_the_samples_stack_and_looked_at(files, app_server, chromium_page):  # noqa: F811
    page = chromium_page
    page.goto(f"{app_server}/scene-setup")
    for path in files:
        enter(page, path)
    page.get_by_text("HyP3 (GAMMA), 63 interferograms of 24 dates").first.wait_for()
    page.get_by_text("63 pairs of 24 dates, coloured by mean coherence").wait_for()
    # Pairs of one shade of coherence and the dates, at least.
    _drawn(page, page.locator(".st-key-import-network .scatterlayer .trace"), 2)
    page.get_by_text("Fastest motion that the pairs can see: 422 mm/yr").wait_for()

    page.get_by_role("button", name="Start import").click()
    cards = page.locator(".factor-card")
    cards.filter(has_text="Standard error of the rate").wait_for(timeout=PATIENT_MS)
    scene = store.load("my-scene")
    assert {"deformation", "temporal_coherence", "rate_error"} <= set(scene.factor_names)

    page.goto(f"{app_server}/map-compare?scene=my-scene&left=deformation")
    page.locator("iframe").first.wait_for()
    started(page)
    page.get_by_role("radio", name="Displacement").click()
    drawer = page.locator(".st-key-compare_drawer")
    drawer.get_by_text("Click on the map, or choose a landslide.").wait_for()
    _click_the_map(page)
    drawer.get_by_text(re.compile("pixel .* of the stack")).first.wait_for()
    chart = page.locator(".st-key-compare-displacement")
    _drawn(page, chart.locator(".scatterlayer .trace"), 2)  # series and line
    _drawn(page, chart.locator(".errorbars .errorbar"), 20)

    page.get_by_role("radio", name="Place B").click()
    fastest = motion.slides(scene)[0]
    drawer.get_by_role("combobox").click()
    page.get_by_role("option", name=fastest.words).click()
    drawer.get_by_text(fastest.title).first.wait_for()
    drawer.get_by_text("Residuals of the pairs").click()
    drawer.get_by_text(re.compile(r"what its \d+ pairs miss the series by")).wait_for()
    _drawn(page, page.locator(".st-key-compare-residuals-A .scatterlayer .trace"), 2)


def _drawn(page, marks, least: int) -> None:
    """Wait until a chart has drawn so many marks."""
    wait_until(page, lambda: marks.count() >= least, f"{least} marks")


def _click_the_map(page) -> None:
    """Left of the line of the swipe, where nothing lies on the map."""
    box = page.locator("iframe").first.bounding_box()
    page.mouse.click(box["x"] + 0.42 * box["width"], box["y"] + 0.45 * box["height"])
