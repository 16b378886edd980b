"""Compare under strain, in a real browser: strips of one pixel, grids without CRS, a run deleted
meanwhile, many viewers, a slow hand."""

import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import rasterio
from playwright.sync_api import expect

from core.display import bins, display
from core.maps import changes
from core.review import decisions
from core.runs import config
from core.runs import store as runs
from tests import browser, stack, tiny
from tests.browser import VALUE, choose_first, chromium, chromium_page, wait_until  # noqa: F401

pytestmark = pytest.mark.browser
LONG = 40_000
FALSE = (150, 200)  # of a planted false object


@pytest.fixture(scope="module")
def strained(tmp_path_factory):
    """Address of Compare on a server with a scene without CRS and two strips, each with runs."""
    browser.needed()
    folder = tmp_path_factory.mktemp("strain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        plain = tiny.scene("plain", grid=tiny.PIXEL_GRID)
        found = [tiny.run(plain, name, skill=9.0) for name in ("rs-dr", "rs")]
        _plant(found[0])
        strip("wide", (1, LONG), "EPSG:32648")
        strip("tall", (LONG, 1), None)
        with browser.serving(folder) as address:
            yield f"{address}/map-compare", plain, found


def _plant(run) -> None:
    """One false object in the run's map."""
    with rasterio.open(run.prediction() / "probability.tif", "r+") as raster:
        values = raster.read(1)
        values[np.isfinite(values) & (values < 0.5)] = 0.1
        values[FALSE[0] : FALSE[0] + 6, FALSE[1] : FALSE[1] + 6] = 0.8
        raster.write(values, 1)
    display.prepare_prediction(run.prediction(), tiny.scenes.load("plain"))


def strip(name: str, shape: tuple[int, int], crs: str | None) -> None:
    """A scene of one pixel by forty thousand, and a run on it."""
    rng = np.random.default_rng(1)
    mask = np.zeros(shape, np.uint8).ravel()
    mask[20:60] = 1
    layers = {n: rng.normal(1000, 50, shape) for n in ("red", "nir", "elevation", "deformation")}
    made = stack.scene(layers, mask.reshape(shape), name, crs=crs)
    display.prepare_scene(made)
    given = {"scene": name, "fingerprint": made.fingerprint, "inventory_version": 1}
    about = {"synthetic": True, "model": "unet", "dataset": "rs-dr", "preset": "quick", "epochs": 3}
    settings = config.RunConfig(**given, **about, factors=made.factor_names)
    tiny.finish(made, settings, f"{name}-run", 6.0)


def opened(page, strained, **query):
    frame = browser.open_map(page, strained[0], **query)
    page.locator('[data-testid="stMetric"]').nth(5).wait_for()
    return frame


@pytest.mark.parametrize("name", [pytest.param("wide", marks=pytest.mark.sweep), "tall"])
def test_a_strip_of_one_pixel_is_seen_and_scored(chromium_page, strained, name):  # noqa: F811
    page, frame = chromium_page, opened(chromium_page, strained, scene=name, area="all")
    seen = (
        "() => Object.values(slidescope.right.current._tiles)"
        ".some(({ el }) => el.values && el.values.some(Boolean))"
    )
    frame.wait_for_function(seen)
    frame.get_by_role("slider", name="Threshold").fill("0.3")
    expect(page.locator(".st-key-compare_words")).to_contain_text("threshold 0.300")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    frame.get_by_role("button", name="Whole scene").click()
    frame.wait_for_function(seen)


def test_without_crs_every_made_layer_says_what_the_masks_say(chromium_page, strained):  # noqa: F811
    _, plain, found = strained
    frame = opened(
        chromium_page, strained, scene="plain", mode="grid", fourth="agreement", as_left="errors"
    )
    frame.evaluate("slidescope.fit()")
    after, before = (_mask(run) for run in found)
    truth = plain.read_mask() == 1
    expected = {
        "left": np.array([[1, 3], [4, 2]])[truth.astype(int), before.astype(int)],
        "third": changes.classes(truth, before, after),
        "fourth": 1 + before.astype(int) + after,
    }
    for slot, values in expected.items():
        for row, column in ((40, 60), (152, 203), (200, 300)):
            asked = [[slot, -(row + 0.5), column + 0.5], int(values[row, column])]
            frame.wait_for_function(f"([at, value]) => ({VALUE})(at) === value", arg=asked)


def _mask(run) -> np.ndarray:
    with rasterio.open(run.prediction() / "probability.tif") as source:
        return bins.to_mask(bins.to_display(source.read(1)), 0.5) == 1


def test_without_crs_an_outline_is_edited_on_the_map_and_accepted(chromium_page, strained):  # noqa: F811
    page, frame = chromium_page, opened(chromium_page, strained, scene="plain", area="all")
    page.get_by_role("radio", name="Review").click()
    page.get_by_label("Your name").fill("R. Roe")
    page.get_by_label("Your name").press("Enter")
    choose_first(page)
    frame.wait_for_function("() => Boolean(slidescope.mark)")
    middle = frame.evaluate("(({lat, lng}) => [lat, lng])(slidescope.mark.getBounds().getCenter())")
    assert middle == [-(FALSE[0] + 3), FALSE[1] + 3]
    page.get_by_role("button", name="Edit on the map").click()
    corner = frame.locator(".ss-corner")
    expect(corner).to_have_count(4)
    box = frame.locator(".ss-between").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y - 40, steps=4)
    page.mouse.up()
    expect(corner).to_have_count(5)
    frame.get_by_role("button", name="Use this outline").click()
    expect(page.locator(".st-key-compare_drawer")).to_contain_text("edited outline: 5 corners")
    page.get_by_role("button", name="Accept", exact=True).click()
    page.get_by_text("accepted by R. Roe").wait_for()
    (made,) = decisions.read("plain")
    assert made.edited and made.crs is None
    expect(frame.locator("path.leaflet-interactive, .leaflet-ss-edited-pane path")).to_have_count(0)


