"""The demo plays to its end in a browser that reaches nothing but this machine."""

import pytest
from playwright.sync_api import expect

from pages.components import demo
from tests.browser import chromium, chromium_page, serving  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_demo_plays_to_its_end_and_keys_lead_it(
    chromium_page,  # noqa: F811
    tiny_scene,
    tiny_runs,
    workspace,
    monkeypatch,
):
    page, bar = chromium_page, chromium_page.locator(".st-key-demo_bar")
    monkeypatch.setenv(demo.FASTER, "2")
    with serving(workspace) as address:
        page.goto(address)
        page.get_by_role("button", name="Play demo").click()
        for number, step in enumerate(demo.STEPS, 1):
            page.wait_for_url(f"**/{step.url}**")
            expect(bar).to_contain_text(f"{number} of {len(demo.STEPS)}")
        expect(bar).to_contain_text("The end of the demo")
        assert "left=run" in page.url and "threshold=" in page.url
        page.frame_locator("iframe").first.locator(".ss-banner").wait_for()
        page.locator(".st-key-demo_bar p").first.click()  # out of the map, whose keys are its own
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(f"**/{demo.STEPS[1].url}**")
        page.wait_for_url(f"**/{demo.STEPS[2].url}**")  # from there it plays on
        expect(bar).to_contain_text("The end of the demo")
        page.frame_locator("iframe").first.locator(".ss-banner").wait_for()
        page.keyboard.press("Escape")
        expect(bar).to_have_count(0)
