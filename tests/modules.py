"""Calls the map's modules in a real browser: the fixtures `modules`, and `chromium` that it
stands on, are imported where they are used."""

from collections.abc import Iterator
from typing import Any

import pytest

from bench.browser import page_of
from core.maps import frontend
from tests.browser import chromium  # noqa: F401

# Nothing listens there: the answers below come first.
HOST = "http://127.0.0.1:9"
BODY = """async ({ host, given }) => {
  const load = (name) => import(`${host}/${name}.js`);
  %s
}"""
CALL = "async ([file, name, given]) => (await import(file))[name](...given)"


class Modules:
    """`modules("numbers").number(1234, 100)` calls what core/maps/assets/numbers.js exports, with
    JSON in and out, in a page that has neither Leaflet nor a map."""

    def __init__(self, page):
        self._page = page

    def __call__(self, name: str) -> "Module":
        return Module(self._page, f"{HOST}/{name}.js")

    def run(self, script: str, given: Any = None) -> Any:
        """What the body of an async function returns; in it `load(name)` imports a module."""
        return self._page.evaluate(BODY % script, {"host": HOST, "given": given})


class Module:
    """A module by its address."""

    def __init__(self, page, address: str):
        self._page, self._address = page, address

    def __getattr__(self, name: str):
        return lambda *given: self._page.evaluate(CALL, [self._address, name, list(given)])


@pytest.fixture(scope="module")
def modules(chromium) -> Iterator[Modules]:  # noqa: F811
    with page_of(chromium) as page:
        page.route(f"{HOST}/**", _answer)
        page.goto(f"{HOST}/")
        yield Modules(page)
        assert page.outside == []


def _answer(route) -> None:
    name = route.request.url.rpartition("/")[2]
    if not name:
        route.fulfill(body="<!doctype html>", content_type="text/html")
    elif name not in frontend.FILES:
        route.fulfill(status=404, body=name)
    else:
        route.fulfill(body=frontend.FILES[name], content_type=frontend.TYPES[".js"])
