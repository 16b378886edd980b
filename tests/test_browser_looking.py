"""Who only looks, in a real browser: a read-only server with a workspace in which every free text
is a trap. All pages show, no hand finds a way to change anything, and no text is more than text."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.analysis.request import FactorsRequest
from core.export import exporting
from core.jobs.report import silent
from core.review.queue import Asked, queue
from core.runs import store as runs
from core.scene import store as scenes
from core.workflows import factors
from tests import browser, canary, full_workspace
from tests.browser import chromium  # noqa: F401
from tests.page import PAGES as NAMES
from tests.test_browser_app import BROKEN, PAGES, settled
from tests.test_page_allowed import CHANGING, OPENED

# A minute of clicking: `test_page_allowed` asks the same of every page without a browser.
pytestmark = [pytest.mark.browser, pytest.mark.sweep]

ADDRESSES = dict(zip(NAMES, ("overview", *list(PAGES)[2:])))
# What only this tab says; of pages without one the page's word does.
IN_TAB = {"export": "Export a map", "experiment": "Run a paired experiment"}
# What of a workspace the server writes without being asked.
OURS = ("logs", "cache", "server.log")
# Seals a folder off in a namespace of mounts that ends with the process, then runs what follows.
SEALED = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
BY_HAND = """async ([method, path]) => {
  const answer = await fetch(path, { method, body: "x" });
  return [answer.status, await answer.text()];
}"""
# What the browser would follow or fetch.
LEADING = """(address) => [...document.querySelectorAll("*")].flatMap((element) =>
  [...element.attributes]
    .filter(({ value }) => value.includes(address))
    .filter(({ name }) => /^(src|srcset|href|xlink:href|action|style|poster|data)$/.test(name))
    .map(({ name, value }) => `${element.tagName} ${name}=${value}`))"""


def state(folder: Path) -> dict[str, str]:
    found = (str(p.relative_to(folder)) for p in sorted(folder.rglob("*")) if p.is_file())
    kept = (name for name in found if not name.startswith(OURS))
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in kept}


@dataclass
class Seen:
    """What a visitor met: `said` each place; buttons that change something, `resting` or
    `pressable`; `leading` elements that name the trap's address, `calls` that came there; `by_hand`
    what requests that no page makes were answered; the workspace's files `before` and `after`."""

    said: dict[str, str] = field(default_factory=dict)
    resting: list[str] = field(default_factory=list)
    pressable: list[str] = field(default_factory=list)
    leading: list[str] = field(default_factory=list)
    by_hand: list[tuple] = field(default_factory=list)
    calls: list[bytes] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)


def trapped(folder: Path, out: Path, address: str) -> str:
    """Fill a workspace, set the traps, write its reports; return the run that is looked at."""
    full_workspace.make(folder, full_workspace.Size(runs=2, scenes=1, jobs=1, experiments=1))
    run, scene = runs.runs()[0], scenes.load(full_workspace.scene_name(0))
    status = folder / "jobs" / full_workspace.job_name(0) / "status.json"
    status.write_text(json.dumps({**json.loads(status.read_text()), "state": "failed"}))
    (run.path / "loaded.json").write_text('{"source": "", "when": "2026-11-01"}')
    (run.path / "notes.json").write_text('{"name": "", "notes": [{"at": "", "text": ""}]}')
    canary.plant(folder, address)
    found = queue(Asked(run, scene, 0.5))
    canary.decide(scene, run.id, found[0].item.key, address)
    exporting.export(runs.load(run.id), scenes.load(scene.name), out / "map")
    factors.run(FactorsRequest(scene.name, report=str(out / "factors.html")), silent)
    return run.id


@pytest.fixture(scope="module")
def seen(tmp_path_factory, chromium) -> Iterator[Seen]:  # noqa: F811
    """One walk through all that is shown: starting a server takes longer than looking around. The
    policy that would stop a call is off: it is the second lock, and here the first is tried."""
    folder, out = tmp_path_factory.mktemp("looking"), tmp_path_factory.mktemp("out")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        trap, calls = stack.enter_context(canary.listening())
        run_id = trapped(folder, out, trap)
        patch.setenv("SLIDESCOPE_READONLY", "1")
        found = Seen(calls=calls, before=state(folder))
        address = stack.enter_context(browser.serving(folder))
        page = stack.enter_context(browser.page_of(chromium, bypass_csp=True))
        for name, tab in (each for each in OPENED if each[0] != "compare"):
            place = ADDRESSES[name]
            page.goto(f"{address}/{place}?run={run_id}&tab={tab}")
            page.get_by_text(IN_TAB.get(tab) or PAGES[place]).first.wait_for()
            if tab == "export":  # its button stands below its words
                page.get_by_role("button", name="Export", exact=True).wait_for()
            _note(page, (name, tab), settled(page), found, trap)
        _look_at_the_map(page, f"{address}/map-compare?area=all&right=run:{run_id}", found, trap)
        for file in sorted(out.rglob("*.html")):
            page.goto(file.as_uri())
            _note(page, file.name, page.locator("body").inner_text(), found, trap)
        found.after = state(folder)
        met = len(calls)
        page.goto(f"{address}/overview")
        page.evaluate("(address) => fetch(address).catch(() => 0)", f"http://{trap}/")
        assert len(calls) == met + 1, "the listener hears nothing"
        calls.pop()
        yield found


