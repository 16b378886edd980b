"""The story a user lives: rasters of their own, uploaded, imported, trained on, seen on the map, in
at most ten clicks."""

import pytest
from playwright.sync_api import expect

from core.jobs import store as jobs
from core.runs import store as runs
from core.scene import store as scenes
from core.scene.files import uploads
from tests import tiny
from tests.browser import app_server, chromium, chromium_page, map_frame, wait_until  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAME = "my-scene"  # that the page proposes
MOST_CLICKS = 10
KASHMIR = ("AW3D30", "Geology", "Landcover", "landslides")
# Pixels of a side that are drawn at the live threshold.
DRAWN = """(side) => Object.values(slidescope[side].current._tiles)
  .flatMap(({ el }) => [...(el.values || [])])
  .filter((v) => v > 200 * slidescope.state.threshold).length"""


class Hand:
    """Clicks, and counts them."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, target) -> None:
        self.clicks += 1
        target.click()

    def upload(self, files: list[str]) -> None:
        """By a click that asks for files and one that ends the system's own dialogue."""
        self.clicks += 2
        self.page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)


@pytest.fixture(params=["example", pytest.param("kashmir", marks=pytest.mark.sweep)])
def rasters(request) -> list[str]:
    """What somebody has: the example, or real data where it is there."""
    if request.param == "example":
        return uploads.example()
    folder = request.getfixturevalue("real_data") / "kashmir"
    if not folder.exists():
        pytest.skip(f"the Kashmir scene is not in {folder}")
    return [str(path) for path in sorted(folder.iterdir()) if path.stem in KASHMIR]


def test_own_rasters_become_a_map_that_says_something_in_ten_clicks(
    workspace,
    rasters,
    app_server,  # noqa: F811
    chromium_page,  # noqa: F811
):
    page, hand = chromium_page, Hand(chromium_page)
    page.goto(app_server)
    hand.click(page.get_by_role("link", name="import rasters of your own"))
    _import(page, hand, rasters)
    _train(page, hand)
    hand.click(page.get_by_test_id("stTopNavLink").filter(has_text="Compare"))
    frame = map_frame(page)
    # Tile after tile comes.
    frame.wait_for_function(f"(side) => ({DRAWN})(side) > 100", arg="right")
    expect(frame.locator(".ss-banner")).to_contain_text("landslides")
    expect(frame.locator(".ss-banner")).to_contain_text("finds")
    expect(frame.locator(".ss-reach")).to_be_hidden()
    assert f"scene={NAME}" in page.url
    assert hand.clicks <= MOST_CLICKS, hand.clicks
    for job in jobs.active():
        jobs.request_stop(job.id)


def _import(page, hand: Hand, rasters: list[str]) -> None:
    hand.upload(rasters)
    start = page.get_by_role("button", name="Start import")
    wait_until(page, start.is_enabled, "a plan without a problem", 60)
    hand.click(start)
    wait_until(page, lambda: NAME in scenes.names(), "the import to end", 120)
    assert scenes.load(NAME).synthetic == (rasters == uploads.example())
    page.get_by_text(f"Scene {NAME}").first.wait_for()


def _train(page, hand: Hand) -> None:
    """The training begins and is stopped; what takes it minutes is put in place."""
    hand.click(page.locator(".st-key-next_step").get_by_role("link", name="Train a network"))
    hand.click(page.get_by_role("button", name="Start training"))
    page.get_by_text("Train FCADenseNet").first.wait_for()
    # Not Streamlit's own "Stop", which is there while a page is drawn.
    main = page.get_by_test_id("stMainBlockContainer")
    hand.click(main.get_by_role("button", name="Stop", exact=True))
    wait_until(page, lambda: not _trainings(), "the training to stop", 180)
    assert [job.state for job in jobs.jobs("train")] == ["stopped"]
    for run in runs.runs(NAME):
        runs.delete(run.id)
    scene = scenes.load(NAME)
    tiny.run(scene, "rs-dr" if scene.has_deformation else "rs", skill=4.0)


def _trainings() -> list[jobs.Job]:
    return [job for job in jobs.active() if job.kind == "train"]
