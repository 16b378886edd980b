"""The map of Compare in a real browser: layers made in the browser, views, presenter, bookmarks."""

import numpy as np
import pytest
from playwright.sync_api import expect

from core.display import bins
from core.maps import changes
from tests import browser
from tests.browser import (  # noqa: F401
    VALUE,
    chromium,
    chromium_page,
    map_frame,
    open_map,
    started,
    two_runs,
    wait_until,
)

pytestmark = pytest.mark.browser


def opened(page, served, **query):
    return open_map(page, served[0], **query)


def place(scene, row: int, column: int) -> tuple[float, float]:
    from rasterio.warp import transform

    x, y = scene.grid.affine * (column + 0.5, row + 0.5)
    (lng,), (lat,) = transform(scene.grid.crs, "EPSG:4326", [x], [y])
    return lat, lng


def values(page, frame, scene, slot: str, places) -> list[int]:
    """Display values of a slot at pixels of the scene."""
    found = []
    for row, column in places:
        at = [slot, *place(scene, row, column)]
        value = wait_until(page, lambda at=at: str(frame.evaluate(VALUE, at) or ""), "a value")
        found.append(int(value))
    return found


def masks(runs, scene, threshold: float) -> list[np.ndarray]:
    import rasterio

    found = []
    for run in runs:
        with rasterio.open(run.prediction() / "probability.tif") as source:
            found.append(bins.to_mask(bins.to_display(source.read(1)), threshold) == 1)
    return found


# Away from the edges of the planted landslides, where half a pixel decides.
PLACES = [(40, 60), (90, 300), (60, 200), (128, 128), (200, 200), (30, 330), (220, 350)]


def test_made_layers_say_per_pixel_what_the_masks_say(chromium_page, two_runs):  # noqa: F811
    page, (_, scene, (with_deformation, without)) = chromium_page, two_runs
    frame = opened(page, two_runs, mode="grid", fourth="agreement", as_right="errors")
    frame.evaluate("slidescope.fit()")
    for threshold in (0.5, 0.3):
        frame.evaluate(f"slidescope.set('threshold', {threshold})")
        page.wait_for_timeout(300)
        before, after = masks((without, with_deformation), scene, threshold)
        truth = scene.read_mask() == 1
        gained = changes.classes(truth, before, after)
        errors = np.array([[1, 3], [4, 2]])[truth.astype(int), after.astype(int)]
        agreed = 1 + before.astype(int) + after
        for slot, expected in (("third", gained), ("right", errors), ("fourth", agreed)):
            found = values(page, frame, scene, slot, PLACES)
            wanted = [int(expected[p]) for p in PLACES]
            # The web map's pixels are not the scene's: at most one of them may be a neighbour.
            assert sum(f != w for f, w in zip(found, wanted)) <= 1, (slot, threshold)
    legend = frame.get_by_role("note", name="Legend")
    for words in ("landslide, gained", "missed (FN)", "all 2"):
        expect(legend).to_contain_text(words)


def test_four_maps_move_as_one_and_blink_takes_turns(chromium_page, two_runs):  # noqa: F811
    frame = opened(chromium_page, two_runs)
    frame.get_by_role("group", name="View").get_by_role("button", name="2").click()
    expect(frame.locator(".ss-sheet:visible")).to_have_count(3)
    frame.evaluate("slidescope.map.setZoom(slidescope.map.getZoom() + 1, { animate: false })")
    centres = frame.evaluate(
        "[slidescope.map, ...slidescope.views.grid.sheets.map((s) => s.map)]"
        ".map((m) => [m.getCenter().lat.toFixed(3), m.getCenter().lng.toFixed(3), m.getZoom()])"
        ".map(String)"
    )
    assert len(set(centres)) == 1
    # The legend would hide the fourth map of a small frame; it is a click away.
    legend = frame.get_by_role("button", name="Legend")
    expect(legend).to_have_attribute("aria-expanded", "false")
    legend.click()
    expect(frame.get_by_role("note", name="Legend")).to_contain_text("Probability")
    expect(legend).to_have_attribute("aria-expanded", "true")
    frame.get_by_label("Layer of the fourth map").select_option("slope")
    frame.wait_for_function("slidescope.views.slots.fourth.current.layer.id === 'slope'")
    frame.get_by_role("button", name="Map").click()
    frame.get_by_role("button", name="Blink").click()
    expect(frame.locator(".ss-sheet:visible")).to_have_count(0)
    for whose, left_is in (("right", "hidden"), ("left", "")):
        frame.wait_for_function(
            f"slidescope.views.phase === '{whose}'"
            f" && slidescope.main.panes[0].style.visibility === '{left_is}'"
        )
    frame.get_by_role("button", name="Swipe", exact=True).click()
    expect(frame.get_by_role("slider", name="Swipe between left and right")).to_be_visible()
    expect(frame.locator(".ss-entries")).to_be_visible()
    # The words that lay in the map's place until it had its tiles.
    expect(chromium_page.locator(".st-key-compare_map iframe[data-drawn]")).to_have_count(1)