def _note(page, place: str | tuple[str, str], said: str, found: Seen, trap: str) -> None:
    name = place if isinstance(place, str) else " ".join(place).strip()
    found.said[name] = said
    for label in CHANGING.get(place, ()):
        for button in page.get_by_role("button", name=label, exact=True).all():
            (found.resting if button.is_disabled() else found.pressable).append(label)
    found.leading += [f"{name}: {each}" for f in page.frames for each in f.evaluate(LEADING, trap)]


def _look_at_the_map(page, address: str, found: Seen, trap: str) -> None:
    """Compare: what is under the pointer, the panels of objects and of the review; and requests by
    hand."""
    page.goto(address)
    frame = browser.map_frame(page)
    _note(page, ("compare", ""), settled(page), found, trap)
    frame.get_by_label("Base").select_option("lithology")
    frame.get_by_role("button", name="Scores and curves").click()
    box = page.locator("iframe").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5)
    frame.locator(".ss-values").get_by_text("Lithology").wait_for()
    _note(page, "map", frame.locator("body").inner_text(), found, trap)
    for tab, words in (("Objects", "by area × mean probability"), ("Review", "false objects,")):
        page.get_by_role("radio", name=tab).click()
        if tab == "Objects":
            page.get_by_role("radio", name="False").click()
        page.get_by_text(words).wait_for()
        settled(page)
        browser.choose_first(page)
        page.get_by_text("Why here?").wait_for()
        settled(page)
        _note(page, tab, page.locator(".st-key-compare_drawer").inner_text(), found, trap)
    for method in ("PUT", "POST", "PATCH", "DELETE"):
        for path in ("/_stcore/upload_file/a/b", "/maps/outlines/tiny.json", "/"):
            found.by_hand.append((method, path, *page.evaluate(BY_HAND, [method, path])))


def test_every_page_shows_and_says_that_it_is_read_only(seen):
    for place in OPENED:
        said = seen.said[" ".join(place).strip()]
        assert "Read-only" in said and not BROKEN.search(said), place


def test_nothing_can_be_changed_by_a_click_or_by_hand(seen):
    assert set(seen.resting) >= {"Start training", "Pin", "Export"}
    assert seen.pressable == []
    assert len(seen.by_hand) == 12
    for method, path, status, told in seen.by_hand:
        assert status == 403 and told.startswith("This SlideScope is read-only:"), (method, path)
    assert seen.after == seen.before


def test_no_text_of_files_and_people_calls_or_leads_anywhere(seen):
    assert seen.calls == []
    assert seen.leading == []
    # They were there: every place showed some as the text that it is.
    places = {name for name, said in seen.said.items() if "<img src=http" in said}
    assert places >= {
        "scene",
        "results experiment",
        "map",
        "Objects",
        "Review",
        "report.html",
        "factors.html",
    }


def test_a_workspace_that_the_system_makes_read_only_shows_on_every_page(
    tmp_path,
    built,
    monkeypatch,
    chromium,  # noqa: F811
):
    """Nobody said so: the server finds out."""
    monkeypatch.delenv("SLIDESCOPE_READONLY", raising=False)
    folder = tmp_path / "workspace"
    shutil.copytree(built, folder)
    sealed = ("unshare", "--map-root-user", "--mount", "sh", "-c", SEALED, folder)
    if subprocess.run([*sealed, "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounts of one's own need Linux's unshare, which is not allowed here")
    before = state(folder)
    with (
        browser.serving(folder, before=sealed) as address,
        browser.page_of(chromium) as page,
    ):
        for name, place in ADDRESSES.items():
            page.goto(f"{address}/{place}?run=tiny-fcadensenet-rs-made-up")
            page.get_by_text(PAGES[place]).first.wait_for()
            assert not BROKEN.search(settled(page)), name
        page.goto(f"{address}/learn?run=tiny-fcadensenet-rs-made-up")
        page.get_by_role("button", name="Pin", exact=True).click()
        page.get_by_text("cannot be written to").first.wait_for()
    assert state(folder) == before
