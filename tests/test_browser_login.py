"""Signing in with a provider, in a real browser: who looks, who trains, who deletes."""

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.browser import chromium, needed, page_of, serving  # noqa: F401
from tests.provider import provider, secrets_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROLES = """
default = "none"
[admin]
emails = ["ana@lab.test"]
[editor]
groups = ["landslides"]
[viewer]
emails = ["*@lab.test"]
"""
EVE = {"sub": "1", "email": "eve@lab.test", "email_verified": True}
BEN = {"sub": "2", "email": "ben@other.test", "groups": ["landslides"]}
ANA = {"sub": "3", "email": "Ana@lab.test"}
STRANGER = {"sub": "4", "email": "eve@lab.test", "email_verified": False}


@pytest.fixture(scope="module")
def login(tmp_path_factory, built) -> Iterator[tuple]:
    """Address of a server that people sign in to, with a scene and a damaged run; the provider and
    the workspace."""
    needed()
    folder, home = tmp_path_factory.mktemp("login"), tmp_path_factory.mktemp("home")
    shutil.copytree(built / "scenes", folder / "scenes")
    (folder / "runs" / "broken").mkdir(parents=True)
    (folder / "runs" / "broken" / "config.json").write_text("{")
    (home / "roles.toml").write_text(ROLES)
    with provider() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        patch.setenv("HOME", str(home))
        patch.setenv("SLIDESCOPE_ROLES", str(home / "roles.toml"))
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")

        def prepared(address: str) -> None:
            (home / ".streamlit").mkdir()
            (home / ".streamlit" / "secrets.toml").write_text(secrets_of(server, address))

        with serving(folder, prepared) as address:
            yield address, server, folder


def signed_in(page, login, claims) -> None:
    address, server, _ = login
    server.claims = claims
    page.goto(f"{address}/learn")
    page.get_by_role("button", name="Sign in").click()


def status(address: str, path: str) -> int:
    try:
        with urllib.request.urlopen(f"{address}/{path}", timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_who_has_not_signed_in_sees_nothing(login, chromium):  # noqa: F811
    address = login[0]
    with page_of(chromium) as page:
        page.goto(f"{address}/map-compare?scene=tiny")
        page.get_by_role("button", name="Sign in").wait_for()
        assert "tiny" not in page.locator("body").inner_text()
    for path in ("maps/outlines/tiny.json", "maps/tiles/scene/tiny/slope/14/1/1", "media/a.png"):
        assert status(address, path) == 403
    assert status(address, "_stcore/health") == 200


def test_an_address_that_the_provider_does_not_vouch_for_has_no_role(login, chromium):  # noqa: F811
    with page_of(chromium) as page:
        signed_in(page, login, STRANGER)
        page.get_by_text("nobody has given you a role").wait_for()


def test_a_viewer_sees_and_changes_nothing(login, chromium):  # noqa: F811
    address, _, _ = login
    with page_of(chromium) as page:
        signed_in(page, login, EVE)
        page.get_by_text("Role viewer").wait_for()
        page.goto(f"{address}/learn")
        page.get_by_text("Scene tiny (synthetic)").first.wait_for()
        assert page.get_by_role("button", name="Start training").is_disabled()
        # The browser brings the cookie along; the outlines are there.
        assert page.request.get(f"{address}/maps/outlines/tiny.json").status == 200
        upload = page.request.put(f"{address}/_stcore/upload_file/a/b", data="x")
        assert upload.status == 403 and "needs the role 'editor'" in upload.text()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign in").wait_for()
        assert page.request.get(f"{address}/maps/outlines/tiny.json").status == 403


@pytest.mark.sweep
def test_an_editor_trains_and_an_admin_deletes(login, chromium):  # noqa: F811
    address, _, folder = login
    with page_of(chromium) as page:
        signed_in(page, login, BEN)
        page.get_by_text("Role editor").wait_for()
        page.goto(f"{address}/learn")
        page.get_by_text("1 damaged item").wait_for()
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        page.get_by_text("1 damaged item").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        assert page.get_by_role("button", name="Delete for good").is_disabled()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Start training").click()
        # Not Streamlit's own "Stop", which is there while a page is drawn.
        main = page.get_by_test_id("stMainBlockContainer")
        main.get_by_role("button", name="Stop", exact=True).click()
    with page_of(chromium) as page:
        signed_in(page, login, ANA)
        page.get_by_text("Role admin").wait_for()
        page.goto(f"{address}/learn")
        page.get_by_text("1 damaged item").wait_for()
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        page.get_by_text("1 damaged item").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("button", name="Delete for good").click()
        page.get_by_text("1 damaged item").wait_for(state="detached")
    assert not (folder / "runs" / "broken").exists()
    noted = [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]
    done = {(each["who"], each["action"]) for each in noted if each["result"] == "done"}
    assert {("ben@other.test", "start train"), ("Ana@lab.test", "delete run")} <= done