def test_presenter_switches_layers_by_number_and_escape_leaves(chromium_page, two_runs):  # noqa: F811
    page, frame = chromium_page, opened(chromium_page, two_runs)
    frame.get_by_role("button", name="Present").click()
    strip = frame.get_by_role("group", name="Layers by number key")
    expect(strip).to_be_visible()
    page.keyboard.press("3")
    frame.wait_for_function("slidescope.views.slots.one.current.layer.id === 'gained'")
    page.keyboard.press("4")
    frame.wait_for_function("slidescope.views.slots.one.current.layer.id === 'errors'")
    expect(frame.locator(".ss-panel")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(strip).to_be_hidden()
    frame.wait_for_function("slidescope.state.mode === 'swipe'")
    frame.get_by_role("button", name="Full screen").click()
    frame.wait_for_function("document.fullscreenElement !== null")


def test_opening_the_address_restores_the_view(chromium_page, two_runs):  # noqa: F811
    page, frame = chromium_page, opened(chromium_page, two_runs)
    page.locator('[data-testid="stMetric"]').nth(5).wait_for()
    frame.get_by_role("button", name="One").click()
    frame.get_by_label("Layer", exact=True).select_option("errors:right")
    frame.get_by_role("slider", name="Opacity").fill("0.6")
    frame.get_by_label("Base").select_option("slope")
    frame.get_by_label("Reference outlines").uncheck()
    page.wait_for_timeout(700)
    frame.evaluate("slidescope.map.setView([27.27, 102.39], 15, { animate: false })")
    frame.get_by_role("slider", name="Threshold").fill("0.3")
    state = "(({mode, one, threshold, opacity, base, outlines}) => [mode, one, threshold, opacity, base, outlines])(slidescope.state)"  # noqa: E501
    expect(page.locator(".st-key-compare_words")).to_contain_text("threshold 0.300")
    # The page writes its own part of the address, then the map puts its part back.
    parts = ("threshold=0.3", "at=27.27", "mode=one", "opacity=0.6", "base=slope")
    wait_until(page, lambda: all(part in page.url for part in parts), "address")
    told, address = frame.evaluate(state), page.url
    assert told == ["one", "errors:right", 0.3, 0.6, "slope", False]
    page.goto("about:blank")
    page.goto(address)
    frame = started(page)
    wait_until(page, lambda: frame.evaluate(state) == told, f"the view {told}")
    assert frame.evaluate("slidescope.map.getZoom()") == 15
    assert abs(frame.evaluate("slidescope.map.getCenter().lng") - 102.39) < 0.001
    frame.get_by_role("button", name="Copy link").click()
    said = frame.locator('[data-name="said"]')
    wait_until(page, lambda: "ink" in said.inner_text(), "an answer to Copy link")


def test_pointer_reads_every_factor_and_one_probability_a_side(chromium_page, two_runs):  # noqa: F811
    page, (_, scene, _) = chromium_page, two_runs
    frame = opened(page, two_runs)
    map_frame(page)
    lat, lng = place(scene, *PLACES[1])
    x, y = frame.evaluate(
        f"(() => {{const p = slidescope.map.latLngToContainerPoint([{lat}, {lng}]);"
        "return [p.x, p.y]})()"
    )
    box = page.locator("iframe").first.bounding_box()
    page.mouse.move(box["x"] + x + 2, box["y"] + y)
    page.mouse.move(box["x"] + x, box["y"] + y)
    values_ = frame.locator(".ss-values")
    wait_until(page, lambda: "Slope" in values_.inner_text(), "factors under the pointer")
    said = values_.inner_text()
    assert "Elevation" in said and " m" in said and "Lithology shale" not in said
    assert "Reference landslide" in said
    # The probabilities are read from the map, above: one figure a pixel.
    assert "FCADenseNet" not in said
    assert frame.locator(".ss-read").inner_text().count("p 0.") == 2


def test_base_map_is_asked_for_only_when_switched_on(chromium, two_runs):  # noqa: F811
    with browser.page_of(chromium) as page:
        frame = opened(page, two_runs)
        map_frame(page)
        assert page.outside == []
        frame.get_by_label("Online street map").check()
        wait_until(page, lambda: page.outside, "a request for the base map")
        assert all("https://tile.openstreetmap.org/" in url for url in page.outside)
        # No network: the map goes on.
        frame.get_by_role("slider", name="Threshold").fill("0.2")
        expect(frame.locator('[data-name="threshold-value"]')).to_have_text("0.200")
        frame.get_by_label("Online street map").uncheck()
        assert "online" not in page.url


def test_page_sends_the_map_to_a_place_once(chromium_page, two_runs):  # noqa: F811
    frame = opened(chromium_page, two_runs)
    there = "[[27.26, 102.38], [27.262, 102.383]]"
    frame.evaluate(f"slidescope.go({there})")
    # In view, though not in the middle, where the knob of the swipe lies.
    assert frame.evaluate(f"slidescope.map.getBounds().contains({there})")
    frame.evaluate("slidescope.map.panBy([200, 0], { animate: false })")
    moved = frame.evaluate("slidescope.map.getCenter().lng")
    frame.evaluate(f"slidescope.go({there})")
    assert frame.evaluate("slidescope.map.getCenter().lng") == moved
    frame.evaluate(f"slidescope.go(null); slidescope.go({there})")
    assert abs(frame.evaluate("slidescope.map.getCenter().lng") - 102.3815) < 0.001


def test_a_line_is_measured_and_a_place_is_found(chromium_page, two_runs):  # noqa: F811
    page, (_, scene, _) = chromium_page, two_runs
    frame = opened(page, two_runs)
    page.get_by_test_id("stButtonGroup").get_by_text("Measure", exact=True).click()
    card = frame.get_by_role("region", name="Measure")
    expect(card).to_contain_text("Click corner after corner of a line")
    found = frame.get_by_role("textbox", name="Go to latitude, longitude")
    found.fill("somewhere")
    found.press("Enter")
    expect(frame.locator(".ss-search")).to_contain_text("'somewhere' is no place: write latitude")
    x, y = scene.grid.affine * (PLACES[1][1] + 0.5, PLACES[1][0] + 0.5)
    found.fill(f"{x:.0f}, {y:.0f}")
    found.press("Enter")
    lat, lng = place(scene, *PLACES[1])
    frame.wait_for_function(f"Math.abs(slidescope.map.getCenter().lat - {lat}) < 0.0001")
    expect(frame.locator(".ss-search p")).to_have_text("")
    # Keys alone: a corner at the middle, another one 160 px of the screen to the right.
    frame.locator("#map_div").focus()
    page.keyboard.press("Space")
    frame.evaluate("slidescope.map.panBy([160, 0], { animate: false })")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("geodesic")
    said = card.locator("b").inner_text()
    drawer = page.locator(".st-key-compare_drawer")
    expect(drawer).to_contain_text(said.split("\u2009")[0])
    chart = drawer.locator(".js-plotly-plot")
    expect(chart).to_contain_text("Elevation, m")
    expect(chart).to_contain_text("Probability")
    assert chart.locator(".scatterlayer .trace").count() == 4
    assert abs(frame.evaluate("slidescope.map.getCenter().lng") - lng) > 1e-4
    # A click on the map begins anew.
    page.get_by_role("radio", name="Area").click()
    expect(card).to_contain_text("corner of an area")
    # Four maps are drawn on alike, from whichever a corner is put.
    frame.evaluate("slidescope.set('mode', 'grid')")
    frame.wait_for_function("slidescope.views.sheets.length === 4")
    frame.evaluate("""() => slidescope.views.sheets.slice(1).forEach(({ map }, i) => {
        const { lat, lng } = map.getCenter();
        map.fire("click", { latlng: L.latLng(lat + 0.001 * i, lng + 0.001 * i * i) });
    })""")
    # A halo, the polygon, three corners.
    frame.wait_for_function("""() => slidescope.views.sheets.every(
        (sheet) => sheet.map.getPane("ss-measured").querySelectorAll("path").length === 5)""")
    assert card.locator("b").inner_text().count("around it") == 1
