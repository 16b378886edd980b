"""The server before strangers, in a real browser: names that point at this machine, other pages."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser import launched, needed, serving

pytestmark = pytest.mark.browser

# As a stranger's name server answers: his own names are this machine.
RESOLVED = (
    "--host-resolver-rules=MAP evil.test 127.0.0.1, MAP app.localhost 127.0.0.1, "
    "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
)
# New browsers ask before a page speaks to this machine; here nobody does, as in older ones.
UNGUARDED = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"
STREAM = """(address) => new Promise((answer) => {
  const socket = new WebSocket(address, ["streamlit"]);
  socket.onopen = () => answer("open");
  socket.onerror = () => answer("refused");
  setTimeout(() => answer("silence"), 10000);
})"""
READ = """(address) => fetch(address, {signal: AbortSignal.timeout(10000)}).then(
  (answer) => answer.text(), () => "nothing")"""


@pytest.fixture(scope="module")
def stranger(tmp_path_factory) -> Iterator[tuple]:
    """A page of a browser to which evil.test is this machine, and the port of a server."""
    needed()
    with (
        serving(tmp_path_factory.mktemp("served")) as address,
        launched(RESOLVED, UNGUARDED) as browser,
    ):
        page = browser.new_page()
        page.set_default_timeout(30_000)
        yield page, urlsplit(address).port


def test_a_name_that_points_here_opens_nothing(stranger):
    page, port = stranger
    for path in ("", "map-compare", "_stcore/health", "maps/outlines/tiny.json"):
        answer = page.goto(f"http://evil.test:{port}/{path}")
        assert answer.status == 403
        assert "does not answer to the name 'evil.test" in page.locator("body").inner_text()
    # A page that came from evil.test before the name pointed here takes our server for its own.
    own = f"http://evil.test:{port}"
    page.route(f"{own}/prize", lambda route: route.fulfill(body="<h1>prize</h1>"))
    page.goto(f"{own}/prize")
    said = page.evaluate(READ, f"{own}/maps/outlines/tiny.json")
    assert said.startswith("This server does not answer to the name 'evil.test")
    assert page.evaluate(STREAM, f"ws://evil.test:{port}/_stcore/stream") == "refused"


def test_another_page_neither_speaks_for_a_visitor_nor_frames_us(stranger):
    page, port = stranger
    page.route("http://evil.test/**", lambda route: route.fulfill(body="<h1>prize</h1>"))
    page.goto("http://evil.test/")
    assert page.evaluate(STREAM, f"ws://127.0.0.1:{port}/_stcore/stream") == "refused"
    page.set_content(f'<iframe src="http://127.0.0.1:{port}/"></iframe>')
    page.wait_for_timeout(1000)
    assert page.frames[1].url.startswith("chrome-error://")


def test_a_name_of_this_machine_opens_the_app(stranger):
    page, port = stranger
    page.goto(f"http://app.localhost:{port}/")
    page.get_by_text("No scene yet").wait_for()
