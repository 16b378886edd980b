"""The story a user lives: import through the page, train, reload, compare RS with RS-DR."""

import re

import pytest

from core.jobs import store as jobs
from core.runs import store as runs
from core.scene import store as scenes
from tests.browser import app_server, chromium, chromium_page, map_frame, wait_until  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAME = "from-the-page"


def test_import_train_reload_compare(tiny_runs, app_server, chromium_page):  # noqa: F811
    page = chromium_page
    _import_the_example(page, app_server)
    assert scenes.load(NAME).synthetic
    _train(page, app_server)
    page.reload()
    page.get_by_text(re.compile("Train FCADenseNet", re.IGNORECASE)).first.wait_for()
    page.get_by_text(re.compile("graph|training tiles|epoch", re.IGNORECASE)).first.wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    wait_until(page, lambda: not jobs.active(), "the training to stop", 180)
    assert runs.runs(NAME)[0].state == "stopped"
    _toggle_datasets(page, app_server)


def _import_the_example(page, address: str) -> None:
    page.goto(f"{address}/scene-setup")
    page.get_by_test_id("stButtonGroup").get_by_text("Import", exact=True).click()
    page.get_by_role("button", name="Use the example rasters (synthetic)").click()
    name = page.get_by_label("Name of the scene")
    name.wait_for()
    name.fill(NAME)
    name.press("Enter")
    start = page.get_by_role("button", name="Start import")
    wait_until(page, start.is_enabled, "a plan without a problem", 60)
    start.click()
    wait_until(page, lambda: NAME in scenes.names(), "the import to end", 120)
    page.get_by_text(f"Scene {NAME}").first.wait_for()


def _train(page, address: str) -> None:
    page.goto(f"{address}/learn?scene={NAME}")
    page.get_by_role("button", name="Start training").click()
    wait_until(page, lambda: bool(jobs.jobs("train")), "the job", 30)
    wait_until(page, lambda: bool(runs.runs(NAME)), "the run's configuration", 90)


def _toggle_datasets(page, address: str) -> None:
    page.goto(f"{address}/map-compare?scene=tiny")
    map_frame(page)
    cards = page.get_by_test_id("stMetric")
    cards.nth(5).wait_for()
    before = cards.all_inner_texts()
    datasets = page.get_by_test_id("stButtonGroup")
    for other in ("RS", "RS-DR"):
        datasets.get_by_text(other, exact=True).click()
        changed = wait_until(
            page, lambda b=before: _texts_unless(cards, b), f"cards of {other}", 30
        )
        before = changed


def _texts_unless(cards, before: list[str]) -> list[str] | None:
    now = cards.all_inner_texts()
    return now if len(now) == 6 and now != before else None