def test_sixty_moves_within_a_frame_are_not_painted_sixty_times(chromium_page, strained):  # noqa: F811
    frame = opened(chromium_page, strained, scene="plain")
    painted = frame.evaluate(
        """() => new Promise((done) => {
          let count = 0;
          const redraw = slidescope.redraw.bind(slidescope);
          slidescope.redraw = () => { count += 1; redraw(); };
          const slider = document.querySelector('input[data-name="threshold"]');
          for (let n = 1; n <= 60; n++) {
            slider.value = n / 100;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
          }
          requestAnimationFrame(() => requestAnimationFrame(() => done(count)));
        })"""
    )
    assert painted <= 3  # one, and what an answer of the server may add
    expect(frame.locator('[data-name="threshold-value"]')).to_have_text("0.600")


def test_twenty_viewers_get_every_tile_and_value(strained):
    address, _, found = strained
    server = address.rsplit("/", 1)[0]
    tiles = [
        f"maps/tiles/{of}/1/{x}/{y}"
        for of in (f"run/{found[0].id}/plain/probability", "scene/plain/slope")
        for x in range(2)
        for y in range(2)
    ]
    asked = [*tiles, "maps/outlines/plain.json", "maps/values/plain.json?lat=-40&lng=60"]

    def look(_) -> list[int]:
        answers = []
        for path in asked:
            with urllib.request.urlopen(f"{server}/{path}", timeout=60) as answer:
                answers.append(answer.status)
                answer.read()
        return answers

    with ThreadPoolExecutor(20) as viewers:
        found = list(viewers.map(look, range(20)))
    assert {status for answers in found for status in answers} <= {200, 204}
    assert all(answers == found[0] for answers in found)


def test_a_run_deleted_in_another_tab_is_told_and_the_page_goes_on(chromium_page, strained):  # noqa: F811
    """Last: it takes a run away."""
    page, frame = chromium_page, opened(chromium_page, strained, scene="plain")
    # A map that nobody has touched fits itself to its frame until it has settled.
    frame.wait_for_function(
        "slidescope.settled && Object.values(slidescope.right.current._tiles)"
        ".every(({ el }) => el.shows)"
    )
    runs.delete(strained[2][0].id)
    frame.evaluate("slidescope.map.setZoom(-1, { animate: false })")
    expect(frame.locator('[data-name="said"]')).to_contain_text("it may have been deleted")
    frame.get_by_role("slider", name="Threshold").fill("0.3")
    expect(page.locator(".st-key-compare_words")).to_contain_text("to show (any more)")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    frame.wait_for_function("!slidescope.state.right.layer.url.includes('rs-dr')")
