"""A real browser without a network, and the app on a port of its own: for benches, pictures and
browser tests."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
START_S = 90
# The bundled browser's own errands, and every host but this machine, are cut off.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
NONE = "no Chromium found: install Debian's 'chromium' or set CHROME_BIN"


def path() -> str | None:
    """Path of the browser: CHROME_BIN, else the system's Chromium; None where there is none."""
    found = (
        os.environ.get("CHROME_BIN") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    return found if found and Path(found).exists() else None


@contextmanager
def serving(
    workspace: Path,
    prepare: Callable[[str], None] | None = None,
    before: Sequence[str | Path] = (),
) -> Iterator[str]:
    """Start the app on a free port with `workspace`, yield its address, stop it at the end;
    `prepare` is told the address before the start, `before` is a command that the server's own
    follows."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command[:0] = map(str, before)
    environment = {**os.environ, "SLIDESCOPE_WORKSPACE": str(workspace)}
    workspace.mkdir(parents=True, exist_ok=True)
    if prepare:
        prepare(f"http://127.0.0.1:{port}")
    with open(workspace / "server.log", "w+b") as log:
        server = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(server, f"http://127.0.0.1:{port}/_stcore/health", workspace / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _wait(server: subprocess.Popen, address: str, log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the app did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def launched(*switches: str) -> Iterator:
    """Yield a browser, started with `switches` besides; pages of it: `page_of`."""
    from playwright import sync_api

    with sync_api.sync_playwright() as playwright:
        # The last of two that say the same counts.
        started = [*SWITCHES, *switches]
        browser = playwright.chromium.launch(executable_path=path(), args=started)
        yield browser
        browser.close()


@contextmanager
def page_of(browser, width: int = 1280, height: int = 720, **more: Any) -> Iterator:
    """Yield a page with memory of its own; requests beyond 127.0.0.1 are noted in `page.outside`;
    `more` is Playwright's, of a context."""
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    page = context.new_page()
    page.outside = []
    page.on("request", lambda request: _note(page.outside, request.url))
    page.set_default_timeout(60_000)
    try:
        yield page
    finally:
        context.close()


@contextmanager
def opened(width: int = 1280, height: int = 720) -> Iterator:
    """Yield a page of a browser of its own."""
    with launched() as browser, page_of(browser, width, height) as page:
        yield page


def _note(outside: list[str], url: str) -> None:
    local = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
    if not url.startswith(local):
        outside.append(url)


def map_frame(page):
    """The frame that the comparison's map lives in, once it has tiles on both sides."""
    page.locator("iframe").first.wait_for()
    frame = wait_until(
        page, lambda: next((f for f in page.frames if "st_folium" in f.url), None), "map frame"
    )
    frame.wait_for_function(
        "() => window.slidescope && ['left', 'right'].every((side) => {"
        "  const now = slidescope[side].current;"
        "  return now && Object.values(now._tiles).some((tile) => tile.el.values);"
        "})"
    )
    return frame


def wait_until(page, ask: Callable, what: str, timeout_s: float = 30.0):
    """Return the first true answer of `ask()`."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        page.wait_for_timeout(100)
    raise TimeoutError(f"waited {timeout_s:.0f} s in vain for: {what}")
